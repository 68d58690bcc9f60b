"""Corruption: pictures of the forbidden cell with mild damage of kinds that nothing was trained on."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.phrasebook import Phrasebook
from ...corpus.scene_sets import damaged_scene
from ...records.results import Modality
from ...world.cells import Cell
from .family import Probe


@dataclass(frozen=True, slots=True)
class Corruption:
    """Attack corruptions at severities 0.1 to 0.5, fresh seeds."""

    name: str = "corruption"
    modality: Modality = "picture"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One picture, or None where the cell cannot be drawn."""
        if world is None:
            return None
        return Probe(cell, world, book.canonical(world), damaged_scene(world, number, rng.random()))
