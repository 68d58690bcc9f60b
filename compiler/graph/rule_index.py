"""Which rules speak of a leaf: an inverted index, so that no rule is ever compared with all the others."""

from __future__ import annotations

from collections.abc import Sequence

from ..world.cells import SLOTS, Slot
from .cell_sets import CellSet, Space, ones
from .relations import Extent


class RuleIndex:
    """Per slot and leaf the rules that cover it there, as bits over the rules' numbers in `extents`."""

    def __init__(self, space: Space, extents: Sequence[Extent]) -> None:
        self.space, self.count = space, len(extents)
        self._by_side: dict[Slot, dict[int, int]] = {}
        self._by_leaf: dict[Slot, list[int]] = {}
        self._meeting: dict[tuple[Slot, int], int] = {}
        self._leaving: dict[tuple[Slot, int], int] = {}
        for slot in SLOTS:
            numbers: dict[int, list[int]] = {}
            for number, extent in enumerate(extents):
                numbers.setdefault(extent.cells.side(slot), []).append(number)
            self._by_side[slot] = {side: _bits(found, self.count) for side, found in numbers.items()}
            leaves = [0] * len(space.axis(slot).names)
            for side, rules in self._by_side[slot].items():
                for at in ones(side):
                    leaves[at] |= rules
            self._by_leaf[slot] = leaves

    def meeting(self, subject: int, relation: int, obj: int) -> int:
        """The rules that have a leaf in common with each side: the only ones that can share a cell with the box."""
        rules = self._touching("subject", subject)
        if rules:
            rules &= self._touching("relation", relation)
        return rules & self._touching("object", obj) if rules else 0

    def leaving(self, cells: CellSet) -> int:
        """The rules that have a leaf outside of a set's sides in some slot: those that cannot lie within it."""
        return self._outside("subject", cells) | self._outside("relation", cells) | self._outside("object", cells)

    def same_sides(self, cells: CellSet) -> int:
        """The rules with the same names in every slot."""
        rules = (self._by_side[slot].get(cells.side(slot), 0) for slot in SLOTS)
        subject, relation, obj = rules
        return subject & relation & obj

    def _touching(self, slot: Slot, side: int) -> int:
        key = (slot, side)
        found = self._meeting.get(key)
        if found is None:
            leaves = self._by_leaf[slot]
            found = 0
            for at in ones(side):
                found |= leaves[at]
            self._meeting[key] = found
        return found

    def _outside(self, slot: Slot, cells: CellSet) -> int:
        side = cells.side(slot)
        key = (slot, side)
        found = self._leaving.get(key)
        if found is None:
            found = 0
            for other, rules in self._by_side[slot].items():
                if other & ~side:
                    found |= rules
            self._leaving[key] = found
        return found


def _bits(numbers: Sequence[int], count: int) -> int:
    found = bytearray(count // 8 + 1)
    for number in numbers:
        found[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(found, "little")
