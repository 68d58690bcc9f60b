"""What changes between two versions of a policy: cells, never text. Rules are matched by what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..graph.cell_sets import CellSet, Space, ones, union_count
from ..graph.relations import Extent, RelationGraph, Sides, taken
from ..graph.rule_index import RuleIndex
from ..messages.diagnostics import Span, listed, quote
from ..resolve.names import Rule
from ..world.cells import SLOTS
from .cell import written
from .merged_space import Side, Split, common


@dataclass(frozen=True, slots=True)
class Delta:
    """How a set of cells changed: sizes before and after, and the cells that came and went."""

    before: int
    after: int
    gained: CellSet
    lost: CellSet


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a rule before and after; `looser` where it now demands less."""

    name: str
    old: str
    new: str
    looser: bool = False


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule in both versions; `old` or `new` is None where it came or went."""

    old: Rule | None
    new: Rule | None
    before: int
    after: int
    gained: CellSet
    lost: CellSet
    clauses: tuple[Clause, ...]

    @property
    def is_same(self) -> bool:
        """Whether it means the same and demands the same, under whatever number."""
        return not (self.gained or self.lost or self.clauses) and None not in (self.old, self.new)

    @property
    def rule(self) -> Rule:
        """The new rule, or the old one where it is gone."""
        rule = self.new or self.old
        assert rule is not None
        return rule

    def __plain__(self) -> dict[str, Any]:
        old, new = self.old, self.new
        how = "added" if old is None else "removed" if new is None else "same" if self.is_same else "changed"
        return {
            "how": how,
            "kind": self.rule.kind,
            "old": old and {"id": old.id, "pattern": old.pattern, "span": old.pattern_span},
            "new": new and {"id": new.id, "pattern": new.pattern, "span": new.pattern_span},
            "before": self.before,
            "after": self.after,
            "gained": self.gained,
            "lost": self.lost,
            "clauses": self.clauses,
        }


@dataclass(frozen=True, slots=True)
class Lost:
    """Cells that were forbidden and are not any more: by which rule they were, why they are not, what they are now."""

    old: Rule
    new: Rule | None
    cells: CellSet
    why: str
    span: Span | None
    now_allowed: tuple[str, ...]

    def __plain__(self) -> dict[str, Any]:
        new = self.new and self.new.id
        now = "allowed" if self.now_allowed else "unspecified"
        return {"old": self.old.id, "new": new, "cells": self.cells, "why": self.why, "span": self.span, "now": now}


@dataclass(frozen=True, slots=True)
class Diff:
    """The whole change in meaning. `forbidden` and `allowed` are over all rules together."""

    forbidden: Delta
    allowed: Delta
    lost: tuple[Lost, ...]
    rules: tuple[RuleChange, ...]
    splits: tuple[Split, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing changed but text, order and numbers."""
        return all(change.is_same for change in self.rules) and not (self.allowed.gained or self.allowed.lost)

    @property
    def renumbered(self) -> dict[str, str]:
        """New ids by old ids, of rules that go under another number now."""
        return {c.old.id: c.new.id for c in self.rules if c.old and c.new and c.old.id != c.new.id}


def run(old: RelationGraph, new: RelationGraph, renamed: Mapping[str, str] | None = None) -> Diff:
    """Compare two versions; `renamed` are the new names of old names that mean the same."""
    renamed = renamed or {}
    before, after, splits = common(old, new, renamed)
    was = {kind: tuple(map(before.extent, old.of_kind(kind))) for kind in ("forbid", "allow")}
    now = {kind: tuple(map(after.extent, new.of_kind(kind))) for kind in ("forbid", "allow")}
    space = before.space
    pairs = {kind: tuple(_paired(was[kind], now[kind], space, renamed)) for kind in ("forbid", "allow")}
    changes = tuple(_change(o, n, space) for kind in ("forbid", "allow") for o, n in pairs[kind])

    forbade, forbids = _Covered(space, was["forbid"]), _Covered(space, now["forbid"])
    lost = tuple(_lost(pairs["forbid"], forbids, _Covered(space, now["allow"]), new, after))
    gone = CellSet(space, (box for one in lost for box in one.cells.boxes))
    came = _uncovered((n for o, n in pairs["forbid"] if n and not _same(o, n)), forbade, space)
    forbidden = Delta(forbade.count, forbids.count, came, gone)
    allowed = _allowed(pairs["allow"], was, now, forbidden, (forbade, forbids), space)
    return Diff(forbidden, allowed, lost, changes, splits)


