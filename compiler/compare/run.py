"""Compare two bundles: McNemar on shared probes, Fisher where none are recorded, q over everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..attack.statistics.discovery import benjamini_hochberg
from ..attack.statistics.mcnemar import mcnemar
from ..attack.statistics.power import smallest_change
from ..attack.statistics.proportions import two_proportions
from ..records.results import FamilyResult, Modality, OverblockResult, RetentionResult, Stage, Towers
from ..report.model import RuleReport, counted
from .model import Comparison, Measure, Only, Row, Verdict
from .notes import changed, notes
from .read import Probe, Seen, Side

# With fewer shared probes than this share of the smaller bundle's, all trials of both tell more than the few pairs.
_PAIRED_SHARE = 0.5
Pair = tuple[RuleReport, RuleReport]


def compare(old: Side, new: Side) -> Comparison:
    """Every measure of every rule that both bundles have, tested; what one of them lacks, listed."""
    pairs = match(old, new)
    rows: list[Row] = []
    only: list[Only] = []
    for before, after in pairs:
        for found in (*_breaches(old, new, (before, after)), *_kept((before, after))):
            (rows if isinstance(found, Row) else only).append(found)  # type: ignore[arg-type]
    matched = [{pair[side].facts.id for pair in pairs} for side in (0, 1)]
    gone = [Only("old", _named(r, "is no longer forbidden by a rule")) for r in _rest(old, matched[0])]
    fresh = [Only("new", _named(r, "is new")) for r in _rest(new, matched[1])]
    q = benjamini_hochberg([row.p for row in rows])
    return Comparison(
        old.name,
        new.name,
        notes(old, new, pairs),
        tuple(
            Verdict(after.facts.id, before.facts.id, before.attack.status, after.attack.status, changed(before, after))
            for before, after in pairs
        ),
        tuple(replace(row, q=value) for row, value in zip(rows, q, strict=True)),
        (*gone, *fresh, *only),
    )


def match(old: Side, new: Side) -> tuple[Pair, ...]:
    """Rules that forbid the same tuple; then, of the rest, those of the same id. In the order of NEW."""
    left = {rule.facts.id: rule for rule in old.report.rules}
    found: dict[str, RuleReport] = {}
    for same in (_tuple_of, lambda rule: rule.facts.id):
        for rule in new.report.rules:
            if rule.facts.id in found:
                continue
            other = next((o for o in left.values() if same(o) == same(rule)), None)
            if other is not None:
                found[rule.facts.id] = left.pop(other.facts.id)
    return tuple((found[r.facts.id], r) for r in new.report.rules if r.facts.id in found)


def _tuple_of(rule: RuleReport) -> object:
    facts = rule.facts
    return facts.subject, facts.relation, facts.object, facts.excepts


def _rest(side: Side, matched: set[str]) -> list[RuleReport]:
    return [rule for rule in side.report.rules if rule.facts.id not in matched]


def _named(rule: RuleReport, what: str) -> str:
    return f"{rule.facts.id} ({rule.facts.short}) {what}"


def _breaches(old: Side, new: Side, pair: Pair) -> Iterator[Row | Only]:
    before, after = pair
    tried = [{_family_key(f): f for f in rule.attack.families} for rule in pair]
    for key in dict.fromkeys((*tried[1], *tried[0])):
        one, two = tried[0].get(key), tried[1].get(key)
        if one is None or two is None:
            what = f"{after.facts.id}: {key[0]} attacks ({key[1]}, {_setting(key[2], key[3])})"
            yield Only("old" if two is None else "new", what)
            continue
        own = _row(pair, "breach", key[0], key[1], key[2], key[3])
        own = replace(own, gates=one.gates and two.gates)
        probes = old.trials[before.facts.id].get(key, {}), new.trials[after.facts.id].get(key, {})
        shared = _shared(*probes)
        least = min(counted(one), counted(two))
        if shared and len(shared) >= _PAIRED_SHARE * least:
            yield _paired(own, shared)
        elif least:
            yield _apart(own, one.broke, counted(one), two.broke, counted(two))


def _family_key(family: FamilyResult) -> tuple[str, Modality, Towers, Stage]:
    return family.family, family.modality, family.towers, family.stage


def _shared(old: dict[Probe, Seen], new: dict[Probe, Seen]) -> list[tuple[bool, bool]]:
    """(broke in OLD, broke in NEW) of every probe that both tried and both bases recognised."""
    return [
        (seen.broke, new[probe].broke)
        for probe, seen in old.items()
        if probe in new and seen.recognised and new[probe].recognised
    ]


def _paired(row: Row, shared: list[tuple[bool, bool]]) -> Row:
    n = len(shared)
    worse = sum(new and not old for old, new in shared)
    better = sum(old and not new for old, new in shared)
    return replace(
        row,
        paired=True,
        trials_old=n,
        trials_new=n,
        old=sum(old for old, _ in shared) / n,
        new=sum(new for _, new in shared) / n,
        worse=worse,
        better=better,
        p=mcnemar(worse, better),
        smallest=smallest_change(n),
    )


def _apart(row: Row, k_old: int, n_old: int, k_new: int, n_new: int) -> Row:
    p = two_proportions(k_old, n_old, k_new, n_new)
    return replace(row, trials_old=n_old, trials_new=n_new, old=k_old / n_old, new=k_new / n_new, p=p)


def _kept(pair: Pair) -> Iterator[Row | Only]:
    after = pair[1].facts.id
    sets = [{(r.name, r.modality, r.towers, r.stage): r for r in rule.attack.retention} for rule in pair]
    for key in dict.fromkeys((*sets[1], *sets[0])):
        one, two = sets[0].get(key), sets[1].get(key)
        if one is None or two is None:
            what = f"{after}: the kept set {key[0]} ({key[1]}, {_setting(key[2], key[3])})"
            yield Only("old" if two is None else "new", what)
        elif _right(one) and _right(two):
            counts = (round(one.kept * _right(one)), _right(one), round(two.kept * _right(two)), _right(two))
            yield _apart(_row(pair, "retention", *key), *counts)
    blocked: list[dict[tuple[str, Towers, Stage], OverblockResult]]
    blocked = [{(o.what, o.towers, o.stage): o for o in rule.attack.overblock if o.trials} for rule in pair]
    for what, towers, stage in blocked[1]:
        if (what, towers, stage) in blocked[0]:
            was, now = blocked[0][what, towers, stage], blocked[1][what, towers, stage]
            own = _row(pair, "overblock", f"{what} blocked", None, towers, stage)
            yield _apart(own, was.newly_forbidden, was.trials, now.newly_forbidden, now.trials)


def _right(kept: RetentionResult) -> int:
    """How many items the base got right: the kept share is of those."""
    return round(kept.base * kept.trials)


def _setting(towers: Towers, stage: Stage) -> str:
    return f"{towers} guarded, {'this rule alone' if stage == 'alone' else 'all rules on'}"


def _row(pair: Pair, measure: Measure, name: str, modality: Modality | None, towers: Towers, stage: Stage) -> Row:
    """A row that is not yet counted."""
    was, rule = (side.facts.id for side in pair)
    return Row(rule, was, measure, name, modality, towers, stage, True, False, 0, 0, 0.0, 0.0, 0, 0, 1.0, 1.0, None)
