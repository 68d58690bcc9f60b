"""Corruptions: the standard set at five severities, so that robustness can be compared with other work.

After Hendrycks & Dietterich (ICLR 2019); corpus/scenes/standard_corruptions.py says what is taken from it. Training
knows milder damage of four of these kinds under its own names (gaussian_noise, impulse_noise, brightness, pixelate);
the other ten it has never seen.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.edited_images import Edit
from ...corpus.phrasebook import Phrasebook
from ...corpus.scene_sets import fresh_scene
from ...corpus.scenes.standard_corruptions import SEVERITIES, STANDARD
from ...records.results import Modality
from ...world.cells import Cell
from ..language.balanced_choice import dealt
from .family import Probe

_KINDS = tuple((name, severity) for name in STANDARD for severity in SEVERITIES)


@dataclass(frozen=True, slots=True)
class Corruptions:
    """Fresh plain pictures, each with one corruption; the variant is "fog/3"."""

    name: str = "corruptions"
    modality: Modality = "picture"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One picture, or None where the cell cannot be drawn."""
        if world is None:
            return None
        kind, severity = dealt(_KINDS, number, self.name)
        scene = fresh_scene(world, self.name, number, rng.random())
        return Probe(
            cell,
            world,
            book.canonical(world),
            scene,
            (Edit(kind, severity, seed=scene.seed),),
            variant=f"{kind}/{severity}",
            cluster=str(scene.seed),
        )