class _Covered:
    """All cells of several rules, never put together: an index finds the rules that can matter."""

    def __init__(self, space: Space, extents: tuple[Extent, ...]) -> None:
        self.extents = extents
        self.index = RuleIndex(space, extents)

    @property
    def count(self) -> int:
        return union_count(box for extent in self.extents for box in extent.cells.boxes)

    def meeting(self, cells: CellSet) -> Iterator[Extent]:
        """The rules that share a cell with a set."""
        for number in ones(self.index.meeting(*(cells.side(slot) for slot in SLOTS))):
            if not self.extents[number].cells.isdisjoint(cells):
                yield self.extents[number]

    def without(self, cells: CellSet) -> CellSet:
        """The cells of a set that no rule covers."""
        for extent in self.meeting(cells):
            cells = cells - extent.cells
        return cells


def _uncovered(extents: Iterable[Extent], covered: _Covered, space: Space) -> CellSet:
    return CellSet(space, (box for extent in extents for box in covered.without(extent.cells).boxes))


def _allowed(
    pairs: tuple[tuple[Extent | None, Extent | None], ...],
    was: Mapping[str, tuple[Extent, ...]],
    now: Mapping[str, tuple[Extent, ...]],
    forbidden: Delta,
    forbids: tuple[_Covered, _Covered],
    space: Space,
) -> Delta:
    """The cells that are allowed and not forbidden, before and after."""
    allowed, allows = _Covered(space, was["allow"]), _Covered(space, now["allow"])
    went = [forbids[0].without(allows.without(o.cells)) for o, n in pairs if o and not _same(o, n)]
    went += [extent.cells & forbidden.gained for extent in allowed.meeting(forbidden.gained)]
    came = [forbids[1].without(allowed.without(n.cells)) for o, n in pairs if n and not _same(o, n)]
    came += [extent.cells & forbidden.lost for extent in allows.meeting(forbidden.lost)]
    gained, lost = (CellSet(space, (box for cells in found for box in cells.boxes)) for found in (came, went))
    before = allowed.count - _overridden(allowed, forbids[0])
    return Delta(before, before + len(gained) - len(lost), gained, lost)


def _overridden(allows: _Covered, forbids: _Covered) -> int:
    """How many cells of allows a forbid takes."""
    shared = ((allow.cells & forbid.cells).boxes for allow in allows.extents for forbid in forbids.meeting(allow.cells))
    return union_count(box for boxes in shared for box in boxes)


def _same(old: Extent | None, new: Extent | None) -> bool:
    return old is not None and new is not None and old.cells == new.cells


def _paired(
    old: tuple[Extent, ...], new: tuple[Extent, ...], space: Space, renamed: Mapping[str, str]
) -> Iterator[tuple[Extent | None, Extent | None]]:
    """Every rule with the one that it became: by the same cells, then the same names, then half of its cells."""
    left = list(range(len(old)))
    partner: dict[int, int] = {}  # numbers of old rules by numbers of new ones

    def take(key_old: Any, key_new: Any) -> None:
        waiting: dict[Any, list[int]] = {}
        for number in left:
            waiting.setdefault(key_old(old[number]), []).append(number)
        for number, extent in enumerate(new):
            same = waiting.get(key_new(extent)) if number not in partner else None
            if same:
                partner[number] = same.pop(0)
        left[:] = sorted(set(left) - set(partner.values()))

    def names(rule: Rule) -> tuple[str, ...]:
        return tuple(renamed.get(getattr(rule, slot), getattr(rule, slot)) for slot in SLOTS)

    take(
        lambda e: (e.cells, names(e.rule), e.rule.id),
        lambda e: (e.cells, tuple(getattr(e.rule, s) for s in SLOTS), e.rule.id),
    )
    take(lambda e: (e.cells, e.rule.id), lambda e: (e.cells, e.rule.id))
    take(lambda e: e.cells, lambda e: e.cells)
    take(lambda e: names(e.rule), lambda e: tuple(getattr(e.rule, slot) for slot in SLOTS))
    index = RuleIndex(space, old)
    alike = []
    for number, extent in enumerate(new):
        if number in partner:
            continue
        candidates = set(ones(index.meeting(*(extent.cells.side(slot) for slot in SLOTS)))) & set(left)
        for other in candidates:
            shared = len(extent.cells & old[other].cells)
            if 2 * shared >= min(len(extent.cells), len(old[other].cells)):
                alike.append((-shared, number, other))
    for _, number, other in sorted(alike):
        if number not in partner and other in left:
            partner[number] = other
            left.remove(other)
    for number, extent in enumerate(new):
        yield (old[partner[number]] if number in partner else None), extent
    for number in left:
        yield old[number], None


