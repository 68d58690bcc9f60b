"""The protocol of an attack family: one file that makes probes for a forbidden cell."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ...corpus.edited_images import Edit
from ...corpus.phrasebook import Phrasebook
from ...corpus.scenes.scene import Scene
from ...records.results import Modality
from ...world.cells import Cell

if TYPE_CHECKING:
    from ...train.cuts import Cut


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to try on a forbidden cell: a sentence, or a picture of the world cell that shows it.

    A picture is the scene with `beside` in the other half of it where that is given, then changed by each of `edits`.
    `variant` and `cluster` go into the trial.
    """

    cell: Cell
    world: Cell | None
    text: str
    scene: Scene | None = None
    edits: tuple[Edit, ...] = ()
    beside: Scene | None = None
    variant: str = ""
    cluster: str = ""


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


@runtime_checkable
class FittedFamily(Family, Protocol):
    """A family whose probes depend on the base model's own vocabulary or embedding space."""

    def fitted(self, part: Cut, cells: tuple[Cell, ...], book: Phrasebook, seed: int) -> Family:
        """The family made ready for these cells on this base model."""
        ...


@runtime_checkable
class SparingFamily(Family, Protocol):
    """A family that shows or names something harmless beside the tuple: another rule of the policy may forbid that."""

    def sparing(self, forbidden: frozenset[Cell]) -> Family:
        """The family made ready for a policy that forbids these cells of the built-in world, by any of its rules."""
        ...


def probes(family: Family, cells: tuple[Cell, ...], book: Phrasebook, count: int, seed: int) -> tuple[Probe, ...]:
    """`count` different probes spread evenly over the cells and over the pictures that show them."""
    rng = random.Random(f"{family.name}/{seed}")
    found: dict[object, Probe] = {}
    for number in range(count * 3):
        if len(found) >= count:
            break
        cell = cells[number % len(cells)]
        shown = book.shown(cell)
        world = shown[(number // len(cells)) % len(shown)] if shown else None
        probe = family.probe(cell, world, book, rng, number)
        if probe is not None:
            found.setdefault((probe.text, probe.scene, probe.edits, probe.beside), probe)
    return tuple(found.values())
