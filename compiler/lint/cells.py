"""Rules whose cells other rules have already taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..graph.cell_sets import CellSet, ones
from ..graph.relations import Extent, taken
from ..graph.rule_index import RuleIndex
from ..messages.diagnostics import Fix, Related, Span, listed, quote
from ..world.cells import SLOTS
from .facts import Facts
from .model import Finding

WIDE = 2_000
_NEAR_ENOUGH = 400  # forget cells that neighbours are looked for around: graph/neighbours.py


def no_cells(facts: Facts) -> Iterator[Finding]:
    """An allow of which forbids leave nothing, or a rule of names with themselves."""
    for allow in facts.allows:
        meeting = _meeting(facts.forbid_index, facts.forbids, allow)
        left = allow.cells
        for forbid in meeting:
            left = left - forbid.cells
        if not left:
            who = listed((f.rule.id for f in _reaching(meeting)), "and")
            message = f"{who} together forbid every cell of {allow.rule.id}: nothing is left of it"
            yield Finding(
                message, allow.rule.pattern_span, "delete it, or except its cells from them", _places(meeting)
            )
    for extent in (*facts.forbids, *facts.allows):
        boxes = extent.cells.boxes
        if all(b[0] == b[2] and b[0].bit_count() == 1 for b in boxes):
            cell = quote(str(facts.example(extent)))
            message = f"{extent.rule.id} speaks of nothing but a name with itself: {cell}"
            yield Finding(message, extent.rule.pattern_span, "name another object")


def unreachable_except(facts: Facts) -> Iterator[Finding]:
    """An except whose cells the rule's other excepts take away."""
    for extent in facts.forbids:
        excepts = extent.rule.excepts
        if len(excepts) < 2:
            continue
        whole = extent.cells | extent.excepted
        sets = [taken(exception, facts.sides) & whole for exception in excepts]
        kept = list(range(len(excepts)))
        for at in reversed(range(len(excepts))):
            others = [n for n in kept if n != at]
            rest = sets[at]
            for n in others:
                rest = rest - sets[n]
            if sets[at] and not rest:
                kept = others
                message = f"the other exceptions of {extent.rule.id} already take away all that this one does"
                places = tuple(Related("such as this one", excepts[n].span) for n in others if sets[n] & sets[at])
                fix = _without(facts, extent, at)
                yield Finding(message, excepts[at].span, "delete it", places[:1], fix)


def except_taken_back(facts: Facts) -> Iterator[Finding]:
    """An except whose cells other forbids take after all."""
    for extent in facts.forbids:
        for exception in extent.rule.excepts if extent.excepted else ():
            cells = taken(exception, facts.sides) & extent.excepted
            others = [o for o in _meeting(facts.forbid_index, facts.forbids, cells) if o is not extent]
            left = cells
            for other in others:
                left = left - other.cells
            if cells and not left:
                who = listed((o.rule.id for o in _reaching(others)), "and")
                forbid = "forbids" if len(others) == 1 else "forbid"
                message = f"{extent.rule.id} excepts `{cells.first()}`, and {who} {forbid} it all the same"
                yield Finding(message, exception.span, f"write the exception on {who} too", _places(others))


def allow_again(facts: Facts) -> Iterator[Finding]:
    """An allow whose cells other allows give already."""
    yield from _covered(facts, facts.allows, facts.allow_index, "allow")


def forbid_again(facts: Facts) -> Iterator[Finding]:
    """A forbid whose cells other forbids take already."""
    yield from _covered(facts, facts.forbids, facts.forbid_index, "forbid")


def far_allow(facts: Facts) -> Iterator[Finding]:
    """An allow that shares no name with any forbid."""
    index = facts.forbid_index
    full = [facts.graph.space.axis(slot).every for slot in SLOTS]
    for allow in facts.allows if facts.forbids else ():
        sides = [allow.cells.side(slot) for slot in SLOTS]
        # With one side its own and the others open, a rule is met where it has a leaf in that slot.
        near = any(
            index.meeting(*(sides[at] if at == own else full[at] for at in range(len(SLOTS))))
            for own in range(len(SLOTS))
        )
        if not near:
            message = f"no forbid comes near {allow.rule.id}: it shares no subject, relation or object with any"
            yield Finding(message, allow.rule.pattern_span, "its cells would stay as they are without it")


def wide(facts: Facts) -> Iterator[Finding]:
    """A forbid of so many cells that most of them get no neighbours of their own."""
    for extent in facts.forbids:
        count = len(extent.cells)
        if count > WIDE:
            message = f"{extent.rule.id} forbids {count:,} cells; neighbours are kept around {_NEAR_ENOUGH} of them"
            yield Finding(message, extent.rule.pattern_span, "name narrower concepts, or split the rule")


def _meeting(index: RuleIndex, extents: Sequence[Extent], what: Extent | CellSet) -> list[Extent]:
    """The rules that share a cell."""
    cells = what if isinstance(what, CellSet) else what.cells
    numbers = ones(index.meeting(*(cells.side(slot) for slot in SLOTS)))
    return [extents[n] for n in numbers if extents[n] is not what and not extents[n].cells.isdisjoint(cells)]


def _covered(facts: Facts, extents: Sequence[Extent], index: RuleIndex, kind: str) -> Iterator[Finding]:
    order = {extent.rule.id: number for number, extent in enumerate(extents)}
    dropped: set[str] = set()
    # The last ones first, so that of two that are the same the first stays.
    found = []
    for extent in sorted(extents, key=lambda e: (len(e.cells), -order[e.rule.id])):
        others = [o for o in _meeting(index, extents, extent) if o.rule.id not in dropped]
        one = next((o for o in others if extent.cells <= o.cells), None)
        left = extent.cells
        for other in () if one else others:
            left = left - other.cells
        if one is None and left:
            continue
        dropped.add(extent.rule.id)
        covering = [one] if one else others
        who = listed((o.rule.id for o in _reaching(covering)), "and")
        does = f"{kind}s" if len(covering) == 1 else f"together {kind}"
        message = f"{who} already {does} every cell of {extent.rule.id}"
        hint = "delete it"
        mild = kind == "forbid" and any(_differs(extent, o) for o in covering)
        if mild:
            hint = "delete it, unless it is there for its own clauses"
        found.append(
            Finding(message, extent.rule.pattern_span, hint, _places(covering), severity="note" if mild else None)
        )
    yield from found


def _differs(a: Extent, b: Extent) -> bool:
    return (a.rule.severity, a.rule.instead, a.rule.require) != (b.rule.severity, b.rule.instead, b.rule.require)


def _reaching(extents: Sequence[Extent]) -> Sequence[Extent]:
    return extents[:6]


def _places(extents: Sequence[Extent]) -> tuple[Related, ...]:
    return tuple(Related(f"{e.rule.id} is here", e.rule.pattern_span) for e in extents[:2])


def _without(facts: Facts, extent: Extent, at: int) -> Fix | None:
    """One exception taken out of its list, where the list stands on one line."""
    statement, _ = facts.statements[extent.rule.id]
    wanted = extent.rule.excepts[at].span
    for clause in statement.clauses:
        spans = [part.span for part in clause.names]
        if wanted not in spans or len(spans) < 2 or spans[0].line != spans[-1].end_line:
            continue
        number = spans.index(wanted)
        if number:
            start, end = spans[number - 1].end_column, wanted.end_column
        else:
            start, end = wanted.column, spans[1].column
        return Fix(Span(wanted.file, wanted.line, start, wanted.line, end), "")
    return None
