"""One space for the cells of two versions of a policy, so that they can be compared as sets.

A name that was a leaf and now has names below it stands for those; a name whose members are gone stands for what they
were. Splitting `wine` into `red_wine` and `white_wine` therefore loses and gains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..graph.cell_sets import Axis, Box, CellSet, Space, ones
from ..graph.relations import Extent, RelationGraph
from ..resolve.taxonomy import Concept

Leaves = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Split:
    """A name that is a leaf in one version and stands for several names in the other."""

    name: str
    leaves: tuple[str, ...]
    was_leaf: bool


class Side:
    """One version's way into the common space: the bits of each of its leaves there."""

    def __init__(
        self,
        space: Space,
        own: Space,
        concepts: Mapping[str, tuple[str, ...]],
        relations: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.space = space
        self._bits = (
            [space.concepts.bits(concepts[name]) for name in own.concepts.names],
            [space.relations.bits(relations[name]) for name in own.relations.names],
        )
        self._known: dict[tuple[bool, int], int] = {}

    def cells(self, cells: CellSet) -> CellSet:
        """A set of this version's cells in the common space."""
        boxes = [Box(self._side(b[0]), self._side(b[1], is_relation=True), self._side(b[2])) for b in cells.boxes]
        return CellSet(self.space, boxes) if len(boxes) > 1 else CellSet.apart(self.space, boxes)

    def extent(self, extent: Extent) -> Extent:
        """A rule with its cells in the common space."""
        return replace(
            extent,
            cells=self.cells(extent.cells),
            excepted=self.cells(extent.excepted),
            turned=self.cells(extent.turned),
        )

    def _side(self, side: int, *, is_relation: bool = False) -> int:
        found = self._known.get((is_relation, side))
        if found is None:
            bits = self._bits[is_relation]
            found = 0
            for at in ones(side):
                found |= bits[at]
            self._known[is_relation, side] = found
        return found


def common(old: RelationGraph, new: RelationGraph, renamed: Mapping[str, str]) -> tuple[Side, Side, tuple[Split, ...]]:
    """Both versions' ways into one space, and the names that one of them splits. `renamed` are old names' new ones."""
    concepts = _spread(old.resolved.concepts, new.resolved.concepts, renamed)
    relations = _spread(old.resolved.relations, new.resolved.relations, renamed)
    space = Space(_axis(*concepts[:2]), _axis(*relations[:2]))
    before = Side(space, old.space, concepts[0], relations[0])
    after = Side(space, new.space, concepts[1], relations[1])
    return before, after, (*concepts[2], *relations[2])


def _axis(*sides: Leaves) -> Axis:
    return Axis(tuple(sorted({name for side in sides for names in side.values() for name in names})))


def _spread(
    old: Iterable[Concept], new: Iterable[Concept], renamed: Mapping[str, str]
) -> tuple[Leaves, Leaves, list[Split]]:
    """What each leaf of each version stands for in the common space."""
    before = {renamed.get(c.name, c.name): tuple(renamed.get(leaf, leaf) for leaf in c.leaves) for c in old}
    after = {c.name: c.leaves for c in new}
    splits: list[Split] = []

    def finer(own: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]], *, was_leaf: bool) -> Leaves:
        found: Leaves = {}
        for name, leaves in own.items():
            if leaves != (name,):
                continue
            below = other.get(name, ())
            found[name] = (name,)
            if below and below != (name,):
                found[name] = tuple(leaf for leaf in below if leaf not in own) or below
                splits.append(Split(name, found[name], was_leaf))
        return found

    old_leaves = finer(before, after, was_leaf=True)
    new_leaves = finer(after, before, was_leaf=False)
    back = {renamed.get(c.name, c.name): c.name for c in old}
    return {back[name]: leaves for name, leaves in old_leaves.items()}, new_leaves, splits
