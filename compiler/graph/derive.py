"""What a forbid is trained and tested on: forget, neighbours, allows, marginals, control, redirects.

Nothing here is random: where there is more than a set may hold, a stable hash of the cell chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations, product
from typing import Literal, overload

from ..messages.diagnostics import Diagnostics, Span
from ..records.canonical import plain
from ..resolve.expects import Expectation
from ..resolve.names import Rule
from ..resolve.taxonomy import Concept
from ..syntax.nodes import SourceFile
from ..world import lexicon
from ..world.cells import SLOTS, Cell, Slot
from .cell_sets import Box, union_count
from .depiction import Depiction
from .nearest import Allowed
from .neighbours import Vocabulary, neighbour_cells, stable_key
from .redirects import instead_cell, instead_slot, slot_in
from .relations import MAX_CELLS, Extent, RelationGraph, find
from .retain_bounds import Kept

MAX_MARGINALS = 600
CONTROL_CELLS = 200

ItemKind = Literal["forget", "neighbour", "allow", "marginal", "control"]


@dataclass(frozen=True, slots=True)
class Origin:
    """A rule that an item came from, and where it stands."""

    rule: str
    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    """One cell of a set. `changed` is the slot in which a neighbour differs, or `roles` for a swap.

    `distance` of a neighbour: 1 shares a parent in the policy, 2 is elsewhere in the policy, 3 comes from the
    built-in lexicon, 4 swaps roles; of an allow: in how many slots it lies outside the rule; else 0.
    """

    cell: Cell
    kind: ItemKind
    distance: int
    changed: str
    origin: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the rule's `instead` leads one forbidden cell."""

    cell: Cell
    target: Cell
    why: str


@dataclass(frozen=True, slots=True)
class RuleSets:
    """All that is derived from one forbid. A rule too wide to compile shows `MAX_CELLS` of its cells in `forget`."""

    rule: Rule
    forget: tuple[Item, ...]
    neighbours: tuple[Item, ...]
    allows: tuple[Item, ...]
    marginals: tuple[Item, ...]
    control: tuple[Item, ...]
    redirects: tuple[Redirect, ...]
    forget_count: int

    @property
    def told_apart(self) -> tuple[Cell, ...]:
        """The cells whose captions are told apart where no picture shows the forbidden ones.

        Forbidden ones first, then what those are led to, then the rest.
        """
        others = [item.cell for item in (*self.neighbours, *self.allows, *self.control) if item.changed != "roles"]
        led = [redirect.target for redirect in self.redirects]
        return tuple(dict.fromkeys([*(item.cell for item in self.forget), *led, *others]))


class LazySets(Sequence[RuleSets]):
    """The sets of every forbid in the order of the file, each derived when it is first asked for."""

    def __init__(self, graph: RelationGraph) -> None:
        self._extents = graph.of_kind("forbid")
        self._graph = graph
        self._known: dict[int, RuleSets] = {}
        self._tools: tuple[Depiction, Vocabulary, Allowed] | None = None

    def __len__(self) -> int:
        return len(self._extents)

    @overload
    def __getitem__(self, at: int) -> RuleSets: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[RuleSets, ...]: ...
    def __getitem__(self, at: int | slice) -> RuleSets | tuple[RuleSets, ...]:
        if isinstance(at, slice):
            return tuple(self[number] for number in range(len(self))[at])
        number = range(len(self))[at]
        if number not in self._known:
            self._known[number] = _sets(self._extents[number], *self.tools())
        return self._known[number]

    def tools(self) -> tuple[Depiction, Vocabulary, Allowed]:
        """What all rules are derived with."""
        if self._tools is None:
            depiction = Depiction(self._graph)
            self._tools = depiction, Vocabulary(self._graph, depiction), Allowed(depiction)
        return self._tools

    def __plain__(self) -> list[RuleSets]:
        return list(self)


