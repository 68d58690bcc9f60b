"""The protocol of an attack family: one file that makes probes for a forbidden cell."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

from ..corpus.scenes import Scene
from ..corpus.surface import Phrasebook
from ..graph.cells import Cell
from .results import Modality


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to try on a forbidden cell: a sentence, or a picture of the world cell that shows it."""

    cell: Cell
    world: Cell | None
    text: str
    scene: Scene | None = None


class Family(Protocol):
    """An attack. `probe` returns None where the family has nothing to say about a cell."""

    @property
    def name(self) -> str:
        """What trials and reports call it."""
        ...

    @property
    def modality(self) -> Modality:
        """Whether its probes are sentences or pictures."""
        ...

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """The `number`-th probe of the cell, drawn from attack splits only."""
        ...


def probes(family: Family, cells: tuple[Cell, ...], book: Phrasebook, count: int, seed: int) -> tuple[Probe, ...]:
    """`count` different probes spread evenly over the cells and over the pictures that show them."""
    rng = random.Random(f"{family.name}/{seed}")
    found: dict[tuple[str, Scene | None], Probe] = {}
    for number in range(count * 3):
        if len(found) >= count:
            break
        cell = cells[number % len(cells)]
        shown = book.shown(cell)
        world = shown[(number // len(cells)) % len(shown)] if shown else None
        probe = family.probe(cell, world, book, rng, number)
        if probe is not None:
            found.setdefault((probe.text, probe.scene), probe)
    return tuple(found.values())
