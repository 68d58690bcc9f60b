"""The cells right beside a forget set: what a rule must not damage first of all."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..corpus import lexicon
from ..resolve.taxonomy import Concept
from .cells import SLOTS, Cell, Slot
from .depiction import Depiction
from .relations import RelationGraph, find

MAX_NEIGHBOURS = 400  # per rule
_MAX_SEEDS = 400  # forget cells that neighbours are looked for around
SIBLING, POLICY, LEXICON, ROLES = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A cell one step from a forbidden one: a slot changed to another name, or the roles swapped."""

    cell: Cell
    distance: int
    changed: str


def stable_key(cell: Cell) -> str:
    """An order unlike the alphabet's that is the same on every machine and in every run."""
    return hashlib.sha256("\x00".join((cell.subject, cell.relation, cell.object)).encode()).hexdigest()


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
    seeds = sorted(forget, key=stable_key)[:_MAX_SEEDS]
    known: _Known = {}
    queues = [
        queue
        for seed in seeds
        for queue in (*(_changes(seed, slot, depiction, vocabulary, known) for slot in SLOTS), _swap(seed, depiction))
    ]
    chosen: dict[Cell, Neighbour] = {}
    while queues and len(chosen) < MAX_NEIGHBOURS:
        going_on = []
        for queue in queues:
            new = next((n for n in queue if n.cell not in chosen), None)
            if new is not None and len(chosen) < MAX_NEIGHBOURS:
                chosen[new.cell] = new
                going_on.append(queue)
        queues = going_on
    return tuple(sorted(chosen.values(), key=lambda n: (n.distance, stable_key(n.cell))))


# The safe cells in order, by slot, the cell without that slot, what may stand there, and how far away that is.
_Known = dict[tuple[Slot, Cell, frozenset[str], int], list[Cell]]


def _changes(
    seed: Cell, slot: Slot, depiction: Depiction, vocabulary: Vocabulary, known: _Known
) -> Iterator[Neighbour]:
    """Safe neighbours of one cell in one slot, nearest first. The seed itself is none: it is forbidden."""
    family = vocabulary.family(slot, seed.get(slot))
    rest = seed.replaced(slot, "")
    for distance in (SIBLING, POLICY):
        key = (slot, rest, family, distance)
        if key not in known:
            names = family if distance == SIBLING else [n for n in vocabulary.own[slot] if n not in family]
            known[key] = _safe(rest, slot, names, depiction)
        yield from (Neighbour(cell, distance, slot) for cell in known[key])
    shown = depiction.shown(slot, seed.get(slot))
    groups = {word.group for leaf in shown if (word := lexicon.word(slot, leaf))}
    own = frozenset(vocabulary.own[slot])
    world = [w for w in lexicon.WORDS[slot] if w.name not in family and w.name not in own]
    for is_near in (True, False):
        names = [w.name for w in world if (w.group in groups) == is_near]
        yield from (Neighbour(cell, LEXICON, slot) for cell in _safe(rest, slot, names, depiction))


def _safe(rest: Cell, slot: Slot, names: Collection[str], depiction: Depiction) -> list[Cell]:
    return sorted((rest.replaced(slot, name) for name in depiction.safe_names(rest, slot, names)), key=stable_key)


def _swap(seed: Cell, depiction: Depiction) -> Iterator[Neighbour]:
    cell = Cell(seed.object, seed.relation, seed.subject)
    if cell != seed and depiction.is_safe(cell):
        yield Neighbour(cell, ROLES, "roles")