class Derived:
    """A policy as the planner takes it: per forbid its sets, and how every name is written. All of it on demand."""

    def __init__(self, graph: RelationGraph) -> None:
        resolved = graph.resolved
        self.graph = graph
        self.policy: str = resolved.name
        self.edition: int = resolved.edition
        self.rules: Sequence[RuleSets] = LazySets(graph)
        self.forbid_rules: tuple[Rule, ...] = tuple(extent.rule for extent in graph.of_kind("forbid"))
        self.allow_rules: tuple[Rule, ...] = tuple(extent.rule for extent in graph.of_kind("allow"))
        self.concepts: tuple[Concept, ...] = resolved.concepts
        self.relations: tuple[Concept, ...] = resolved.relations
        self.expects: tuple[Expectation, ...] = resolved.expects
        self.source: SourceFile = resolved.source

    @cached_property
    def forbidden_count(self) -> int:
        """How many cells some rule forbids, each counted once."""
        return union_count(box for extent in self.graph.of_kind("forbid") for box in extent.cells.boxes)

    @cached_property
    def uncovered_count(self) -> int:
        """How many cells of the policy's own names no rule speaks of."""
        assert isinstance(self.rules, LazySets)
        _, vocabulary, _ = self.rules.tools()
        space = self.graph.space
        own = Box(*(space.axis(slot).bits(vocabulary.own[slot]) for slot in SLOTS))
        spoken_of = (box.meet(own) for extent in self.graph.extents for box in extent.cells.boxes)
        return own.count - union_count(box for box in spoken_of if box.count)

    def kept(self) -> Kept:
        """Tells how much each forbid keeps, without its sets."""
        assert isinstance(self.rules, LazySets)
        return Kept(*self.rules.tools())

    def sets(self, rule_id: str) -> RuleSets | None:
        """The sets of one forbid, and of no other."""
        for number, rule in enumerate(self.forbid_rules):
            if rule.id == rule_id:
                return self.rules[number]
        return None

    def forms(self, slot: Slot, name: str) -> tuple[str, ...]:
        """The surface forms of a leaf: the policy's, else the lexicon's that are open to training."""
        concept = find(self.relations if slot == "relation" else self.concepts, name)
        if concept is not None:
            return concept.forms
        word = lexicon.word(slot, name)
        return word.train if word else (name.replace("_", " "),)

    def inverse_forms(self, relation: str) -> tuple[str, ...]:
        """The forms of the relations declared as inverse of this one, which have the object first; often none."""
        concept = find(self.relations, relation)
        return concept.inverse_forms if concept is not None else ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all forbids."""
        return tuple(rule.id for rule in self.forbid_rules)

    @property
    def too_wide(self) -> tuple[str, ...]:
        """The ids of the forbids that can be checked and explained, but not compiled."""
        return tuple(extent.rule.id for extent in self.graph.of_kind("forbid") if extent.is_too_wide)

    def heading(self) -> dict[str, object]:
        """All that is written of it as JSON but the rules' sets."""
        names = ("policy", "edition", "allow_rules", "concepts", "relations", "expects", "uncovered_count", "source")
        return {name: plain(getattr(self, name)) for name in names}

    def __plain__(self) -> dict[str, object]:
        return {**self.heading(), "rules": self.rules}


def run(graph: RelationGraph, diagnostics: Diagnostics) -> Derived:
    """What follows from every forbid; nothing is worked out here."""
    return Derived(graph)


def _sets(extent: Extent, depiction: Depiction, vocabulary: Vocabulary, allowed: Allowed) -> RuleSets:
    rule = extent.rule
    origin = (Origin(rule.id, rule.span),)
    cells = extent.cells.some(MAX_CELLS)
    neighbours = neighbour_cells(cells, depiction, vocabulary)
    return RuleSets(
        rule,
        tuple(Item(cell, "forget", 0, "", origin) for cell in cells),
        tuple(Item(n.cell, "neighbour", n.distance, n.changed, origin) for n in neighbours),
        _allows(extent, allowed),
        tuple(Item(cell, "marginal", 0, "", origin) for cell in _marginals(cells)),
        tuple(Item(cell, "control", 0, "", origin) for cell in _control(extent, depiction)),
        _redirects(extent, cells, depiction),
        len(extent.cells),
    )


def _allows(extent: Extent, allowed: Allowed) -> tuple[Item, ...]:
    """The nearest allowed cells that no forbid overrides, each once with all its origins."""
    return tuple(
        Item(cell, "allow", far, "", tuple(Origin(rule.id, rule.span) for rule in allowed.rules(cell)))
        for cell, far in allowed.nearest(extent.cells)
    )


def _marginals(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Every part alone and every pair of parts of the forget cells, parts first."""
    found: set[Cell] = set()
    for cell in cells:
        for count in (1, 2):
            for kept in combinations(SLOTS, count):
                found.add(Cell(*(cell.get(slot) if slot in kept else "" for slot in SLOTS)))
    parts = sorted(found, key=lambda c: (sum(bool(c.get(slot)) for slot in SLOTS), stable_key(c)))
    return tuple(parts[:MAX_MARGINALS])


def _control(extent: Extent, depiction: Depiction) -> tuple[Cell, ...]:
    """Cells of the lexicon that are at least two slots away from the whole forget set and safe."""
    boxes = extent.cells.boxes

    def unrelated(cell: Cell) -> bool:
        sides = [depiction.covering(slot, cell.get(slot)) for slot in SLOTS]
        shared = (sum(bool(mine & theirs) for mine, theirs in zip(sides, box, strict=True)) for box in boxes)
        return all(count <= 1 for count in shared)

    chosen: list[Cell] = []
    for cell in _world():
        if unrelated(cell) and depiction.is_safe(cell):
            chosen.append(cell)
            if len(chosen) == CONTROL_CELLS:
                break
    return tuple(chosen)


@cache
def _world() -> tuple[Cell, ...]:
    """Every cell of the lexicon in stable order."""
    words = product(*(lexicon.WORDS[slot] for slot in SLOTS))
    return tuple(sorted((Cell(*(word.name for word in cell)) for cell in words), key=stable_key))


def _redirects(extent: Extent, cells: tuple[Cell, ...], depiction: Depiction) -> tuple[Redirect, ...]:
    rule = extent.rule
    if rule.instead is None:
        return ()
    slot = instead_slot(rule, depiction)
    why = f"`instead {rule.instead}` of {rule.id}"
    targets = ((cell, instead_cell(rule, slot_in(cell, slot, extent), cell, depiction)) for cell in cells)
    return tuple(Redirect(cell, target, why) for cell, target in targets if target is not None)
