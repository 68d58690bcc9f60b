"""What the page shows of each rule, worked out before the template sees it: groups, axes, panels, cases."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
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
from .model import Manifest, RuleReport, counted
from .pictures import Pair, Picture, pairs_of, picture_of
from .svg import Axis, breach_axis, interval_bar, kept_axis
from .words import STAGE, TOWERS, interval, limit, percent, visible

Result = FamilyResult | RetentionResult
_SHOWN_CASES = 6  # the rest is folded away
_MOST_CASES = 24  # report.json has all; each picture is two kilobytes of the page
_MOST_CELLS = 150
_BADNESS: dict[Status, int] = {"fail": 0, "inconclusive": 1, "pass": 2}


@dataclass(frozen=True, slots=True)
class Row:
    """One family or one kept set in one setting, with its bar."""

    result: FamilyResult | RetentionResult
    bar: Markup


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one towers setting."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One table; `trouble` counts the rows that did not pass, so that nothing bad is folded away."""

    title: str
    groups: tuple[Group, ...]
    rows: int
    trouble: int


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
    families: tuple[Block, ...]
    retention: tuple[Block, ...]
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
    breach = breach_axis([f.high for f in attack.families if counted(f)], attack.breach_max)
    kept = kept_axis([r.low for r in attack.retention if r.trials], attack.retention_min)
    cases = tuple(_case(manifest, rule, trial) for trial in attack.hardest[:_MOST_CASES])
    return RuleView(
        rule=rule,
        families=_family_blocks(attack.families, breach),
        retention=_retention_blocks(attack.retention, kept),
        breach_axis=breach,
        kept_axis=kept,
        pairs=pairs_of(rule),
        cases=cases[:_SHOWN_CASES],
        more_cases=cases[_SHOWN_CASES:],
        cases_left_out=max(0, len(attack.hardest) - _MOST_CASES),
        broken_cases=sum(t.outcome == "broke" for t in attack.hardest),
        cells=_cells(attack.cells),
    )


def _family_blocks(families: tuple[FamilyResult, ...], axis: Axis) -> tuple[Block, ...]:
    ordered = sorted(families, key=lambda f: (_BADNESS[f.status], -f.high, f.family, f.modality))
    stages: tuple[Stage, ...] = get_args(Stage)
    return _blocks((STAGE[stage], [(f, _family_bar(f, axis)) for f in ordered if f.stage == stage]) for stage in stages)


def _retention_blocks(retention: tuple[RetentionResult, ...], axis: Axis) -> tuple[Block, ...]:
    settings = (
        (STAGE["alone"], [r for r in retention if r.stage == "alone" and r.towers == "both"]),
        (
            f"{STAGE['alone']}, in one tower only",
            [r for r in retention if r.stage == "alone" and r.towers != "both"],
        ),
        (STAGE["all_on"], [r for r in retention if r.stage == "all_on"]),
    )
    return _blocks((title, [(r, _kept_bar(r, axis)) for r in found]) for title, found in settings)


def _blocks(settings: Iterable[tuple[str, Sequence[tuple[Result, Markup]]]]) -> tuple[Block, ...]:
    by_towers: tuple[Towers, ...] = get_args(Towers)
    found = []
    for title, barred in settings:
        groups = [
            Group(TOWERS[t], tuple(Row(result, bar) for result, bar in barred if result.towers == t)) for t in by_towers
        ]
        trouble = sum(result.status != "pass" for result, _ in barred)
        found.append(Block(title, tuple(g for g in groups if g.rows), len(barred), trouble))
    return tuple(block for block in found if block.rows)


def _family_bar(result: FamilyResult, axis: Axis) -> Markup:
    if not counted(result):
        return Markup("")
    label = (
        f"breach {percent(result.breach)}, 95% interval {interval(result.low, result.high)}, "
        f"at most {limit(axis.limit)} allowed"
    )
    return interval_bar(result.low, result.breach, result.high, axis, result.status, label)


def _kept_bar(result: RetentionResult, axis: Axis) -> Markup:
    if not result.trials:
        return Markup("")
    label = (
        f"kept {percent(result.kept)}, 95% interval {interval(result.low, result.high)}, "
        f"at least {limit(axis.limit)} required"
    )
    return interval_bar(result.low, result.kept, result.high, axis, result.status, label)


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
