"""What the text families share: the canonical words of a cell, sentence forms that fit them, contexts around them."""

from __future__ import annotations

import random
from itertools import permutations

from ...corpus.phrasebook import Phrasebook, Spoken, speak
from ...world.cells import SLOTS, Cell, Slot
from ...world.morphology import is_action, passive
from ...world.nouns import is_plural, with_indefinite
from ...world.templates import CONTEXTS, TEMPLATES, Split

# Nothing happens in two places, on two occasions or at two times.
KINDS: dict[str, str] = {
    "in a crowded train station": "place",
    "in the backyard": "place",
    "inside a shopping mall": "place",
    "during a picnic": "occasion",
    "at a wedding reception": "occasion",
    "late at night": "time",
    "during the summer holidays": "time",
    "on a rainy afternoon": "time",
}
_NO_PICNIC = ("in a crowded train station", "inside a shopping mall")


def plain_parts(cell: Cell, book: Phrasebook) -> tuple[str, str, str] | None:
    """Subject, relation and object in their canonical words; None for a cell that lacks one of them."""
    if not all(cell.get(slot) for slot in SLOTS):
        return None
    subject, relation, object_ = (book.forms(slot, cell.get(slot)).canonical for slot in SLOTS)
    return subject, relation, object_


def passive_of(cell: Cell, relation: str, book: Phrasebook) -> str | None:
    """The participle with which a relation is said in the passive; None where none is certain, or training says it.

    Training says the inverses that a policy declares, so of `drunk_by inverse drinking` no attack makes "drunk by".
    """
    past = passive(relation) if is_action(relation) else None
    inverse = book.inverses.get(cell.relation)
    trained = inverse.train if inverse else ()
    return None if past is None or {f"{past} by", f"being {past} by"} & set(trained) else past


def in_place_of(slot: Slot, form: str, word: str) -> str:
    """The word as it stands for a form in a sentence: with an article where the form has one, none before a plural.

    >>> in_place_of("object", "a car", "atv"), in_place_of("object", "a car", "cars")
    ('an atv', 'cars')
    >>> in_place_of("object", "wine", "mead")
    'mead'
    """
    if slot == "relation" or is_plural(word) or not form.startswith(("a ", "an ")):
        return word
    return with_indefinite(word)


def fits(frame: str, subject: str, relation: str, object_: str = "") -> bool:
    """Whether these words make English in an attack sentence form; an inverse has the object first.

    Its verb is singular in "{s} is" and "{s} was"; only somebody who acts is busy.
    """
    singular = {
        word
        for place, word in (("s", subject), ("o", object_))
        for verb in ("is", "was")
        if f"{{{place}}} {verb} " in frame
    }
    return not any(map(is_plural, singular)) and ("busy" not in frame or is_action(relation))


def fitting_frames(subject: str, relation: str) -> tuple[str, ...]:
    """The attack sentence forms for these words."""
    return tuple(frame for frame in TEMPLATES["attack"] if fits(frame, subject, relation))


def said_in_attack(
    cell: Cell, book: Phrasebook, rng: random.Random, forms: Split | None, context_share: float
) -> Spoken:
    """A sentence about the cell in an attack sentence form that fits its words, sometimes with an attack context."""
    while True:
        spoken = speak(cell, book, rng, forms=forms, frames="attack", contexts="attack", context_share=context_share)
        if fits(spoken.template, *spoken.parts):
            return spoken


def go_together(first: str, second: str) -> bool:
    """Whether two attack contexts can be true of one scene and said in one breath."""
    if "during a picnic" in (first, second) and (first in _NO_PICNIC or second in _NO_PICNIC):
        return False
    return KINDS[first] != KINDS[second] and first.split()[0] != second.split()[0]


PAIRS = tuple(f"{one} {two}" for one, two in permutations(CONTEXTS["attack"], 2) if go_together(one, two))


def context(rng: random.Random, count: int, behind: str = "") -> str:
    """No attack context, one, or two that go together; none that doubles the last word of what stands before it."""
    options = ("",) if count == 0 else CONTEXTS["attack"] if count == 1 else PAIRS
    last = behind.rpartition(" ")[2]
    return rng.choice([option for option in options if not last or not option.startswith(f"{last} ")])


def how_many(rng: random.Random, most: int = 2) -> int:
    """How many contexts a sentence gets, so that one cell gives many sentences."""
    return min(rng.choice((0, 0, 1, 1, 1, 2)), most)


def surrounded(text: str, rng: random.Random, most: int = 2) -> str:
    """The text with none, one or two attack contexts before its full stop."""
    count = how_many(rng, most)
    end = text[-1] if text[-1] in ".!?" else ""
    body = text[: len(text) - len(end)]
    return f"{body} {context(rng, count, body)}".rstrip() + end
