"""The cells right beside a forget set: what a rule must not damage first of all."""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..resolve.taxonomy import Concept
from ..world import lexicon
from ..world.cells import SLOTS, Cell, Slot
from .depiction import Depiction
from .relations import RelationGraph, find

MAX_NEIGHBOURS = 400  # per rule
MAX_SEEDS = 400  # forget cells that neighbours are looked for around
SIBLING, POLICY, LEXICON, ROLES = 1, 2, 3, 4  # at most POLICY: made of the policy's own names


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A cell one step from a forbidden one: a slot changed to another name, or the roles swapped."""

    cell: Cell
    distance: int
    changed: str


def stable_key(cell: Cell) -> str:
    """An order unlike the alphabet's that is the same on every machine and in every run."""
    return hashlib.sha256("\x00".join(_parts(cell)).encode()).hexdigest()


def _parts(cell: Cell) -> tuple[str, str, str]:
    return cell.subject, cell.relation, cell.object


class Vocabulary:
    """The leaves that may stand in a slot: the policy's own, then the lexicon's."""

    def __init__(self, graph: RelationGraph, depiction: Depiction) -> None:
        self.graph = graph
        resolved = graph.resolved
        self.own: dict[Slot, tuple[str, ...]] = {}
        self._families: dict[tuple[bool, tuple[str, ...]], frozenset[str]] = {}
        self._below: dict[bool, dict[str, list[str]]] = {}
        for slot in SLOTS:
            concepts = resolved.of(slot)
            # A leaf that no rule and no picture ever puts in a slot makes no sense there: "wine is reading".
            used = {name for e in graph.extents if slot not in e.open for name in e.cells.names(slot)}
            self.own[slot] = tuple(
                c.name
                for c in concepts
                if c.is_leaf and (slot == "relation" or c.name in used or depiction.shown(slot, c.name))
            )

    def family(self, slot: Slot, name: str) -> frozenset[str]:
        """Leaves of the policy that share a parent with `name`, itself too; nothing where it has none."""
        concepts = self.graph.resolved.of(slot)
        own = find(concepts, name)
        parents = own.parents if own else ()
        key = (slot == "relation", parents)
        if key not in self._families:
            below = self._leaves_below(slot == "relation", concepts) if parents else {}
            self._families[key] = frozenset(leaf for parent in parents for leaf in below[parent])
        return self._families[key]

    def _leaves_below(self, is_relation: bool, concepts: tuple[Concept, ...]) -> dict[str, list[str]]:
        """The leaves right below each name."""
        if is_relation not in self._below:
            found: dict[str, list[str]] = defaultdict(list)
            for concept in concepts:
                for parent in concept.parents if concept.is_leaf else ():
                    found[parent].append(concept.name)
            self._below[is_relation] = found
        return self._below[is_relation]


def neighbour_cells(forget: Sequence[Cell], depiction: Depiction, vocabulary: Vocabulary) -> tuple[Neighbour, ...]:
    """At most `MAX_NEIGHBOURS`, nearest first, taken in turn from every slot of every forget cell."""
    return tuple(sorted(chosen(forget, depiction, vocabulary), key=lambda n: (n.distance, stable_key(n.cell))))


def chosen(forget: Iterable[Cell], depiction: Depiction, vocabulary: Vocabulary) -> Iterator[Neighbour]:
    """The same in the order in which they are taken, each when it is asked for."""
    beside = _Beside(depiction, vocabulary)
    queues = [
        queue
        for seed in seeds_of(forget)
        for queue in (*(_changes(seed, slot, beside) for slot in SLOTS), _swap(seed, depiction))
    ]
    taken: set[Cell] = set()
    while queues and len(taken) < MAX_NEIGHBOURS:
        going_on = []
        for queue in queues:
            new = next((n for n in queue if n.cell not in taken), None)
            if new is not None and len(taken) < MAX_NEIGHBOURS:
                taken.add(new.cell)
                yield new
                going_on.append(queue)
        queues = going_on


