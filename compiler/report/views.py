"""What the page shows of each rule, worked out before the template sees it: axes, tables, maps, cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from ..records.results import CellCheck, Curve, FamilyResult, FamilyStatistics, RetentionResult, RuleAttack, Stage
from .figures.cases import Cases, cases_of
from .figures.chart import draw_curve
from .figures.heat import HeatView, heat_view
from .figures.linear import ProbeView, probe_view
from .figures.matrix import Grid, family_grid, kept_grid, worst_by_family, worst_kept, worst_of
from .figures.pictures import Pair, pairs_of
from .figures.spread import spread_sentence
from .figures.svg import Axis, breach_axis, interval_bar, kept_axis
from .model import Report, RuleReport, counted, worst_overblock, worst_retention
from .pooled import Pooled, worst_pooled
from .words import MODALITY, SETS, after_verdict, interval, limit, percent, points, spoken

_MOST_CELLS = 150
_MOST_PAIRS, _MOST_CASES = 4, 16
# Drawing is most of the time that a large policy's page takes; report.json has every case.
_PICTURES = 240


@dataclass(frozen=True, slots=True)
class Row:
    """One family or one kept set in its worst setting, with its bar."""

    result: FamilyResult | RetentionResult
    bar: Markup


@dataclass(frozen=True, slots=True)
class Chart:
    """A curve and its drawing."""

    curve: Curve
    drawing: Markup


@dataclass(frozen=True, slots=True)
class Together:
    """The worst of one stage: what came through, what was lost, what was over-blocked, each in words."""

    breach: str
    loss: str
    overblock: str


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
    reasons: tuple[str, ...]
    families: tuple[Row, ...]
    evidence: tuple[Row, ...]
    retention: tuple[Row, ...]
    pooled: Pooled | None
    breach_axis: Axis
    evidence_axis: Axis
    kept_axis: Axis
    family_grid: Grid
    kept_grid: Grid
    pairs: tuple[Pair, ...]
    heat: HeatView | None
    cases: Cases
    charts: tuple[Chart, ...]
    probes: ProbeView | None
    statistics: tuple[FamilyStatistics, ...]
    alone: Together
    together: Together | None
    cells: CellGroups
    spread: str


def rule_views(report: Report) -> tuple[RuleView, ...]:
    """Every rule's section, with fewer pictures each where there are many rules."""
    each = _PICTURES // max(1, len(report.rules))
    pairs = max(1, min(_MOST_PAIRS, each // 6))
    cases = max(4, min(_MOST_CASES, each - 2 * pairs))
    return tuple(rule_view(report, rule, pairs, cases) for rule in report.rules)


def rule_view(report: Report, rule: RuleReport, pairs: int = _MOST_PAIRS, cases: int = _MOST_CASES) -> RuleView:
    """Everything that the template needs for one rule."""
    attack = rule.attack
    gating, evidence = (worst_by_family(attack.families, gates) for gates in (True, False))
    breach, beside = (_axis_of(found, attack.breach_max) for found in (gating, evidence))
    kept = kept_axis([r.low for r in attack.retention if r.trials], attack.retention_min)
    return RuleView(
        rule=rule,
        reasons=_reasons(attack),
        families=tuple(Row(f, _family_bar(f, breach)) for f in gating),
        evidence=tuple(Row(f, _family_bar(f, beside)) for f in evidence),
        retention=tuple(Row(r, _kept_bar(r, kept)) for r in worst_kept(attack.retention)),
        pooled=worst_pooled(attack.retention, attack.retention_min),
        breach_axis=breach,
        evidence_axis=beside,
        kept_axis=kept,
        family_grid=family_grid(attack.families),
        kept_grid=kept_grid(attack.retention),
        pairs=pairs_of(rule, pairs),
        heat=heat_view(attack.heat),
        cases=cases_of(report.bundle, attack, report.level, cases),
        charts=tuple(Chart(curve, draw_curve(curve)) for curve in attack.curves),
        probes=probe_view(attack.probes),
        statistics=tuple(sorted(attack.statistics, key=lambda s: (s.q, s.family, s.modality, s.stage, s.towers))),
        alone=_together(rule, "alone"),
        together=_together(rule, "all_on") if any(f.stage == "all_on" for f in attack.families) else None,
        cells=_cells(attack.cells),
        spread=spread_sentence(attack),
    )


def _reasons(attack: RuleAttack) -> tuple[str, ...]:
    """The reasons that the rule's sentence has not said already."""
    said = after_verdict(attack.sentence, attack.status).rstrip(".").casefold()
    return tuple(reason for reason in attack.reasons if reason.casefold() != said)


def _axis_of(families: Iterable[FamilyResult], limit: float) -> Axis:
    return breach_axis([f.high for f in families if counted(f)], limit)


def _together(rule: RuleReport, stage: Stage) -> Together:
    attack = rule.attack
    family = worst_of(f for f in attack.families if f.stage == stage and f.gates and counted(f))
    kept = worst_retention(r for r in attack.retention if r.stage == stage)
    over = worst_overblock(o for o in attack.overblock if o.stage == stage)
    lost = f"{points(kept.loss_points)} ({SETS[kept.name].lower()}, {MODALITY[kept.modality]})" if kept else ""
    return Together(
        f"{percent(family.breach)} ({spoken(family.family)})" if family else "not measured",
        lost or "not measured",
        f"{percent(over.rate)} ({interval(over.low, over.high)})" if over else "not measured",
    )


def _family_bar(result: FamilyResult, axis: Axis) -> Markup:
    if not counted(result):
        return Markup("")
    label = f"breach {percent(result.breach)}, 95% interval {interval(result.low, result.high)}"
    label += f", at most {limit(axis.limit)} allowed" if result.gates else ", evidence only"
    status = result.status if result.gates else "evidence"
    return interval_bar(result.low, result.breach, result.high, axis, status, label)


def _kept_bar(result: RetentionResult, axis: Axis) -> Markup:
    if not result.trials:
        return Markup("")
    label = (
        f"kept {percent(result.kept)}, 95% interval {interval(result.low, result.high)}, "
        f"at least {limit(axis.limit)} required"
    )
    return interval_bar(result.low, result.kept, result.high, axis, result.status, label)


def _cells(cells: tuple[CellCheck, ...]) -> CellGroups:
    broke = sorted((c for c in cells if c.broke), key=lambda c: (-c.broke, c.cell))
    untestable = [c for c in cells if not c.testable and not c.broke]
    held = [c for c in cells if c.testable and not c.broke]
    without = [c for c in cells if not c.pictures]
    groups = [tuple(g[:_MOST_CELLS]) for g in (broke, untestable, without, held)]
    left_out = sum(max(0, len(g) - _MOST_CELLS) for g in (broke, untestable, without, held))
    return CellGroups(groups[0], groups[1], groups[2], groups[3], left_out)
