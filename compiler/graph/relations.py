"""The relation graph: the cells that each rule covers, over the is-a graphs of concepts and relations."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..messages.diagnostics import Diagnostics, listed, quote
from ..messages.spelling import guess
from ..resolve.names import Except, Resolved, Rule
from ..resolve.taxonomy import Concept
from ..syntax.nodes import WILDCARD
from ..world.cells import SLOTS, Slot
from .cell_sets import Axis, Box, CellSet, Space

if TYPE_CHECKING:
    import networkx

MAX_CELLS = 20_000  # per rule; wider rules cannot be trained or tested cell by cell


@dataclass(frozen=True, slots=True)
class Extent:
    """The leaf cells of one rule, and the cells that its excepts took away.

    `open` slots of the cells were written as `*`. `turned` are the cells whose subject stands where the rule writes
    its object, because the relation is an inverse or symmetric.
    """

    rule: Rule
    cells: CellSet
    excepted: CellSet
    open: frozenset[Slot]
    turned: CellSet

    @property
    def is_too_wide(self) -> bool:
        """Whether it can be checked and explained, but not compiled."""
        return len(self.cells) > MAX_CELLS


@dataclass(frozen=True, slots=True)
class RelationGraph:
    """Rules as sets of cells. A set that holds one direction of a symmetric relation's fact holds the other too."""

    resolved: Resolved
    extents: tuple[Extent, ...]
    space: Space

    def of_kind(self, kind: str) -> tuple[Extent, ...]:
        """The extents of all forbids, or of all allows."""
        return tuple(e for e in self.extents if e.rule.kind == kind)

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
    concepts = resolved.of(slot)
    if name == WILDCARD:
        return tuple(sorted({leaf for c in concepts if c.declared for leaf in c.leaves}))
    concept = find(concepts, name)
    return concept.leaves if concept else ()


def run(resolved: Resolved, diagnostics: Diagnostics) -> RelationGraph:
    """Spread every rule out into boxes of cells."""
    space = Space(
        Axis(tuple(c.name for c in resolved.concepts if c.is_leaf)),
        Axis(tuple(c.name for c in resolved.relations if c.is_leaf)),
    )
    sides = Sides(resolved, space)
    extents = (_extent(rule, sides, diagnostics) for rule in resolved.rules)
    return RelationGraph(resolved, tuple(e for e in extents if e is not None), space)


class Sides:
    """The leaves below every name as bits, worked out once for each name."""

    def __init__(self, resolved: Resolved, space: Space) -> None:
        self.space = space
        self._concepts = {c.name: c for c in resolved.concepts}
        self._relations = {c.name: c for c in resolved.relations}
        self._known: dict[tuple[bool, str], tuple[int, int]] = {}
        symmetric = [c.name for c in resolved.relations if c.is_leaf and c.symmetric]
        self.symmetric = space.relations.bits(symmetric)

    def is_new(self, name: str) -> bool:
        """Whether a concept is known from its use alone, and is no slip of a declared one."""
        concept = self._concepts.get(name)
        if concept is None or concept.declared:
            return False
        return not guess(name, frozenset(c.name for c in self._concepts.values() if c.declared)).hint

    def concept(self, name: str) -> int:
        """The leaves of a concept."""
        return self._side(name, self._concepts, self.space.concepts, is_relation=False)[0]

    def relation(self, name: str) -> tuple[int, int]:
        """The leaves of a relation as written, and those with subject and object exchanged.

        `*` stands for every relation as written: an inverse only says a relation's cells in other words.
        """
        return self._side(name, self._relations, self.space.relations, is_relation=True)

    def _side(self, name: str, concepts: dict[str, Concept], axis: Axis, *, is_relation: bool) -> tuple[int, int]:
        found = self._known.get((is_relation, name))
        if found is None:
            if name == WILDCARD:
                forward = axis.bits(leaf for c in concepts.values() if c.declared for leaf in c.leaves)
                backward = forward & self.symmetric if is_relation else 0
            else:
                concept = concepts.get(name)
                forward = axis.bits(concept.leaves) if concept else 0
                backward = axis.bits(concept.turned) if concept else 0
            found = self._known[is_relation, name] = (forward, backward)
        return found

    def written(self, subject: str, relation: str, obj: str) -> Box:
        """The cells of three names in the direction written; none of an inverse."""
        return Box(self.concept(subject), self.relation(relation)[0], self.concept(obj))

    def boxes(self, subject: str, relation: str, obj: str) -> list[Box]:
        """The cells of three names: as written, and exchanged where the relation is turned round or symmetric."""
        forward = self.written(subject, relation, obj)
        boxes = (forward, Box(forward.object, self.relation(relation)[1], forward.subject))
        return [box for box in boxes if box[0] and box[1] and box[2]]


