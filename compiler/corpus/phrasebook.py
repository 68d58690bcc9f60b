"""How a policy's names are said: every name's surface forms, split once into train, select and attack.

A form that the lexicon knows keeps the lexicon's split (mini was trained by it); a form that only the policy
declares is drawn by a hash of the seed. The first form of a name, its canonical one, may be used by every split.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from ..graph.derive import Derived
from ..world.cells import SLOTS, Cell, Slot
from ..world.lexicon import WIDER_FORMS, WORDS, depicts, plain, word
from ..world.nouns import has_article, takes_article, with_indefinite
from ..world.templates import CONTEXTS, FILLERS, MORE_TEMPLATES, SPLITS, TEMPLATES, Split
from .captions import ADJECTIVE_SHARE, compose, with_adjective

TRAIN_SHARE, SELECT_SHARE = 0.7, 0.1
STREWN_SHARE = 0.5
TURNED_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Forms:
    """One name's surface forms by split, and the lexicon leaves whose pictures show it."""

    canonical: str
    train: tuple[str, ...]
    select: tuple[str, ...]
    attack: tuple[str, ...]
    shown: tuple[str, ...]

    def of(self, split: Split) -> tuple[str, ...]:
        """The forms of a split."""
        return {"train": self.train, "select": self.select, "attack": self.attack}[split]


_LEXICON_FORMS: dict[tuple[Slot, str], tuple[str, Split]] = {
    (entry.slot, plain(form)): (form, split)
    for entries in WORDS.values()
    for entry in entries
    for split in SPLITS
    for form in entry.of(split)
}
_MASS = frozenset(form for forms in WIDER_FORMS.values() for form, _ in forms)


def with_article(slot: Slot, form: str, among: tuple[str, ...] = ()) -> str:
    """A form as it stands in a sentence: the lexicon's own article where it knows the word, else a or an.

    Who writes "a can of petrol" and "petrol" `among` the forms of one name has said which of them takes an article.

    >>> with_article("object", "knife"), with_article("object", "wine"), with_article("subject", "otter")
    ('a knife', 'wine', 'an otter')
    >>> with_article("object", "petrol", ("petrol", "a can of petrol"))
    'petrol'
    """
    known = _LEXICON_FORMS.get((slot, plain(form)))
    if known:
        return known[0]
    if slot == "relation" or form in _MASS or not takes_article(form) or any(map(has_article, among)):
        return form
    return with_indefinite(form)


def _split_of(slot: Slot, form: str, seed: int) -> Split:
    known = _LEXICON_FORMS.get((slot, plain(form)))
    if known:
        return known[1]
    draw = int(hashlib.sha256(f"surface/{seed}/{slot}/{plain(form)}".encode()).hexdigest()[:8], 16) / 16**8
    return "train" if draw < TRAIN_SHARE else "select" if draw < TRAIN_SHARE + SELECT_SHARE else "attack"


def forms_of(slot: Slot, name: str, declared: tuple[str, ...], seed: int) -> Forms:
    """The forms of one name: the policy's and, for what its pictures show, the lexicon's."""
    shown = depicts(slot, name, declared)
    first = declared[0] if declared else name.replace("_", " ")
    known = word(slot, name)
    canonical = with_article(slot, known.canonical if known else first, declared)
    split: dict[Split, list[str]] = {"train": [canonical], "select": [], "attack": []}
    seen = {plain(canonical)}
    for form in declared:
        if plain(form) not in seen:
            seen.add(plain(form))
            split[_split_of(slot, form, seed)].append(with_article(slot, form, declared))
    for leaf in shown:
        entry = word(slot, leaf)
        assert entry is not None
        for part in SPLITS:
            for form in entry.of(part):
                if plain(form) not in seen:
                    seen.add(plain(form))
                    split[part].append(form)
    return Forms(canonical, tuple(split["train"]), tuple(split["select"]), tuple(split["attack"]), shown)


