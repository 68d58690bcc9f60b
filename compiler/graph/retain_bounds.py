"""How much is kept beside a forbid, told without deriving its sets wherever the sides of its boxes settle that.

A name that is free in a slot beside every choice of a box's other two sides makes a neighbour of each of its cells.
Only where such names are too few is the walk of neighbours.py taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..world.cells import SLOTS, Cell, Slot
from .cell_sets import Box, union_count
from .depiction import Depiction
from .nearest import Allowed
from .neighbours import MAX_NEIGHBOURS, MAX_SEEDS, POLICY, Neighbour, Vocabulary, chosen, seeds_of
from .relations import MAX_CELLS, Extent


class Kept:
    """What the forbids of one policy keep. Its answers are those of the derived sets."""

    def __init__(self, depiction: Depiction, vocabulary: Vocabulary, allowed: Allowed) -> None:
        self._depiction, self._vocabulary, self._allowed = depiction, vocabulary, allowed
        self._own = {slot: depiction.space.axis(slot).bits(vocabulary.own[slot]) for slot in SLOTS}
        self._known: dict[tuple[Slot, Box], int] = {}

    def if_fewer(self, extent: Extent) -> int | None:
        """How many cells are kept beside a forbid where they are fewer than it forgets, else None."""
        forgotten = len(extent.cells)
        if forgotten <= min(MAX_SEEDS, MAX_NEIGHBOURS) and self._has_beside(extent, forgotten):
            return None
        allowed = {cell for cell, _ in self._allowed.nearest(extent.cells)}
        if forgotten > MAX_NEIGHBOURS + len(allowed) and self._is_full_apart_from(extent, allowed):
            return MAX_NEIGHBOURS + len(allowed)
        kept: set[Cell] = set()
        for neighbour in self._chosen(extent):
            kept.add(neighbour.cell)
            if len(kept) == forgotten:
                return None
        kept |= allowed
        return len(kept) if len(kept) < forgotten else None

    def without_own(self, extent: Extent) -> tuple[Neighbour, ...] | None:
        """All neighbours of a forbid where none of them is made of the policy's own names, else None."""
        # Whichever cell is the first seed: its box has a free name, and what it is led to is chosen before all else.
        if all(any(self._free(slot, box) for slot in SLOTS) for box in extent.cells.boxes):
            return None
        found: list[Neighbour] = []
        for neighbour in self._chosen(extent):
            if neighbour.distance <= POLICY:
                return None
            found.append(neighbour)
        return tuple(found)

    def _chosen(self, extent: Extent) -> Iterator[Neighbour]:
        return chosen(extent.cells.spread(MAX_CELLS), self._depiction, self._vocabulary)

    def _is_full_apart_from(self, extent: Extent, allowed: set[Cell]) -> bool:
        """Whether there are as many neighbours as may be, counted without their order, and none of `allowed`."""
        seeds = seeds_of(extent.cells.spread(MAX_CELLS))
        beside = {slot: {seed.replaced(slot, "") for seed in seeds} for slot in SLOTS}
        turned = {Cell(seed.object, seed.relation, seed.subject) for seed in seeds} if allowed else ()
        if any(cell in turned or any(cell.replaced(s, "") in beside[s] for s in SLOTS) for cell in allowed):
            return False
        return any(self._has_in(slot, beside[slot]) for slot in SLOTS)

    def _has_in(self, slot: Slot, beside: Iterable[Cell]) -> bool:
        """Whether the policy's names make enough neighbours in one slot; those of two rests are never the same."""
        found = 0
        for rest in beside:
            hit = self._depiction.hit(rest, slot, MAX_NEIGHBOURS)
            if hit is not None:
                found += (self._own[slot] & ~self._depiction.showing_any(slot, hit)).bit_count()
            if found >= MAX_NEIGHBOURS:
                return True
        return False

    def _has_beside(self, extent: Extent, count: int) -> bool:
        """Whether the free names of its boxes make so many neighbours; every cell must be a seed."""
        found: list[Box] = []
        for box in extent.cells.boxes:
            for at, slot in enumerate(SLOTS):
                beside = Box(*(self._free(slot, box) if at == n else side for n, side in enumerate(box)))
                if beside.count >= count:
                    return True
                found.append(beside)
        return union_count(found) >= count

    def _free(self, slot: Slot, box: Box) -> int:
        """The policy's names, as bits, that make neighbours of a box's cells in a slot."""
        key = (slot, box)
        if key not in self._known:
            self._known[key] = self._depiction.free(slot, box) & self._own[slot]
        return self._known[key]
