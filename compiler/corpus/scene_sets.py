"""Fixed sets of pictures of the built-in world that every rule of every policy shares.

`train` holds one picture a cell in training styles, for the keep set; `gallery` one fresh picture a cell from seeds
and with no damage that training never uses, for the attack-tests to choose among; `parts` subjects and objects alone.
"""

from __future__ import annotations

import hashlib
import random

from ..world.cells import Cell
from .captions import world_cells
from .scenes.scene import ATTACK_CORRUPTIONS, ATTACK_STYLES, OBJECTS, SUBJECTS, TRAIN_CORRUPTIONS, TRAIN_STYLES, Scene

# Raised whenever the renderer draws other pixels, so that cached encodings are not reused.
POOL_VERSION = 2
PART_PICTURES = 6
GALLERY_STYLES = ("flat", "outlined", "shaded", "pastel")


def stable_seed(*parts: object) -> int:
    """A seed below 2**31 from any names and numbers, the same on every machine."""
    text = "/".join(map(str, parts))
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 2**31


def train_scene(cell: Cell, *salt: object) -> Scene:
    """A picture of the cell as adapters may see it: a training style, one in four damaged."""
    rng = random.Random(f"train/{cell}/{salt}")
    corruption = rng.choice(TRAIN_CORRUPTIONS) if rng.random() < 0.25 else ""
    style = rng.choice(TRAIN_STYLES)
    return Scene(
        cell.subject,
        cell.relation,
        cell.object,
        rng.getrandbits(31),
        style,
        "",
        corruption,
        rng.uniform(0.1, 0.8),
    )


def fresh_scene(cell: Cell, *salt: object) -> Scene:
    """A plain picture of the cell that no training saw, for galleries and retention."""
    rng = random.Random(f"gallery/{cell}/{salt}")
    style = rng.choice(GALLERY_STYLES)
    return Scene(cell.subject, cell.relation, cell.object, rng.getrandbits(31), style)


def styled_scene(cell: Cell, *salt: object) -> Scene:
    """A picture in a drawing style kept for attacks."""
    rng = random.Random(f"style/{cell}/{salt}")
    style = rng.choice(ATTACK_STYLES)
    return Scene(cell.subject, cell.relation, cell.object, rng.getrandbits(31), style)


def damaged_scene(cell: Cell, *salt: object) -> Scene:
    """A plain picture with a mild corruption kept for attacks; severity 0.1 to 0.5."""
    rng = random.Random(f"corruption/{cell}/{salt}")
    style, corruption = rng.choice(GALLERY_STYLES), rng.choice(ATTACK_CORRUPTIONS)
    return Scene(
        cell.subject,
        cell.relation,
        cell.object,
        rng.getrandbits(31),
        style,
        "",
        corruption,
        rng.uniform(0.1, 0.5),
    )


def part_cells() -> tuple[Cell, ...]:
    """Every subject alone and every object alone."""
    return tuple(Cell(s, "", "") for s in SUBJECTS) + tuple(Cell("", "", o) for o in OBJECTS)


def train_pool() -> tuple[Scene, ...]:
    """One training picture a world cell, then the parts alone."""
    whole = [train_scene(cell, "pool") for cell in world_cells()]
    parts = [train_scene(cell, "pool", n) for cell in part_cells() for n in range(PART_PICTURES)]
    return (*whole, *parts)


def gallery() -> tuple[Scene, ...]:
    """One fresh picture a world cell, in the order of world_cells()."""
    return tuple(fresh_scene(cell) for cell in world_cells())


def part_gallery() -> tuple[Scene, ...]:
    """Fresh pictures of parts alone."""
    return tuple(fresh_scene(cell, n) for cell in part_cells() for n in range(PART_PICTURES))


def cell_of(scene: Scene) -> Cell:
    """The cell that a scene shows."""
    return Cell(scene.subject, scene.relation, scene.object)