def _change(old: Extent | None, new: Extent | None, space: Space) -> RuleChange:
    nothing = CellSet(space)
    before, after = old.cells if old else nothing, new.cells if new else nothing
    clauses = tuple(_clauses(old.rule, new.rule)) if old and new else ()
    gained, lost = (nothing, nothing) if before == after else (after - before, before - after)
    return RuleChange(
        old.rule if old else None, new.rule if new else None, len(before), len(after), gained, lost, clauses
    )


_SEVERITIES = ("low", "medium", "high", "critical")


def _clauses(old: Rule, new: Rule) -> Iterator[Clause]:
    if old.instead != new.instead:
        yield Clause("instead", old.instead or "", new.instead or "")
    if old.severity != new.severity:
        ranks = [_SEVERITIES.index(r.severity) if r.severity in _SEVERITIES else -1 for r in (old, new)]
        yield Clause("severity", old.severity, new.severity, ranks[1] < ranks[0])
    for name, sign in (("breach_max", "<="), ("retention_min", ">=")):
        was, now = getattr(old.require, name), getattr(new.require, name)
        if was != now:
            measure = name.partition("_")[0]
            looser = now > was if sign == "<=" else now < was
            yield Clause("require", f"{measure} {sign} {100 * was:.4g}%", f"{measure} {sign} {100 * now:.4g}%", looser)
    if old.because != new.because:
        yield Clause("because", old.because, new.because)


def _lost(
    pairs: tuple[tuple[Extent | None, Extent | None], ...],
    forbids: _Covered,
    allows: _Covered,
    graph: RelationGraph,
    side: Side,
) -> Iterator[Lost]:
    """Every lost cell once, with the reason that can be pointed at."""
    sides = Sides(graph.resolved, graph.space)
    told = CellSet(side.space)
    for old, new in pairs:
        if old is None or _same(old, new):
            continue
        left = forbids.without(old.cells) - told
        if not left:
            continue
        told = told | left
        for why, span, cells in _reasons(old, new, left, sides, side):
            now_allowed = tuple(extent.rule.id for extent in allows.meeting(cells))
            yield Lost(old.rule, new.rule if new else None, cells, why, span, now_allowed)


def _reasons(
    old: Extent, new: Extent | None, lost: CellSet, sides: Sides, side: Side
) -> Iterator[tuple[str, Span | None, CellSet]]:
    if new is None:
        yield "its rule is gone", None, lost
        return
    rule = new.rule
    for exception in rule.excepts:
        gone = side.cells(taken(exception, sides)) & new.excepted & lost
        if gone:
            yield f"`except {written(exception)}` takes them", exception.span, gone
            lost = lost - gone
    if not lost:
        return
    if rule.pattern != old.rule.pattern:
        yield f"the rule was {quote(old.rule.pattern)}", rule.pattern_span, lost
        return
    missing = [
        (name, getattr(rule, slot))
        for slot in SLOTS
        for name in lost.space.axis(slot).listed(lost.side(slot) & ~new.cells.side(slot))
    ]
    said = [
        f"{quote(name)} is no longer below {quote(above)}" if name != above else f"{quote(name)} stands for others now"
        for name, above in missing
    ]
    yield listed(said[:3], "and") or "its names stand for others now", rule.pattern_span, lost
