"""What a forbid is trained and tested on: forget, neighbours, allows, marginals, control, redirects.

Nothing here is random: where there is more than a set may hold, a stable hash of the cell chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from ..corpus import lexicon
from ..diagnostics import Diagnostics, Span
from ..resolve.names import Rule
from ..resolve.taxonomy import Concept
from ..syntax.nodes import SourceFile
from .cells import SLOTS, Cell, Slot
from .depiction import Depiction
from .neighbours import Vocabulary, neighbour_cells, stable_key
from .redirects import instead_cell, instead_slot
from .relations import Extent, RelationGraph, find

MAX_ALLOWS = 400  # per rule; the nearest to the forget set are kept
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
    """All that is derived from one forbid."""

    rule: Rule
    forget: tuple[Item, ...]
    neighbours: tuple[Item, ...]
    allows: tuple[Item, ...]
    marginals: tuple[Item, ...]
    control: tuple[Item, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """A policy as the planner takes it: per forbid its sets, and how every name is written."""

    policy: str
    edition: int
    rules: tuple[RuleSets, ...]
    allow_rules: tuple[Rule, ...]
    concepts: tuple[Concept, ...]
    relations: tuple[Concept, ...]
    uncovered_count: int
    source: SourceFile

    def forms(self, slot: Slot, name: str) -> tuple[str, ...]:
        """The surface forms of a leaf: the policy's, else the lexicon's that are open to training."""
        concept = find(self.relations if slot == "relation" else self.concepts, name)
        if concept is not None:
            return concept.forms
        word = lexicon.word(slot, name)
        return word.train if word else (name.replace("_", " "),)


def run(graph: RelationGraph, diagnostics: Diagnostics) -> Derived:
    """Derive the sets of every forbid."""
    depiction = Depiction(graph)
    vocabulary = Vocabulary(graph, depiction)
    resolved = graph.resolved
    return Derived(
        resolved.name,
        resolved.edition,
        tuple(_sets(extent, graph, depiction, vocabulary) for extent in graph.of_kind("forbid")),
        tuple(extent.rule for extent in graph.of_kind("allow")),
        resolved.concepts,
        resolved.relations,
        _uncovered(graph, vocabulary),
        resolved.source,
    )


def _sets(extent: Extent, graph: RelationGraph, depiction: Depiction, vocabulary: Vocabulary) -> RuleSets:
    rule = extent.rule
    origin = (Origin(rule.id, rule.span),)
    neighbours = neighbour_cells(extent, depiction, vocabulary)
    return RuleSets(
        rule,
        tuple(Item(cell, "forget", 0, "", origin) for cell in extent.cells),
        tuple(Item(n.cell, "neighbour", n.distance, n.changed, origin) for n in neighbours),
        _allows(extent, graph, depiction),
        tuple(Item(cell, "marginal", 0, "", origin) for cell in _marginals(extent)),
        tuple(Item(cell, "control", 0, "", origin) for cell in _control(extent, depiction)),
        _redirects(extent, depiction),
    )


def _allows(extent: Extent, graph: RelationGraph, depiction: Depiction) -> tuple[Item, ...]:
    """All allowed cells that no forbid overrides, each once with all its origins."""
    origins: dict[Cell, list[Origin]] = {}
    for allow in graph.of_kind("allow"):
        for cell in allow.cells:
            if cell not in depiction.forbidden:
                origins.setdefault(cell, []).append(Origin(allow.rule.id, allow.rule.span))
    inside = {slot: {cell.get(slot) for cell in extent.cells} for slot in SLOTS}

    def far(cell: Cell) -> int:
        return sum(cell.get(slot) not in inside[slot] for slot in SLOTS)

    nearest = sorted(origins, key=lambda cell: (far(cell), stable_key(cell)))[:MAX_ALLOWS]
    return tuple(Item(cell, "allow", far(cell), "", tuple(origins[cell])) for cell in nearest)


def _marginals(extent: Extent) -> tuple[Cell, ...]:
    """Every part alone and every pair of parts of the forget cells, parts first."""
    found: set[Cell] = set()
    for cell in extent.cells:
        for count in (1, 2):
            for kept in combinations(SLOTS, count):
                found.add(Cell(*(cell.get(slot) if slot in kept else "" for slot in SLOTS)))
    parts = sorted(found, key=lambda c: (sum(bool(c.get(slot)) for slot in SLOTS), stable_key(c)))
    return tuple(parts[:MAX_MARGINALS])


def _control(extent: Extent, depiction: Depiction) -> tuple[Cell, ...]:
    """Cells of the lexicon that are at least two slots away from the whole forget set and safe."""
    pairs = {(a, cell.get(a), b, cell.get(b)) for cell in extent.cells for a, b in combinations(SLOTS, 2)}
    world = (
        Cell(s.name, r.name, o.name)
        for s in lexicon.WORDS["subject"]
        for r in lexicon.WORDS["relation"]
        for o in lexicon.WORDS["object"]
    )

    def unrelated(cell: Cell) -> bool:
        return not any(
            (a, name_a, b, name_b) in pairs
            for a, b in combinations(SLOTS, 2)
            for name_a in depiction.covering(a, cell.get(a))
            for name_b in depiction.covering(b, cell.get(b))
        )

    chosen: list[Cell] = []
    for cell in sorted(world, key=stable_key):
        if unrelated(cell) and depiction.is_safe(cell):
            chosen.append(cell)
            if len(chosen) == CONTROL_CELLS:
                break
    return tuple(chosen)


def _redirects(extent: Extent, depiction: Depiction) -> tuple[Redirect, ...]:
    rule = extent.rule
    if rule.instead is None:
        return ()
    slot = instead_slot(rule, depiction)
    why = f"`instead {rule.instead}` of {rule.id}"
    targets = ((cell, instead_cell(rule, slot, cell, depiction)) for cell in extent.cells)
    return tuple(Redirect(cell, target, why) for cell, target in targets if target is not None)


def _uncovered(graph: RelationGraph, vocabulary: Vocabulary) -> int:
    """How many cells of the policy's own names no rule speaks of."""
    own = {slot: frozenset(vocabulary.own[slot]) for slot in SLOTS}
    total = len(own["subject"]) * len(own["relation"]) * len(own["object"])
    spoken_of = {cell for extent in graph.extents for cell in extent.cells}
    return total - sum(all(cell.get(slot) in own[slot] for slot in SLOTS) for cell in spoken_of)
