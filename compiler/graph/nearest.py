"""The allowed cells nearest to a forbid, found without a look at those that lie further away."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations

from ..resolve.names import Rule
from ..world.cells import SLOTS, Cell
from .cell_sets import Box, CellSet, ones
from .depiction import Depiction
from .neighbours import stable_key
from .rule_index import RuleIndex

MAX_ALLOWS = 400  # per rule; the nearest to the forget set are kept
MAX_LOOKED_AT = 20_000  # cells at one distance, each allow's counted
SOME = 4_000  # of more than that, so many are looked at, evenly from all allows


class Allowed:
    """What a policy's allows keep, through an index of the rules that is built when it is first needed."""

    def __init__(self, depiction: Depiction) -> None:
        self._depiction, self._space = depiction, depiction.space
        self._allows = depiction.graph.of_kind("allow")

    @cached_property
    def _index(self) -> RuleIndex:
        return RuleIndex(self._space, self._allows)

    def nearest(self, forbid: CellSet) -> list[tuple[Cell, int]]:
        """At most `MAX_ALLOWS` cells that no forbid overrides, and in how many slots each lies outside of `forbid`.

        Nearest first, and in stable order among equals.
        """
        chosen: list[tuple[Cell, int]] = []
        for far in range(len(SLOTS) + 1) if self._allows else ():
            for cell in sorted(self._shell(forbid, far), key=stable_key):
                if len(chosen) == MAX_ALLOWS:
                    return chosen
                if not self._depiction.is_forbidden(cell):
                    chosen.append((cell, far))
        return chosen

    def rules(self, cell: Cell) -> Iterator[Rule]:
        """The allows that cover a cell, in the order of the file."""
        box = self._space.box(cell)
        near = (self._allows[number] for number in ones(self._index.meeting(*box))) if box else ()
        return (allow.rule for allow in near if cell in allow.cells)

    def _shell(self, forbid: CellSet, far: int) -> set[Cell]:
        """The allowed cells that lie outside of the forbid in `far` slots."""
        parts = [part for box in self._regions(forbid, far) for part in self._within(box)]
        if far == 0:
            parts = [part - forbid for part in parts]
        if sum(map(len, parts)) <= MAX_LOOKED_AT:
            return {cell for part in parts for cell in part}
        return {cell for part in parts for cell in part.some(max(1, SOME // len(parts)))}

    def _regions(self, forbid: CellSet, far: int) -> Iterator[Box]:
        inside = [forbid.side(slot) for slot in SLOTS]
        outside = [self._space.axis(slot).every ^ side for slot, side in zip(SLOTS, inside, strict=True)]
        for left in combinations(range(len(SLOTS)), far):
            yield Box(*(outside[at] if at in left else inside[at] for at in range(len(SLOTS))))

    def _within(self, region: Box) -> Iterator[CellSet]:
        cut = CellSet(self._space, [region])
        for number in ones(self._index.meeting(*region)):
            yield self._allows[number].cells & cut
