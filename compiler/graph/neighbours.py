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


def chosen(forget: Sequence[Cell], depiction: Depiction, vocabulary: Vocabulary) -> Iterator[Neighbour]:
    """The same in the order in which they are taken, each when it is asked for."""
    seeds = sorted(forget, key=stable_key)[:MAX_SEEDS]
    known: _Known = {}
    queues = [
        queue
        for seed in seeds
        for queue in (*(_changes(seed, slot, depiction, vocabulary, known) for slot in SLOTS), _swap(seed, depiction))
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


# The safe names in order, by slot, the cell without that slot, what may stand there, and how far away that is.
_Known = dict[tuple[Slot, Cell, frozenset[str], int], list[str]]


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
        yield from (Neighbour(rest.replaced(slot, name), distance, slot) for name in known[key])
    shown = depiction.shown(slot, seed.get(slot))
    groups = {word.group for leaf in shown if (word := lexicon.word(slot, leaf))}
    own = frozenset(vocabulary.own[slot])
    world = [w for w in lexicon.WORDS[slot] if w.name not in family and w.name not in own]
    for is_near in (True, False):
        names = [w.name for w in world if (w.group in groups) == is_near]
        safe = _safe(rest, slot, names, depiction)
        yield from (Neighbour(rest.replaced(slot, name), LEXICON, slot) for name in safe)


def _safe(rest: Cell, slot: Slot, names: Collection[str], depiction: Depiction) -> list[str]:
    """The names that make safe cells of `rest`, in the order that `stable_key` gives those cells."""
    at, parts = SLOTS.index(slot), _parts(rest)
    before, after = "".join(f"{part}\x00" for part in parts[:at]), "".join(f"\x00{part}" for part in parts[at + 1 :])

    def key(name: str) -> bytes:  # `stable_key` of the cell, which is not made for the many that are never taken
        return hashlib.sha256(f"{before}{name}{after}".encode()).digest()

    return sorted(depiction.safe_names(rest, slot, names), key=key)


def _swap(seed: Cell, depiction: Depiction) -> Iterator[Neighbour]:
    cell = Cell(seed.object, seed.relation, seed.subject)
    if cell != seed and depiction.is_safe(cell):
        yield Neighbour(cell, ROLES, "roles")
