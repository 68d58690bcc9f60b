"""Geometry: what happens to every picture that is shared: cut, turned, resized, mirrored, saved again.

Training mirrors its pictures too, so that "flip" is a control: it should hold as a fresh picture does.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.pools import fresh_scene
from ...corpus.shown import Edit
from ...corpus.surface import Phrasebook
from ...graph.cells import Cell
from ..dealing import dealt
from ..family import Probe
from ..results import Modality

# Variant, kind of edit, amount.
KINDS: tuple[tuple[str, str, float], ...] = (
    ("crop/90%", "crop", 0.9),
    ("crop/80%", "crop", 0.8),
    ("crop/70%", "crop", 0.7),
    ("flip", "flip", 0),
    ("rotation/5", "rotation", 5),
    ("rotation/10", "rotation", 10),
    ("rotation/20", "rotation", 20),
    ("rotation/30", "rotation", 30),
    ("scale/50%", "scale", 0.5),
    ("scale/75%", "scale", 0.75),
    ("scale/130%", "scale", 1.3),
    ("jpeg quality/90", "jpeg_quality", 90),
    ("jpeg quality/70", "jpeg_quality", 70),
    ("jpeg quality/50", "jpeg_quality", 50),
    ("jpeg quality/30", "jpeg_quality", 30),
    ("jpeg quality/15", "jpeg_quality", 15),
)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Fresh plain pictures, each changed in one way; turns go either way."""

    name: str = "geometry"
    modality: Modality = "picture"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One picture, or None where the cell cannot be drawn."""
        if world is None:
            return None
        variant, kind, amount = dealt(KINDS, number, self.name)
        scene = fresh_scene(world, self.name, number, rng.random())
        turn = rng.choice((1, -1)) if kind == "rotation" else 1
        edits = (Edit(kind, amount * turn, seed=scene.seed),)
        return Probe(cell, world, book.canonical(world), scene, edits, variant=variant, cluster=str(scene.seed))