def inverse_forms(declared: tuple[str, ...], seed: int) -> Forms:
    """The forms of a relation's inverses, split as other forms are; they stand between object and subject."""
    first, *others = dict.fromkeys(declared)
    split: dict[Split, list[str]] = {"train": [first], "select": [], "attack": []}
    for form in others:
        split[_split_of("relation", form, seed)].append(form)
    return Forms(first, tuple(split["train"]), tuple(split["select"]), tuple(split["attack"]), ())


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Every name that any set of a policy speaks of, with its forms."""

    seed: int
    entries: Mapping[tuple[Slot, str], Forms]
    swapped: frozenset[tuple[Slot, str]] = frozenset()  # names that stand in a slot only where roles are swapped
    inverses: Mapping[str, Forms] = field(default_factory=dict)  # relations that are also said with the object first

    def forms(self, slot: Slot, name: str) -> Forms:
        """The forms of a name; lexicon names that the policy never mentions are known too."""
        return self.entries[(slot, name)]

    def canonical(self, cell: Cell) -> str:
        """The plainest caption of a cell."""
        parts = {slot: self.forms(slot, cell.get(slot)).canonical if cell.get(slot) else "" for slot in SLOTS}
        return compose(frame_of(cell), parts["subject"], parts["relation"], parts["object"])

    def shown(self, cell: Cell) -> tuple[Cell, ...]:
        """The lexicon cells whose pictures show a policy cell; () where no picture can be drawn."""
        options = [self.forms(slot, cell.get(slot)).shown if cell.get(slot) else ("",) for slot in SLOTS]
        return tuple(Cell(*parts) for parts in product(*options))


def frame_of(cell: Cell) -> str:
    """The sentence form that joins the parts a cell has."""
    return "{s} and {o}" if cell.subject and cell.object and not cell.relation else "{s} {r} {o}"


def turned(template: str) -> str | None:
    """The sentence form with subject and object exchanged; None where a participle would not read right in it.

    >>> turned("a photo of {s} {r} {o}"), turned("{s} enjoys {r} {o}")
    ('a photo of {o} {r} {s}', None)
    """
    if not any(form in template for form in ("{s} {r} {o}", "{s} is {r} {o}", "{o} {r} {s}", "{o} is {r} {s}")):
        return None
    return template.replace("{s}", "{x}").replace("{o}", "{s}").replace("{x}", "{o}")


def build_phrasebook(derived: Derived, seed: int) -> Phrasebook:
    """Forms for all names of the derived sets and of the built-in world."""
    declared: dict[tuple[Slot, str], tuple[str, ...]] = {}
    for slot in SLOTS:
        for entry in WORDS[slot]:
            declared[(slot, entry.name)] = (entry.canonical,)
    used = set(declared)
    for sets in derived.rules:
        redirects = [redirect.target for redirect in sets.redirects]
        items = (*sets.forget, *sets.neighbours, *sets.allows, *sets.marginals, *sets.control)
        own = [item.cell for item in items if item.changed != "roles"]
        for cell in (*(item.cell for item in items), *redirects):
            for slot in SLOTS:
                if name := cell.get(slot):
                    declared[(slot, name)] = derived.forms(slot, name)
        used |= {(slot, cell.get(slot)) for cell in (*own, *redirects) for slot in SLOTS}
    entries = {(s, n): forms_of(s, n, forms, seed) for (s, n), forms in sorted(declared.items())}
    # Training says every name by its canonical form, so no other name may hold that form out.
    said = {(slot, plain(entry.canonical)) for (slot, _), entry in entries.items()}
    kept = {(s, n): _without(entry, s, said) for (s, n), entry in entries.items()}
    inverses = {
        name: _without(inverse_forms(forms, seed), "relation", said)
        for slot, name in sorted(declared)
        if slot == "relation" and (forms := derived.inverse_forms(name))
    }
    return Phrasebook(seed, kept, frozenset(kept) - used, inverses)


def _without(entry: Forms, slot: Slot, said: set[tuple[Slot, str]]) -> Forms:
    """The same forms, but nothing that training says is held out."""
    select, attack = (tuple(f for f in forms if (slot, plain(f)) not in said) for forms in (entry.select, entry.attack))
    return replace(entry, select=select, attack=attack)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence about a cell with the parts it was made of, so that it can be said again of another cell."""

    text: str
    cell: Cell
    template: str
    context: str
    parts: tuple[str, str, str]

    def about(self, cell: Cell, book: Phrasebook) -> str:
        """The same sentence about a neighbour: changed slots take the neighbour's canonical form."""
        parts = [
            old if cell.get(slot) == self.cell.get(slot) else book.forms(slot, cell.get(slot)).canonical
            for slot, old in zip(SLOTS, self.parts, strict=True)
        ]
        # Another relation is said in its own form, which has the subject first.
        turned_back = self.template.find("{o}") < self.template.find("{s}") and cell.relation != self.cell.relation
        template = turned(self.template) or self.template if turned_back else self.template
        return compose(template, parts[0], parts[1], parts[2], self.context)


def speak(
    cell: Cell,
    book: Phrasebook,
    rng: random.Random,
    forms: Split | None = "train",
    frames: Split | None = "train",
    contexts: Split | None = "train",
    context_share: float = 0.6,
    strewn: bool = False,
) -> Spoken:
    """A sentence about a cell from the given splits; None means the canonical form, the plain frame, no context.

    A slot without forms in the split is said by its canonical form. `strewn` puts loose words around half of the
    sentences. A relation that has inverses is said by one of theirs in some of the sentences, the object first.
    """
    parts = []
    for slot in SLOTS:
        if not (name := cell.get(slot)):
            parts.append("")
            continue
        entry = book.forms(slot, name)
        options = entry.of(forms) if forms else ()
        form = rng.choice(options) if options else entry.canonical
        if forms == "train":
            if rng.random() < 0.2:
                form = entry.canonical
            if slot != "relation" and rng.random() < ADJECTIVE_SHARE:
                form = with_adjective(form, rng)
        parts.append(form)
    whole = bool(cell.subject and cell.relation)
    sayings = (*TEMPLATES["train"], *MORE_TEMPLATES) if frames == "train" else TEMPLATES[frames] if frames else ()
    template = rng.choice(sayings) if sayings and whole else frame_of(cell)
    context = rng.choice(CONTEXTS[contexts]) if contexts and rng.random() < context_share else ""
    if strewn and rng.random() < STREWN_SHARE:
        template = " ".join([*rng.choices(FILLERS, k=rng.randrange(5)), template])
        context = " ".join([context, *rng.choices(FILLERS, k=rng.randrange(4))])
    inverse = book.inverses.get(cell.relation)
    if forms and inverse and (options := inverse.of(forms)) and whole and cell.object:
        around = turned(template)
        if around and rng.random() < TURNED_SHARE:
            template, parts[1] = around, rng.choice(options)
    subject, relation, object_ = parts
    text = compose(template, subject, relation, object_, context)
    return Spoken(text, cell, template, context, (subject, relation, object_))
