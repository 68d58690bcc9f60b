"""What `mini` is trained on: scenes drawn anew each round with captions drawn anew each step."""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..corpus.captions import Caption, sample_caption, world_cells
from ..corpus.scenes.scene import OBJECTS, RELATIONS, SUBJECTS, TRAIN_CORRUPTIONS, TRAIN_STYLES, Scene, render
from ..world.cells import Cell

HELD_OUT_SHARE = 0.05
CORRUPTED_SHARE = 0.3
PARTIAL_SHARE = 0.08
WIDER_SHARE = 0.06


def held_out_cells(seed: int) -> frozenset[Cell]:
    """The 5 % of the world that training never shows nor names, chosen by a hash of the seed."""

    def order(cell: Cell) -> str:
        return hashlib.sha256(f"held-out/{seed}/{cell}".encode()).hexdigest()

    cells = sorted(world_cells(), key=order)
    return frozenset(cells[: int(len(cells) * HELD_OUT_SHARE)])


@dataclass(frozen=True, slots=True)
class SceneBatch:
    """Scenes of one step; their pictures are encoded once a round and used with fresh captions."""

    scenes: tuple[Scene, ...]

    def captions(self, rng: random.Random) -> tuple[Caption, ...]:
        """One caption a scene; some leave a slot out or use a wider name."""
        return tuple(caption_of(scene, rng) for scene in self.scenes)


def caption_of(scene: Scene, rng: random.Random) -> Caption:
    """A training caption; now and then a slot is left out or told by a wider name."""
    cell = Cell(scene.subject, scene.relation, scene.object)
    if cell.relation and rng.random() < PARTIAL_SHARE:
        cell = rng.choice((cell.replaced("subject", ""), cell.replaced("object", ""), cell.replaced("relation", "")))
    return sample_caption(cell, rng, wider=WIDER_SHARE)


def scene_of(cell: Cell, rng: random.Random) -> Scene:
    """A training picture of the cell: any training style, three in ten damaged."""
    style = "flat" if rng.random() < 0.12 else rng.choice(TRAIN_STYLES)
    corruption = rng.choice(TRAIN_CORRUPTIONS) if rng.random() < CORRUPTED_SHARE else ""
    return Scene(
        cell.subject,
        cell.relation,
        cell.object,
        rng.getrandbits(31),
        style,
        "",
        corruption,
        rng.uniform(0.1, 0.9),
    )


def draw_batch(size: int, rng: random.Random, held_out: frozenset[Cell]) -> SceneBatch:
    """Half of the batches are a small product of slots (every picture has hard neighbours), half are random."""
    if rng.random() < 0.5:
        subjects, relations = rng.sample(SUBJECTS, 4), rng.sample(RELATIONS, 4)
        objects = rng.sample(OBJECTS, max(1, size // 16))
        cells = [Cell(s, r, o) for s in subjects for r in relations for o in objects]
    else:
        cells = []
    while len(cells) < size:
        cells.append(Cell(rng.choice(SUBJECTS), rng.choice(RELATIONS), rng.choice(OBJECTS)))
    kept = []
    for cell in cells[:size]:
        while cell in held_out:
            cell = Cell(rng.choice(SUBJECTS), rng.choice(RELATIONS), rng.choice(OBJECTS))
        if rng.random() < PARTIAL_SHARE:
            cell = Cell(cell.subject, "", "") if rng.random() < 0.5 else Cell("", "", cell.object)
        kept.append(cell)
    return SceneBatch(tuple(scene_of(cell, rng) for cell in kept))


def render_array(scene: Scene) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The picture as (128, 128, 3) uint8, small to send between processes."""
    return np.asarray(render(scene), dtype=np.uint8)


def render_all(
    scenes: list[Scene], pool: ProcessPoolExecutor | None = None
) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    """Pictures in the order of the scenes, on the pool's processes where one is given."""
    if pool is None:
        return [render_array(scene) for scene in scenes]
    return list(pool.map(render_array, scenes, chunksize=64))
