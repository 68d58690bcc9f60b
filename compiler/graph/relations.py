"""The relation graph: the cells that each rule covers, over the is-a graphs of concepts and relations."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostics, listed, quote
from ..resolve.names import Except, Resolved, Rule
from ..resolve.taxonomy import Concept
from ..syntax.nodes import WILDCARD
from .cells import SLOTS, Cell, Slot

if TYPE_CHECKING:
    import networkx

MAX_CELLS = 20_000  # per rule; wider rules cannot be trained or tested cell by cell


@dataclass(frozen=True, slots=True)
class Extent:
    """The leaf cells of one rule in alphabetical order, and the cells that its excepts took away."""

    rule: Rule
    cells: tuple[Cell, ...]
    excepted: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RelationGraph:
    """Rules as sets of cells."""

    resolved: Resolved
    extents: tuple[Extent, ...]

    def of_kind(self, kind: str) -> tuple[Extent, ...]:
        """The extents of all forbids, or of all allows."""
        return tuple(e for e in self.extents if e.rule.kind == kind)

    def forbidden(self) -> frozenset[Cell]:
        """Every cell that some forbid covers."""
        return frozenset(cell for extent in self.of_kind("forbid") for cell in extent.cells)

    def as_networkx(self) -> networkx.MultiDiGraph[str]:
        """The same graph for networkx, whose import is too slow for `check`.

        Nodes are `concept:NAME` and `relation:NAME`. Edges are `is_a`, and for every rule one edge from
        subject to object with the rule's id, kind and relation.
        """
        import networkx

        graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(policy=self.resolved.name)
        for concept in (*self.resolved.concepts, *self.resolved.relations):
            node = f"{concept.kind}:{concept.name}"
            graph.add_node(node, kind=concept.kind, leaf=concept.is_leaf, declared=concept.declared)
            for parent in concept.parents:
                graph.add_edge(node, f"{concept.kind}:{parent}", key="is_a", kind="is_a")
        for extent in self.extents:
            rule = extent.rule
            graph.add_edge(
                f"concept:{rule.subject}",
                f"concept:{rule.object}",
                key=rule.id,
                kind=rule.kind,
                relation=rule.relation,
                cells=len(extent.cells),
            )
        return graph


def find(concepts: tuple[Concept, ...], name: str) -> Concept | None:
    """A concept by name among concepts in alphabetical order."""
    at = bisect_left(concepts, name, key=lambda c: c.name)
    return concepts[at] if at < len(concepts) and concepts[at].name == name else None


def leaves_of(resolved: Resolved, slot: Slot, name: str) -> tuple[str, ...]:
    """The leaf names below a name in a slot; a wildcard stands for the leaves of all declared names."""
    concepts = resolved.relations if slot == "relation" else resolved.concepts
    if name == WILDCARD:
        return tuple(sorted({leaf for c in concepts if c.declared for leaf in c.leaves}))
    concept = find(concepts, name)
    return concept.leaves if concept else ()


def run(resolved: Resolved, diagnostics: Diagnostics) -> RelationGraph:
    """Spread every rule out into cells."""
    extents = (_extent(resolved, rule, diagnostics) for rule in resolved.rules)
    return RelationGraph(resolved, tuple(e for e in extents if e is not None))


def _extent(resolved: Resolved, rule: Rule, diagnostics: Diagnostics) -> Extent | None:
    slots = {slot: leaves_of(resolved, slot, getattr(rule, slot)) for slot in SLOTS}
    for slot, leaves in slots.items():
        if not leaves and getattr(rule, slot) == WILDCARD:
            kind = "relation" if slot == "relation" else "concept"
            message = f"`*` covers nothing here: this policy declares no {kind}"
            diagnostics.error("P407", message, rule.pattern_span)
            return None
        if not leaves:
            return None
    count = len(slots["subject"]) * len(slots["relation"]) * len(slots["object"])
    if count > MAX_CELLS:
        message = f"this rule covers {count:,} cells; at most {MAX_CELLS:,} can be compiled"
        hint = "name narrower concepts, or split the rule"
        diagnostics.error("P406", message, rule.pattern_span, hint=hint)
        return None
    cells = [Cell(*names) for names in product(slots["subject"], slots["relation"], slots["object"])]
    removed: set[Cell] = set()
    for exception in rule.excepts:
        taken = _taken(resolved, exception, cells)
        if not taken:
            name = quote(exception.name) if exception.name else "this pattern"
            within = listed((quote(getattr(rule, slot)) for slot in SLOTS), "and")
            message = f"{name} excepts nothing: it has no cell in common with the rule"
            diagnostics.warning("P403", message, exception.span, hint=f"write a name below {within}")
        removed |= taken
    kept = tuple(cell for cell in cells if cell not in removed)
    if not kept:
        diagnostics.error(
            "P404",
            "the exceptions of this rule take away all of its cells",
            rule.excepts[-1].span,
            hint="except something narrower, or delete the rule",
        )
        return None
    return Extent(rule, kept, tuple(sorted(removed)))


def _taken(resolved: Resolved, exception: Except, cells: list[Cell]) -> set[Cell]:
    if exception.name:
        below = {slot: set(leaves_of(resolved, slot, exception.name)) for slot in SLOTS}
        return {cell for cell in cells if any(cell.get(slot) in below[slot] for slot in SLOTS)}
    below = {slot: set(leaves_of(resolved, slot, getattr(exception, slot))) for slot in SLOTS}
    return {cell for cell in cells if all(cell.get(slot) in below[slot] for slot in SLOTS)}
