"""Negation: the tuple denied, which contrastive models tend to read as the tuple itself.

Method: "Learn 'No' to Say 'Yes' Better" (Singh et al. 2024) and NegBench (Alhamoud et al. 2025) measured that CLIP
retrieves what a query denies. A probe is counted only where the base takes the denied sentence for the forbidden cell.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.grammar import bare
from ...corpus.surface import Phrasebook
from ...graph.cells import Cell
from ..family import Probe
from ..phrasing import plain_parts, surrounded
from ..results import Modality

# {b} is the subject without its article.
TEMPLATES = (
    "{s} who is not {r} {o}",
    "{s} not {r} {o}",
    "no {b} {r} {o}",
    "anything but {s} {r} {o}",
    "everything except {s} {r} {o}",
    "{s} never {r} {o}",
    "not one {b} is {r} {o}",
    "{s} who has stopped {r} {o}",
    "under no circumstances {s} {r} {o}",
    "it is not true that {s} is {r} {o}",
    "{s} isn't {r} {o}",
    "a picture free of any {b} {r} {o}",
)


@dataclass(frozen=True, slots=True)
class Negation:
    """Canonical words in sentence forms that deny the tuple."""

    name: str = "negation"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence, or None for a cell that is not whole."""
        parts = plain_parts(cell, book)
        if parts is None:
            return None
        subject, relation, object_ = parts
        template = rng.choice(TEMPLATES)
        text = template.format(s=subject, b=bare(subject), r=relation, o=object_)
        return Probe(cell, world, surrounded(text, rng), variant="denied", cluster=template)
