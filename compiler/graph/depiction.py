"""Which names show the same thing: pictures of a policy's `alcohol` are the built-in world's `wine`.

A cell that overlaps a forbidden one in all three slots cannot be kept while the other is forgotten, so no set
that is kept may hold it.
"""

from __future__ import annotations

from collections.abc import Collection

from ..world import lexicon
from ..world.cells import SLOTS, Cell, Slot
from .cell_sets import Box, ones
from .relations import RelationGraph, find
from .rule_index import RuleIndex


class Depiction:
    """The overlaps of one policy's names with each other and with the lexicon's, looked up once each."""

    def __init__(self, graph: RelationGraph) -> None:
        self.graph, self.space = graph, graph.space
        self.forbids = graph.of_kind("forbid")
        self.index = RuleIndex(graph.space, self.forbids)
        self._shown: dict[tuple[Slot, str], frozenset[str]] = {}
        self._showing: dict[Slot, dict[str, int]] = {}
        self._covering: dict[tuple[Slot, str], int] = {}
        self._spread: dict[tuple[Slot, int], int] = {}
        self._doubles: dict[Slot, int] = {}
        self._spoken: dict[Slot, tuple[int, int]] = {}
        self.above: dict[str, set[str]] = {}  # filled by redirects.py

    def shown(self, slot: Slot, name: str) -> frozenset[str]:
        """The lexicon's leaves that a name stands for in pictures."""
        key = (slot, name)
        if key not in self._shown:
            concept = find(self.graph.resolved.of(slot), name)
            self._shown[key] = frozenset(lexicon.depicts(slot, name, concept.forms if concept else ()))
        return self._shown[key]

    def showing(self, slot: Slot) -> dict[str, int]:
        """Per lexicon leaf the policy's leaves, as bits, whose pictures show it."""
        if slot not in self._showing:
            found: dict[str, int] = {}
            for at, name in enumerate(self.space.axis(slot).names):
                for leaf in self.shown(slot, name):
                    found[leaf] = found.get(leaf, 0) | 1 << at
            self._showing[slot] = found
        return self._showing[slot]

    def overlap(self, slot: Slot, a: str, b: str) -> bool:
        """Whether one name shows the other. Two leaves that only share pictures stay apart."""
        return a == b or b in self.shown(slot, a) or a in self.shown(slot, b)

    def covering(self, slot: Slot, name: str) -> int:
        """The policy's leaves that overlap a name of the policy or of the lexicon, as bits."""
        key = (slot, name)
        found = self._covering.get(key)
        if found is None:
            found = self.space.axis(slot).bits((name, *self.shown(slot, name))) | self.showing(slot).get(name, 0)
            self._covering[key] = found
        return found

    def spread(self, slot: Slot, side: int) -> int:
        """The policy's leaves that overlap any of these, as bits."""
        key = (slot, side)
        found = self._spread.get(key)
        if found is None:
            names = self.space.axis(slot).names
            found = 0
            for at in ones(side):
                found |= self.covering(slot, names[at])
            self._spread[key] = found
        return found

    def free(self, slot: Slot, box: Box) -> int:
        """The policy's leaves, as bits, that make a safe cell in a slot with whatever a box has in the other two."""
        at, axis = SLOTS.index(slot), self.space.axis(slot)
        sides = [axis.every if s == slot else self.spread(s, side) for s, side in zip(SLOTS, box, strict=True)]
        hit = 0
        for rule in ones(self.index.meeting(*sides)):
            for theirs in self.forbids[rule].cells.boxes:
                if all(side & other for side, other in zip(sides, theirs, strict=True)):
                    hit |= theirs[at]
        return axis.every & ~self.showing_any(slot, hit)

    def showing_any(self, slot: Slot, side: int) -> int:
        """The same as `spread`, for sides that many differ in: only names that overlap others are looked up."""
        names, found = self.space.axis(slot).names, side
        for at in ones(side & self._overlapping(slot)):
            found |= self.covering(slot, names[at])
        return found

    def _overlapping(self, slot: Slot) -> int:
        """The policy's leaves, as bits, that overlap others than themselves."""
        if slot not in self._doubles:
            names = self.space.axis(slot).names
            wide = (name for name in names if self.covering(slot, name).bit_count() > 1)
            self._doubles[slot] = self.space.axis(slot).bits(wide)
        return self._doubles[slot]

    def spoken(self, slot: Slot) -> tuple[int, int]:
        """The leaves, as bits, that rules put into a slot by name, and those of them that allows put there."""
        if slot not in self._spoken:
            every = allowed = 0
            for extent in self.graph.extents:
                if slot not in extent.open:
                    side = extent.cells.side(slot)
                    every |= side
                    allowed |= side if extent.rule.kind == "allow" else 0
            self._spoken[slot] = every, allowed
        return self._spoken[slot]

    def is_forbidden(self, cell: Cell) -> bool:
        """Whether some forbid covers the cell itself."""
        box = self.space.box(cell)
        return box is not None and self._is_hit(*box)

    def is_safe(self, cell: Cell) -> bool:
        """Whether no forbidden cell shows the same as this one."""
        subject, relation, obj = (self.covering(slot, cell.get(slot)) for slot in SLOTS)
        return not self._is_hit(subject, relation, obj)

    def hit(self, rest: Cell, slot: Slot, most: int) -> int | None:
        """The policy's leaves, as bits, that some forbid covers in the empty slot of `rest`, or what shows the same.

        None where more than `most` rules speak of `rest`: asking name by name ends at the first rule that hits it.
        """
        at = SLOTS.index(slot)
        sides = [self.space.axis(s).every if s == slot else self.covering(s, rest.get(s)) for s in SLOTS]
        rules = self.index.meeting(*sides)
        if rules.bit_count() > most:
            return None
        subject, relation, obj = sides
        found = 0
        for rule in ones(rules):
            for box in self.forbids[rule].cells.boxes:
                if box[0] & subject and box[1] & relation and box[2] & obj:
                    found |= box[at]
        return found

    def apart(self, slot: Slot, names: Collection[str], hit: int) -> tuple[str, ...]:
        """Those names that overlap no leaf of `hit`."""
        return tuple(name for name in names if not self.covering(slot, name) & hit)

    def _is_hit(self, subject: int, relation: int, obj: int) -> bool:
        for rule in ones(self.index.meeting(subject, relation, obj)):
            boxes = self.forbids[rule].cells.boxes
            if len(boxes) == 1 or any(b[0] & subject and b[1] & relation and b[2] & obj for b in boxes):
                return True
        return False