def _extent(rule: Rule, sides: Sides, diagnostics: Diagnostics) -> Extent | None:
    boxes = sides.boxes(rule.subject, rule.relation, rule.object)
    if not boxes:
        _report_empty(rule, sides, diagnostics)
        return None
    whole = CellSet(sides.space, boxes)
    kept = whole
    for exception in rule.excepts:
        gone = taken(exception, sides)
        if whole.isdisjoint(gone):
            name = quote(exception.name) if exception.name else "this pattern"
            within = listed(quote(getattr(rule, slot)) for slot in SLOTS)
            message = f"{name} excepts nothing: it has no cell in common with the rule"
            hint = f"write a name below {within}"
            if exception.name and sides.is_new(exception.name) and rule.object != WILDCARD:
                hint += f"; or put it below one of them, such as `concept {exception.name} : {rule.object}`"
            diagnostics.warning("P403", message, exception.span, hint=hint)
        else:
            kept = kept - gone
    if not kept:
        diagnostics.error(
            "P404",
            "the exceptions of this rule take away all of its cells",
            rule.excepts[-1].span,
            hint="except something narrower, or delete the rule",
        )
        return None
    if rule.kind == "forbid" and len(kept) > MAX_CELLS:
        message = f"this rule covers {len(kept):,} cells; at most {MAX_CELLS:,} can be compiled"
        hint = "name narrower concepts, or split the rule"
        diagnostics.warning("P406", message, rule.pattern_span, hint=hint)
    none = CellSet(sides.space)
    turned = none
    if sides.relation(rule.relation)[1]:
        turned = kept - CellSet(sides.space, [sides.written(rule.subject, rule.relation, rule.object)])
    return Extent(rule, kept, whole - kept if rule.excepts else none, _open_slots(rule, sides), turned)


def _report_empty(rule: Rule, sides: Sides, diagnostics: Diagnostics) -> None:
    for slot in SLOTS:
        if getattr(rule, slot) != WILDCARD:
            continue
        if not (sides.relation(WILDCARD)[0] if slot == "relation" else sides.concept(WILDCARD)):
            kind = "relation" if slot == "relation" else "concept"
            message = f"`*` covers nothing here: this policy declares no {kind}"
            diagnostics.error("P407", message, rule.pattern_span)
            return


def _open_slots(rule: Rule, sides: Sides) -> frozenset[Slot]:
    """The slots of its cells that a wildcard fills."""
    written = frozenset(slot for slot in SLOTS if getattr(rule, slot) == WILDCARD)
    if not written or not sides.relation(rule.relation)[1]:
        return written
    turned: dict[Slot, Slot] = {"subject": "object", "object": "subject", "relation": "relation"}
    exchanged = frozenset(turned[slot] for slot in written)
    return exchanged | written if sides.relation(rule.relation)[0] else exchanged


def taken(exception: Except, sides: Sides) -> CellSet:
    """The cells that an exception would take away from a rule that had them."""
    if exception.name:
        concept = sides.concept(exception.name)
        forward, backward = sides.relation(exception.name)
        every, everyone = sides.space.relations.every, sides.space.concepts.every
        boxes = (
            Box(concept, every, everyone),
            Box(everyone, every, concept),
            Box(everyone, forward | backward, everyone),
        )
        return CellSet(sides.space, boxes)
    return CellSet(sides.space, sides.boxes(exception.subject, exception.relation, exception.object))
