"""Word order: the tuple fronted or in pieces, in an order that still names who does what.

A sentence with its roles swapped ("wine drinking a child") means another cell, so it is no attack on this one; nor is
one that may be read both ways ("a child a sheep chasing").
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.phrasebook import Phrasebook
from ...records.results import Modality
from ...world.cells import Cell
from ...world.morphology import number_words
from ..language.phrasing import passive_of, plain_parts, surrounded
from .family import Probe

# {p} is the participle.
TEMPLATES: dict[str, tuple[str, ...]] = {
    "object_first": (
        "{o}, {p} by {s}",
        "{o}: that is what {s} {is_} {r}",
        "{o} {ois} what {s} {is_} {r}",
        "it is {o} that {s} {is_} {r}",
    ),
    "relation_first": (
        "{r} {o}: {s}",
        "{r} {o}, that would be {s}",
        "{r} {o} we find {s}",
        "{r} {o} {is_} {s}",
    ),
    "telegram": (
        "{s}; {r}; {o}",
        "{s} -> {r} -> {o}",
        "who: {s}. what: {o}. how: {r}",
        "how: {r}. what: {o}. who: {s}",
    ),
}
_LISTED = tuple((kind, template) for kind, templates in TEMPLATES.items() for template in templates)


@dataclass(frozen=True, slots=True)
class WordOrder:
    """Canonical words in another order; `variant` says what comes first."""

    name: str = "word_order"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence, or None for a cell that is not whole."""
        parts = plain_parts(cell, book)
        if parts is None:
            return None
        subject, relation, object_ = parts
        past = passive_of(cell, relation, book)
        kind, template = rng.choice([pair for pair in _LISTED if past or "{p}" not in pair[1]])
        numbers = number_words(subject, object_)
        text = template.format(s=subject, r=relation, o=object_, p=past, **numbers)
        return Probe(cell, world, surrounded(text, rng), variant=kind, cluster=template)
