"""Captions as people write them: one form per slot, a sentence form, sometimes an adjective and a context."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ..world.cells import SLOTS, Cell, Slot
from ..world.lexicon import WIDER_FORMS, WORDS, word
from ..world.templates import ADJECTIVES, CONTEXTS, TEMPLATES, Split

CONTEXT_SHARE = 0.6
ADJECTIVE_SHARE = 0.25
CANONICAL_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Caption:
    """A sentence and the leaves that each slot may stand for; None where the slot is not spoken of."""

    text: str
    leaves: tuple[frozenset[str] | None, frozenset[str] | None, frozenset[str] | None]

    def describes(self, cell: Cell) -> bool:
        """True where the sentence is true of a picture of that cell."""
        return all(
            allowed is None or cell.get(slot) in allowed for slot, allowed in zip(SLOTS, self.leaves, strict=True)
        )


def compose(template: str, subject: str, relation: str, object_: str, context: str = "") -> str:
    """One sentence from its parts; parts that are empty leave no double spaces.

    >>> compose("a photo of {s} {r} {o}", "a child", "drinking", "wine", "at home")
    'a photo of a child drinking wine at home'
    """
    text = template.format(s=subject, r=relation, o=object_)
    return " ".join(f"{text} {context}".split())


def with_adjective(form: str, rng: random.Random) -> str:
    """The form with a harmless adjective behind its article; forms without an article stay as they are."""
    article, _, rest = form.partition(" ")
    if article not in ("a", "an") or not rest:
        return form
    adjective = rng.choice(ADJECTIVES)
    return f"{'an' if adjective[0] in 'aeiou' else 'a'} {adjective} {rest}"


def sample_form(slot: Slot, name: str, split: Split, rng: random.Random) -> str:
    """A surface form of one lexicon leaf from the split; train draws the canonical form more often."""
    entry = word(slot, name)
    if entry is None:
        raise KeyError(f"{name!r} is no {slot} of the built-in world")
    if split == "train":
        form = rng.choice([entry.canonical] * CANONICAL_WEIGHT + list(entry.train))
    else:
        form = rng.choice(entry.attack if split == "attack" else entry.select)
    if split == "train" and slot != "relation" and rng.random() < ADJECTIVE_SHARE:
        return with_adjective(form, rng)
    return form


def sample_caption(
    cell: Cell, rng: random.Random, forms: Split = "train", frames: Split = "train", wider: float = 0.0
) -> Caption:
    """A caption of the cell; with probability `wider` a slot is told by a wider name ("a person")."""
    parts: dict[Slot, str] = {}
    leaves: list[frozenset[str] | None] = []
    for slot in SLOTS:
        name = cell.get(slot)
        if not name:
            parts[slot] = ""
            leaves.append(None)
            continue
        parts[slot] = sample_form(slot, name, forms, rng)
        leaves.append(frozenset({name}))
        if wider and rng.random() < wider:
            options = [(form, names) for form, names in WIDER_FORMS[slot] if name in names]
            if options:
                parts[slot], names = rng.choice(options)
                leaves[-1] = frozenset(names)
    template = rng.choice(TEMPLATES[frames]) if cell.relation and cell.subject else "{s} {r} {o}"
    if cell.subject and cell.object and not cell.relation:
        template = rng.choice(("{s} and {o}", "{s} with {o}", "{s} near {o}"))
    context = rng.choice(CONTEXTS[frames]) if rng.random() < CONTEXT_SHARE else ""
    text = compose(template, parts["subject"], parts["relation"], parts["object"], context)
    return Caption(text, (leaves[0], leaves[1], leaves[2]))


def world_cells() -> tuple[Cell, ...]:
    """All whole cells of the built-in world, in a fixed order."""
    return tuple(
        Cell(s.name, r.name, o.name) for s in WORDS["subject"] for r in WORDS["relation"] for o in WORDS["object"]
    )
