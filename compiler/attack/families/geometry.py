"""Geometry: what happens to every picture that is shared: cut, turned, resized, mirrored, saved again.

Training mirrors its pictures too, so that "flip" is a control: it should hold as a fresh picture does. A cut goes where
who shares a picture would put it: it keeps what is drawn as far as a cut of its size can, or the picture would no
longer show the tuple.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image, ImageStat

from ...corpus.edited_images import Edit
from ...corpus.phrasebook import Phrasebook
from ...corpus.scene_sets import fresh_scene
from ...corpus.scenes.edits import crop
from ...corpus.scenes.scene import Scene, extent
from ...records.results import Modality
from ...world.cells import Cell
from ..language.balanced_choice import dealt
from .family import Probe

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
MOST_DRAWS = 40  # of a cut; the best is taken
_STEPS = 8


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
        seed = _telling_cut(scene, amount) if kind == "crop" else scene.seed
        edits = (Edit(kind, amount * turn, seed=seed),)
        return Probe(cell, world, book.canonical(world), scene, edits, variant=variant, cluster=str(scene.seed))


def _telling_cut(scene: Scene, share: float) -> int:
    """The seed of the cut, of MOST_DRAWS, that keeps most of who and what is drawn, its middle before its rim."""
    left, top, right, bottom = (round(side) for side in extent(scene))
    drawn = Image.new("L", (128, 128))
    for step in range(_STEPS):
        across, down = (right - left) * step // (2 * _STEPS), (bottom - top) * step // (2 * _STEPS)
        drawn.paste(255 * (step + 1) // _STEPS, (left + across, top + down, right - across, bottom - down))
    return max(range(scene.seed, scene.seed + MOST_DRAWS), key=lambda seed: _mean_grey(crop(drawn, share, "", seed)))


def _mean_grey(picture: Image.Image) -> float:
    return ImageStat.Stat(picture).mean[0]
