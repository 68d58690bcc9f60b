"""Whether the `expect` lines of a policy hold, worked out on its cells: no model is asked, nothing is trained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..graph.cell_sets import CellSet, ones
from ..graph.relations import Extent, RelationGraph, Sides
from ..graph.rule_index import RuleIndex
from ..messages.diagnostics import Diagnostic, Diagnostics, Related, listed, quote
from ..resolve.expects import Expectation
from ..syntax.nodes import WILDCARD, Verdict
from ..world.cells import SLOTS
from .sentences import Sentences

Found = Literal["forbidden", "allowed", "unspecified", "mixed", "unread"]
VERDICTS: tuple[Verdict, ...] = ("forbidden", "allowed", "unspecified")
# What `proscribe test` finds and `check` does not.
DOES_NOT_HOLD, UNREAD, OTHER_RULE, COVERAGE = "P604", "P605", "P606", "P607"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expectation and what the policy says.

    `found` is `mixed` where a pattern's cells differ and `unread` where a sentence is no cell; `rules` are the ids
    that decide, `about` the cells as the policy names them, `count` how many they are.
    """

    expectation: Expectation
    holds: bool
    found: Found
    about: str
    count: int
    rules: tuple[str, ...]
    diagnostic: Diagnostic | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which rules the expectations that hold rest on. `percent` is 100 where there is no rule."""

    tested: tuple[str, ...]
    untested: tuple[str, ...]

    @property
    def percent(self) -> float:
        """The share of tested rules, from 0 to 100."""
        count = len(self.tested) + len(self.untested)
        return 100 * len(self.tested) / count if count else 100.0


@dataclass(frozen=True, slots=True)
class Decision:
    """A set of cells by verdict, and per verdict the rules that decide some of them."""

    parts: dict[Verdict, CellSet]
    rules: dict[Verdict, tuple[Extent, ...]]

    @property
    def found(self) -> Found:
        """The verdict of all cells, or `mixed`; no cells are unspecified."""
        there = [verdict for verdict in VERDICTS if self.parts[verdict]]
        return there[0] if len(there) == 1 else "mixed" if there else "unspecified"


class Judge:
    """Decides cells of one policy: a forbid before an allow, and what neither names is unspecified."""

    def __init__(self, graph: RelationGraph) -> None:
        self.graph = graph
        self.sides = Sides(graph.resolved, graph.space)
        self.sentences = Sentences(graph.resolved)
        self._index = RuleIndex(graph.space, graph.extents)

    def decide(self, cells: CellSet) -> Decision:
        """What the rules say of each cell."""
        rest = cells
        parts: dict[Verdict, CellSet] = {}
        rules: dict[Verdict, tuple[Extent, ...]] = {"unspecified": ()}
        meeting = self._index.meeting(*(cells.side(slot) for slot in SLOTS))
        extents = [self.graph.extents[number] for number in ones(meeting)]
        kinds: tuple[tuple[Verdict, str], ...] = (("forbidden", "forbid"), ("allowed", "allow"))
        for verdict, kind in kinds:
            deciding = tuple(e for e in extents if e.rule.kind == kind and not e.cells.isdisjoint(rest))
            left = rest
            for extent in deciding:
                left = left - extent.cells
            parts[verdict], rules[verdict] = rest - left, deciding
            rest = left
        parts["unspecified"] = rest
        return Decision(parts, rules)

    def outcome(self, expectation: Expectation) -> Outcome:
        """Whether one expectation holds, and if it does not, why."""
        if expectation.pattern is None:
            return self._of_sentence(expectation)
        cells = self.cells(expectation.pattern)
        if cells is None:
            return _failed(expectation, "unread", UNREAD, "this pattern has no cells: `*` covers nothing here", "")
        return self._judged(expectation, cells, expectation.about)

    def cells(self, pattern: tuple[str, str, str]) -> CellSet | None:
        """The cells of a pattern; None where a `*` of it covers nothing."""
        names = [(name,) if name == WILDCARD else self._names(at, name) for at, name in enumerate(pattern)]
        subjects, relations, objects = names
        boxes = [b for s in subjects for r in relations for o in objects for b in self.sides.boxes(s, r, o)]
        cells = CellSet(self.graph.space, boxes)
        return None if not cells and any(WILDCARD in slot for slot in names) else cells

    def _names(self, at: int, name: str) -> tuple[str, ...]:
        """A name of the policy as it is; one that only the built-in world has as the leaves that show it."""
        known = self.graph.resolved.of(SLOTS[at])
        if any(concept.name == name for concept in known):
            return (name,)
        return self.sentences.known(SLOTS[at], name)

    def _of_sentence(self, expectation: Expectation) -> Outcome:
        reading = self.sentences.read(expectation.sentence)
        if reading.cell is None:
            message = f"this sentence cannot be read as one cell: {reading.why}"
            return _failed(expectation, "unread", UNREAD, message, reading.hint)
        box = self.graph.space.box(reading.cell)
        cells = CellSet(self.graph.space, [box] if box else ())
        return self._judged(expectation, cells, str(reading.cell))

    def _judged(self, expectation: Expectation, cells: CellSet, about: str) -> Outcome:
        """No cells are names that only the built-in world has: no rule can speak of them."""
        decision = self.decide(cells)
        found, count, wanted, named = decision.found, len(cells) or 1, expectation.verdict, expectation.rule
        if found != wanted:
            message, deciding = _what_is_so(cells, about, decision, wanted)
            related, ids = [_place(extent) for extent in deciding[:3]], tuple(e.rule.id for e in deciding)
            hint = self._hint(decision) if wanted == "forbidden" else ""
            return _failed(expectation, found, DOES_NOT_HOLD, message, hint, related, about, count, ids)
        deciding = decision.rules[wanted]
        ids = tuple(extent.rule.id for extent in deciding)
        if named and not any(extent.rule.id == named and cells <= extent.cells for extent in deciding):
            message = f"{quote(about)} is {wanted} by {listed(ids, 'and')}, not by {named}"
            if named in ids:
                message = f"{named} decides only a part of {quote(about)}; the rest is {wanted} by "
                message += listed((i for i in ids if i != named), "and")
            hint = f"write `by {ids[0]}`" if len(ids) == 1 else ""
            related = [_place(extent) for extent in deciding[:3]]
            return _failed(expectation, found, OTHER_RULE, message, hint, related, about, count, ids)
        return Outcome(expectation, True, found, about, count, ids)

    def _hint(self, decision: Decision) -> str:
        """Which forbid comes nearest to a cell that none reaches."""
        first = min(filter(None, (decision.parts[v].first() for v in ("allowed", "unspecified"))), default=None)
        box = self.graph.space.box(first) if first else None
        if first is None or box is None:
            return ""
        for extent in self.graph.of_kind("forbid"):
            if first in extent.excepted:
                return f"{extent.rule.id} excepts `{first}`"
            missed = [s for s, mine in zip(SLOTS, box, strict=True) if not mine & extent.cells.side(s)]
            if len(missed) == 1:
                return (
                    f"{extent.rule.id} comes nearest: it does not cover the {missed[0]} {quote(first.get(missed[0]))}"
                )
        return ""


def run(
    graph: RelationGraph, expectations: Iterable[Expectation], diagnostics: Diagnostics
) -> tuple[tuple[Outcome, ...], Coverage]:
    """Decide expectations in their order; what fails is an error, and coverage counts what holds."""
    judge = Judge(graph)
    outcomes = tuple(judge.outcome(expectation) for expectation in expectations)
    for outcome in outcomes:
        if outcome.diagnostic is not None:
            d = outcome.diagnostic
            diagnostics.error(d.code, d.message, d.span, hint=d.hint, related=d.related)
    return outcomes, coverage(graph, outcomes)


def coverage(graph: RelationGraph, outcomes: Iterable[Outcome]) -> Coverage:
    """A rule is tested where an expectation that holds rests on it; one that names a rule rests on that alone."""
    rested: set[str] = set()
    for outcome in outcomes:
        if outcome.holds:
            named = outcome.expectation.rule
            rested.update((named,) if named else outcome.rules)
    ids = [extent.rule.id for extent in graph.extents]
    return Coverage(tuple(i for i in ids if i in rested), tuple(i for i in ids if i not in rested))


def _what_is_so(cells: CellSet, about: str, decision: Decision, wanted: Verdict) -> tuple[str, tuple[Extent, ...]]:
    """What is the case of cells that are not all as expected, and the rules that make it so."""
    others = (verdict for verdict in VERDICTS if verdict != wanted and decision.parts[verdict])
    other: Verdict = next(others, "unspecified")
    deciding = decision.rules[other]
    first = decision.parts[other].first()
    so = f"{deciding[0].rule.id} {deciding[0].rule.kind}s" if deciding else "no rule speaks of"
    if len(cells) < 2:
        return f"{so} {quote(about)}, which is expected to be {wanted}", deciding
    count = len(cells) - len(decision.parts[wanted])
    are = "is" if count == 1 else "are"
    if count == len(cells):
        return f"none of the {count:,} cells of {quote(about)} is {wanted}: {so}, for example, `{first}`", deciding
    return f"{count:,} of the {len(cells):,} cells of {quote(about)} {are} not {wanted}: {so} `{first}`", deciding


def _place(extent: Extent) -> Related:
    return Related(f"{extent.rule.id} {extent.rule.kind}s it here", extent.rule.pattern_span)


def _failed(
    expectation: Expectation,
    found: Found,
    code: str,
    message: str,
    hint: str,
    related: Sequence[Related] = (),
    about: str = "",
    count: int = 0,
    rules: tuple[str, ...] = (),
) -> Outcome:
    span = expectation.rule_span if code == OTHER_RULE and expectation.rule_span else expectation.about_span
    diagnostic = Diagnostic(code, "error", message, span, tuple(related), hint)
    return Outcome(expectation, False, found, about or expectation.about, count, rules, diagnostic)
