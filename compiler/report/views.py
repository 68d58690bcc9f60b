"""What the page shows of each rule, worked out before the template sees it: groups, axes, panels, cases."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from markupsafe import Markup

from ..attack.results import (
    CellCheck,
    FamilyResult,
    RetentionResult,
    Stage,
    Status,
    Towers,
    Trial,
)
from .model import Manifest, RuleReport
from .pictures import Pair, Picture, pairs_of, picture_of
from .svg import Axis, breach_axis, interval_bar, kept_axis
from .words import STAGE, TOWERS, interval, percent, visible

_SHOWN_CASES = 6  # the rest is folded away
_MOST_CASES = 24  # report.json has all; each picture is two kilobytes of the page
_MOST_CELLS = 150
_BADNESS: dict[Status, int] = {"fail": 0, "inconclusive": 1, "pass": 2}


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """One family in one setting, with its bar."""

    result: FamilyResult
    bar: Markup


@dataclass(frozen=True, slots=True)
class RetentionRow:
    """One kept set in one setting, with its bar."""

    result: RetentionResult
    bar: Markup


@dataclass(frozen=True, slots=True)
class FamilyGroup:
    """The families of one towers setting."""

    title: str
    rows: tuple[FamilyRow, ...]


@dataclass(frozen=True, slots=True)
class RetentionGroup:
    """The kept sets of one towers setting."""

    title: str
    rows: tuple[RetentionRow, ...]


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage; `trouble` counts the rows that did not pass, so that nothing bad is folded away."""

    stage: Stage
    title: str
    families: tuple[FamilyGroup, ...]
    retention: tuple[RetentionGroup, ...]
    family_trouble: int
    retention_trouble: int
    family_rows: int
    retention_rows: int


@dataclass(frozen=True, slots=True)
class Case:
    """A trial as the page shows it."""

    trial: Trial
    picture: Picture | None
    command: str


@dataclass(frozen=True, slots=True)
class CellGroups:
    """The forbidden cells, sorted by what can be said of them."""

    broke: tuple[CellCheck, ...]
    untestable: tuple[CellCheck, ...]
    without_pictures: tuple[CellCheck, ...]
    held: tuple[CellCheck, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule's section."""

    rule: RuleReport
    stages: tuple[StageView, ...]
    breach_axis: Axis
    kept_axis: Axis
    pairs: tuple[Pair, ...]
    cases: tuple[Case, ...]
    more_cases: tuple[Case, ...]
    cases_left_out: int
    broken_cases: int
    cells: CellGroups


def rule_view(manifest: Manifest, rule: RuleReport) -> RuleView:
    """Everything that the template needs for one rule."""
    attack = rule.attack
    breach = breach_axis([f.high for f in attack.families if f.recognised], attack.breach_max)
    kept = kept_axis([r.low for r in attack.retention if r.trials], attack.retention_min)
    cases = tuple(_case(manifest, rule, trial) for trial in attack.hardest[:_MOST_CASES])
    stages = (_stage(rule, stage, breach, kept) for stage in get_args(Stage))
    return RuleView(
        rule=rule,
        stages=tuple(s for s in stages if s.family_rows or s.retention_rows),
        breach_axis=breach,
        kept_axis=kept,
        pairs=pairs_of(rule),
        cases=cases[:_SHOWN_CASES],
        more_cases=cases[_SHOWN_CASES:],
        cases_left_out=max(0, len(attack.hardest) - _MOST_CASES),
        broken_cases=sum(t.outcome == "broke" for t in attack.hardest),
        cells=_cells(attack.cells),
    )


def _stage(rule: RuleReport, stage: Stage, breach: Axis, kept: Axis) -> StageView:
    families = [f for f in rule.attack.families if f.stage == stage]
    retention = [r for r in rule.attack.retention if r.stage == stage]
    by_towers: tuple[Towers, ...] = get_args(Towers)
    family_groups = (
        FamilyGroup(TOWERS[t], tuple(_family_row(f, breach) for f in _worst_first(families, t)))
        for t in by_towers
    )
    kept_groups = (
        RetentionGroup(TOWERS[t], tuple(_kept_row(r, kept) for r in retention if r.towers == t))
        for t in by_towers
    )
    return StageView(
        stage=stage,
        title=STAGE[stage],
        families=tuple(g for g in family_groups if g.rows),
        retention=tuple(g for g in kept_groups if g.rows),
        family_trouble=sum(f.status != "pass" for f in families),
        retention_trouble=sum(r.status != "pass" for r in retention),
        family_rows=len(families),
        retention_rows=len(retention),
    )


def _worst_first(families: Iterable[FamilyResult], towers: Towers) -> list[FamilyResult]:
    return sorted(
        (f for f in families if f.towers == towers),
        key=lambda f: (_BADNESS[f.status], -f.high, f.family, f.modality),
    )


def _family_row(result: FamilyResult, axis: Axis) -> FamilyRow:
    if not result.recognised:
        return FamilyRow(result, Markup(""))
    label = (
        f"breach {percent(result.breach)}, 95 % interval {interval(result.low, result.high)}, "
        f"at most {percent(axis.limit)} allowed"
    )
    return FamilyRow(result, interval_bar(result.low, result.breach, result.high, axis, result.status, label))


def _kept_row(result: RetentionResult, axis: Axis) -> RetentionRow:
    if not result.trials:
        return RetentionRow(result, Markup(""))
    label = (
        f"kept {percent(result.kept)}, 95 % interval {interval(result.low, result.high)}, "
        f"at least {percent(axis.limit)} required"
    )
    return RetentionRow(
        result, interval_bar(result.low, result.kept, result.high, axis, result.status, label)
    )


def _case(manifest: Manifest, rule: RuleReport, trial: Trial) -> Case:
    # Quoted, and with hidden marks written out: readers paste this line into a shell.
    words = (f"build/{manifest.policy}", "--rules", rule.facts.id, "--only", trial.id)
    command = " ".join(["proscribe attack", *(shlex.quote(visible(word)) for word in words)])
    return Case(trial, picture_of(trial.picture) if trial.picture else None, command)


def _cells(cells: tuple[CellCheck, ...]) -> CellGroups:
    broke = sorted((c for c in cells if c.broke), key=lambda c: (-c.broke, c.cell))
    untestable = [c for c in cells if not c.testable and not c.broke]
    held = [c for c in cells if c.testable and not c.broke]
    without = [c for c in cells if not c.pictures]
    groups = [tuple(g[:_MOST_CELLS]) for g in (broke, untestable, without, held)]
    left_out = sum(max(0, len(g) - _MOST_CELLS) for g in (broke, untestable, without, held))
    return CellGroups(groups[0], groups[1], groups[2], groups[3], left_out)
