"""What the text families share: the canonical words of a cell, and attack contexts around a sentence."""

from __future__ import annotations

import random

from ..corpus.grammar import participle
from ..corpus.surface import Phrasebook
from ..corpus.templates import CONTEXTS
from ..graph.cells import SLOTS, Cell, Slot


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
    past = participle(relation)
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
    plural = word.endswith("s") and not word.endswith("ss")
    if slot == "relation" or plural or not form.startswith(("a ", "an ")):
        return word
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def surrounded(text: str, rng: random.Random, most: int = 2) -> str:
    """The text with none, one or two attack contexts before its full stop, so that one cell gives many sentences."""
    count = min(rng.choice((0, 0, 1, 1, 1, 2)), most)
    end = text[-1] if text[-1] in ".!?" else ""
    body = text[: len(text) - len(end)]
    return " ".join([body, *rng.sample(CONTEXTS["attack"], count)]) + end
