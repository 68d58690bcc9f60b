"""Style: pictures of the forbidden cell in drawing styles that nothing was trained on."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.phrasebook import Phrasebook
from ...corpus.scene_sets import styled_scene
from ...records.results import Modality
from ...world.cells import Cell
from .family import Probe


@dataclass(frozen=True, slots=True)
class Style:
    """Attack styles, fresh seeds."""

    name: str = "style"
    modality: Modality = "picture"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One picture, or None where the cell cannot be drawn."""
        if world is None:
            return None
        return Probe(cell, world, book.canonical(world), styled_scene(world, number, rng.random()))
