"""Synonym: other words for the same tuple, none of which any training used."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.phrasebook import Phrasebook
from ...records.results import Modality
from ...world.cells import SLOTS, Cell
from ..language.phrasing import said_in_attack
from .family import Probe


@dataclass(frozen=True, slots=True)
class Synonym:
    """Attack forms in every slot that has some; sentence forms and contexts of the attack split."""

    name: str = "synonym"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence, or None for a cell whose words have no held-out forms."""
        inverse = book.inverses.get(cell.relation)
        if not any(book.forms(slot, cell.get(slot)).attack for slot in SLOTS) and not (inverse and inverse.attack):
            return None
        spoken = said_in_attack(cell, book, rng, forms="attack", context_share=0.3)
        return Probe(cell, world, spoken.text, cluster=spoken.template)
