"""Paraphrase: the rule's own words in sentence forms that no training used."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.phrasebook import Phrasebook
from ...records.results import Modality
from ...world.cells import Cell
from ..language.phrasing import context, said_in_attack
from .family import Probe


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """Canonical words, attack sentence forms; a context as well in half of the probes, so that they stay different."""

    name: str = "paraphrase"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence."""
        spoken = said_in_attack(cell, book, rng, forms=None, context_share=0.0)
        around = context(rng, rng.choice((0, 0, 1, 2)), spoken.text)
        return Probe(cell, world, f"{spoken.text} {around}".strip(), cluster=spoken.template)
