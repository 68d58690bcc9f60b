"""How `proscribe diff` looks: what is lost first, then what is gained, then rule by rule, then the adapters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...explain.diff import Delta, Diff, Lost, RuleChange
from ...explain.rule import blocks, blocks_of
from ...explain.set_changes import SetChange
from ...graph.cell_sets import CellSet
from ...messages.diagnostics import listed
from .answer import cells, leaves
from .tree import Branch

if TYPE_CHECKING:
    from ...build.retrain_reasons import AdapterChange

    Behind = tuple[tuple[SetChange, ...], tuple[AdapterChange, ...]]


def heading(old: str, new: str, found: Diff) -> str:
    """Both versions, and whether anything changed."""
    same = ": nothing changes in meaning" if found.is_same else ""
    return f"{old} -> {new}{same}"


def trees(found: Diff, behind: Behind | None, shown: int, why_not: str = "") -> Iterator[Branch]:
    """What changed; nothing at all where nothing did. `why_not` says why sets and adapters were not compared."""
    told = _Told(shown)
    if not found.is_same:
        yield told.lost(found)
        yield told.delta("allowed", found.allowed)
    if found.splits:
        split = [
            Branch(s.name, f"{'now' if s.was_leaf else 'once'} stood for {', '.join(s.leaves[:8])}")
            for s in found.splits
        ]
        yield Branch("names", "compared by what they stand for", split)
    changed = [told.rule(change) for change in found.rules if not change.is_same]
    if changed:
        same = len(found.rules) - len(changed)
        yield Branch("rules", f"{same:,} the same" if same else "", changed)
    if behind is not None:
        sets, adapters = behind
        if sets:
            yield Branch("sets", "kept around the cells", list(told.sets(sets)))
        if any(change.work != "nothing" for change in adapters):
            yield Branch("adapters", "", list(told.adapters(adapters)))
        elif adapters:
            yield Branch("adapters", "none is trained or attacked again")
    elif why_not:
        yield Branch("sets and adapters", f"not compared: {why_not}")


class _Told:
    def __init__(self, shown: int) -> None:
        self.shown = shown

    def blocks(self, found: CellSet) -> list[Branch]:
        return leaves(blocks_of(found), self.shown)

    def lost(self, found: Diff) -> Branch:
        top = self.delta("forbidden", found.forbidden)
        lost = next((b for b in top.below if b.label.startswith("lost")), None)
        if lost is not None:
            lost.below = [self.loss(one) for one in found.lost]
        return top

    def loss(self, lost: Lost) -> Branch:
        place = f" (line {lost.span.line})" if lost.span else ""
        now = (
            f"{listed(lost.now_allowed, 'and')} allow{'s' * (len(lost.now_allowed) == 1)} them"
            if lost.now_allowed
            else "unspecified"
        )
        label = f"{cells(len(lost.cells))} of {lost.old.id} (line {lost.old.pattern_span.line})"
        return Branch(label, f"{lost.why}{place}; now {now}", self.blocks(lost.cells))

    def delta(self, what: str, delta: Delta) -> Branch:
        top = Branch(
            f"{what}: {cells(delta.after)}",
            f"{delta.before:,} before" if delta.before != delta.after else "as many as before",
        )
        if not (delta.gained or delta.lost):
            top.text = "unchanged"
        for name, found in (("lost", delta.lost), ("gained", delta.gained)):
            if found:
                top.below.append(Branch(f"{name}: {cells(len(found))}", "", self.blocks(found)))
        return top

    def rule(self, change: RuleChange) -> Branch:
        old, new = change.old, change.new
        if new is None:
            return Branch(change.rule.id, f"is gone: {change.rule.kind} {change.rule.pattern}, {cells(change.before)}")
        if old is None:
            return Branch(
                new.id, f"is new: {new.kind} {new.pattern}, {cells(change.after)} (line {new.pattern_span.line})"
            )
        was = f"{new.id} (was {old.id})" if old.id != new.id else new.id
        branch = Branch(was, f"{new.kind} {new.pattern} (line {new.pattern_span.line})")
        for clause in change.clauses:
            looser = ": it demands less" if clause.looser and new.kind == "forbid" else ""
            branch.below.append(Branch(clause.name, f"{clause.old or 'none'} -> {clause.new or 'none'}{looser}"))
        for name, found in (("lost", change.lost), ("gained", change.gained)):
            if found:
                branch.below.append(Branch(f"{name}: {cells(len(found))}", "", self.blocks(found)))
        return branch

    def sets(self, changes: tuple[SetChange, ...]) -> Iterator[Branch]:
        rules: dict[tuple[str, str], list[SetChange]] = {}
        for change in changes:
            rules.setdefault((change.rule, change.was), []).append(change)
        for (rule, was), found in rules.items():
            branch = Branch(rule if rule == was else f"{rule} (was {was})")
            for change in found:
                branch.below.append(Branch(f"{change.set}: {change.after:,}", self.came_and_went(change)))
            yield branch

    def came_and_went(self, change: SetChange) -> str:
        if change.set == "redirects" and set(change.gained) & set(change.lost):
            moved = set(change.gained) & set(change.lost)
            return f"{cells(len(moved))} led elsewhere, such as {min(moved)}"
        said = [
            f"{len(found):,} {word}, such as {blocks(found)[0]}"
            if len(found) < 3
            else f"{len(found):,} {word}, such as {found[0]}"
            for found, word in ((change.gained, "gained"), (change.lost, "lost"))
            if found
        ]
        return "; ".join(said)

    def adapters(self, changes: tuple[AdapterChange, ...]) -> Iterator[Branch]:
        for change in changes:
            if change.work == "train":
                was = f" (was {change.was})" if change.was not in ("", change.rule) else ""
                why = change.why if not change.was else f"changed: {change.why}"
                yield Branch(f"{change.rule}{was}", f"is trained again; {why}" if change.was else f"is trained: {why}")
        rest = [change.rule for change in changes if change.work == "attack"]
        if rest:
            yield Branch(listed(rest, "and"), "only attacked again: the adapter is taken over")
