"""Which names show the same thing: pictures of a policy's `alcohol` are the built-in world's `wine`.

A cell that overlaps a forbidden one in all three slots cannot be kept while the other is forgotten, so no set
that is kept may hold it.
"""

from __future__ import annotations

from itertools import product

from ..corpus import lexicon
from .cells import SLOTS, Cell, Slot
from .relations import RelationGraph, find


class Depiction:
    """The overlaps of one policy's names with each other and with the lexicon's, looked up once each."""

    def __init__(self, graph: RelationGraph) -> None:
        self.graph = graph
        self.forbidden = graph.forbidden()
        self.forbidden_names: dict[Slot, frozenset[str]] = {
            slot: frozenset(cell.get(slot) for cell in self.forbidden) for slot in SLOTS
        }
        self._shown: dict[tuple[Slot, str], frozenset[str]] = {}
        self._covering: dict[tuple[Slot, str], tuple[str, ...]] = {}

    def shown(self, slot: Slot, name: str) -> frozenset[str]:
        """The lexicon's leaves that a name stands for in pictures."""
        key = (slot, name)
        if key not in self._shown:
            resolved = self.graph.resolved
            concept = find(resolved.relations if slot == "relation" else resolved.concepts, name)
            self._shown[key] = frozenset(lexicon.depicts(slot, name, concept.forms if concept else ()))
        return self._shown[key]

    def overlap(self, slot: Slot, a: str, b: str) -> bool:
        """Whether one name shows the other. Two leaves that only share pictures stay apart."""
        return a == b or b in self.shown(slot, a) or a in self.shown(slot, b)

    def covering(self, slot: Slot, name: str) -> tuple[str, ...]:
        """The forbidden names of a slot that overlap `name`."""
        key = (slot, name)
        if key not in self._covering:
            names = sorted(self.forbidden_names[slot])
            self._covering[key] = tuple(n for n in names if self.overlap(slot, n, name))
        return self._covering[key]

    def is_safe(self, cell: Cell) -> bool:
        """Whether no forbidden cell shows the same as this one."""
        names = (self.covering(slot, cell.get(slot)) for slot in SLOTS)
        return not any(Cell(*parts) in self.forbidden for parts in product(*names))