def seeds_of(forget: Iterable[Cell]) -> list[Cell]:
    """The forget cells that neighbours are looked for around, in the order of their turns."""
    return heapq.nsmallest(MAX_SEEDS, forget, key=stable_key)


class _Beside:
    """What may stand in a slot beside the rest of a cell. Many cells of a wide rule ask the same."""

    def __init__(self, depiction: Depiction, vocabulary: Vocabulary) -> None:
        self._depiction, self._vocabulary = depiction, vocabulary
        self._policy: dict[tuple[Slot, frozenset[str]], frozenset[str]] = {}
        self._lexicon: dict[tuple[Slot, frozenset[str], frozenset[str], bool], frozenset[str]] = {}
        self._safe: dict[tuple[Slot, int, frozenset[str]], tuple[str, ...]] = {}
        self._ordered: dict[tuple[Slot, Cell, frozenset[str]], list[str]] = {}

    def names(self, slot: Slot, name: str) -> Iterator[tuple[int, frozenset[str]]]:
        """What could take the place of a name, nearest first, with the distance."""
        family = self._vocabulary.family(slot, name)
        yield SIBLING, family
        yield POLICY, self._others(slot, family)
        shown = self._depiction.shown(slot, name)
        groups = frozenset(word.group for leaf in shown if (word := lexicon.word(slot, leaf)))
        for is_near in (True, False):
            yield LEXICON, self._world(slot, family, groups, is_near)

    def _others(self, slot: Slot, family: frozenset[str]) -> frozenset[str]:
        """The policy's names outside of a family."""
        key = (slot, family)
        if key not in self._policy:
            self._policy[key] = frozenset(self._vocabulary.own[slot]) - family
        return self._policy[key]

    def _world(self, slot: Slot, family: frozenset[str], groups: frozenset[str], is_near: bool) -> frozenset[str]:
        """The lexicon's names that the policy has not, those of some groups or all the others."""
        key = (slot, family, groups, is_near)
        if key not in self._lexicon:
            mine = family.union(self._vocabulary.own[slot])
            words = (word for word in lexicon.WORDS[slot] if (word.group in groups) == is_near)
            self._lexicon[key] = frozenset(word.name for word in words if word.name not in mine)
        return self._lexicon[key]

    def safe(self, rest: Cell, slot: Slot, names: frozenset[str]) -> tuple[str, ...]:
        """The names that make safe cells of `rest`."""
        hit = self._depiction.hit(rest, slot, len(names))
        if hit is None:
            return tuple(name for name in names if self._depiction.is_safe(rest.replaced(slot, name)))
        key = (slot, hit, names)
        if key not in self._safe:
            self._safe[key] = self._depiction.apart(slot, names, hit)
        return self._safe[key]

    def in_order(self, rest: Cell, slot: Slot, names: frozenset[str]) -> list[str]:
        """The same in the order that `stable_key` gives their cells."""
        key = (slot, rest, names)
        if key not in self._ordered:
            at, parts = SLOTS.index(slot), _parts(rest)
            before = "".join(f"{part}\x00" for part in parts[:at])
            after = "".join(f"\x00{part}" for part in parts[at + 1 :])

            def cell_key(name: str) -> bytes:  # `stable_key` of a cell, which is not made for the many never taken
                return hashlib.sha256(f"{before}{name}{after}".encode()).digest()

            self._ordered[key] = sorted(self.safe(rest, slot, names), key=cell_key)
        return self._ordered[key]


def _changes(seed: Cell, slot: Slot, beside: _Beside) -> Iterator[Neighbour]:
    """Safe neighbours of one cell in one slot, nearest first. The seed itself is none: it is forbidden."""
    rest = seed.replaced(slot, "")
    for distance, names in beside.names(slot, seed.get(slot)):
        for name in beside.in_order(rest, slot, names):
            yield Neighbour(rest.replaced(slot, name), distance, slot)


def _swap(seed: Cell, depiction: Depiction) -> Iterator[Neighbour]:
    cell = Cell(seed.object, seed.relation, seed.subject)
    if cell != seed and depiction.is_safe(cell):
        yield Neighbour(cell, ROLES, "roles")
