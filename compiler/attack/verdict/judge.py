"""From trials and measurements to what is said of a rule. Nothing here needs a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...records.results import (
    Curve,
    Effort,
    FamilyResult,
    HeatCell,
    LinearProbe,
    OverblockResult,
    RedirectResult,
    RetentionResult,
    RuleAttack,
    SeedSpread,
    SlotLoss,
    Trial,
    tag_of,
)
from ...resolve.names import Require
from ..checkpoints import Piece
from ..listed import EFFORTS, LISTED, listed
from ..run import SAFE
from ..statistics import family_statistics, with_q
from .score import check_cells, count_family, fails_on_base, verdict
from .worst_cases import hardest_first

Cells = frozenset[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was measured of one rule beside its trials; `why_not` by attack says what could not be tested."""

    seed: int
    seconds: float
    effort: Effort
    pictured: Cells
    retention: tuple[RetentionResult, ...] = ()
    slots: tuple[SlotLoss, ...] = ()
    overblock: tuple[OverblockResult, ...] = ()
    redirect: RedirectResult | None = None
    heat: tuple[HeatCell, ...] = ()
    curves: tuple[Curve, ...] = ()
    probes: tuple[LinearProbe, ...] = ()
    seeds: tuple[SeedSpread, ...] = ()
    why_not: tuple[str, ...] = ()


def gather(
    pieces: Mapping[str, Piece], pictured: Cells, seed: int, effort: Effort
) -> tuple[Evidence, tuple[Trial, ...]]:
    """One rule's pieces put together."""
    safe = pieces[SAFE]
    parts = list(pieces.values())
    evidence = Evidence(
        seed,
        round(sum(piece.seconds for piece in parts), 1),
        effort,
        pictured,
        safe.retention,
        safe.slots,
        safe.overblock,
        safe.redirect,
        safe.heat,
        tuple(curve for piece in parts for curve in piece.curves),
        tuple(probe for piece in parts for probe in piece.probes),
        (),
        tuple(said for piece in parts for said in piece.why_not),
    )
    return evidence, tuple(trial for piece in parts for trial in piece.trials)


def judge(rule: str, require: Require, evidence: Evidence, trials: Sequence[Trial]) -> RuleAttack:
    """Counts, verdict and the hardest trials of one rule."""
    kinds = {row.name: (row.kind, row.gates) for row in LISTED}
    cells = check_cells(_plain(trials), evidence.pictured)
    testable = frozenset(cell.cell for cell in cells if cell.testable)
    # Some campaigns try sentences and pictures: those that hold must not hide those that break.
    settings: dict[tuple[str, str, str, str], list[Trial]] = {}
    for trial in trials:
        settings.setdefault((trial.family, trial.modality, trial.towers, trial.stage), []).append(trial)
    families = tuple(
        count_family(own, require, testable, *kinds.get(own[0].family, ("black box", True)))
        for own in settings.values()
    )
    status, sentence, reasons = verdict(families, evidence.retention, evidence.overblock, cells, require)
    counted = [t for t in trials if t.recognised and t.cell in testable]
    return RuleAttack(
        rule,
        status,
        sentence,
        reasons,
        require.breach_max,
        require.retention_min,
        families,
        evidence.retention,
        evidence.overblock,
        evidence.redirect,
        evidence.slots,
        cells,
        (*evidence.why_not, *_failing(families), *not_tried(evidence, trials)),
        evidence.seed,
        evidence.seconds,
        hardest_first(families, counted),
        evidence.effort,
        evidence.curves,
        evidence.probes,
        family_statistics(trials, testable, evidence.seed),
        evidence.heat,
        evidence.seeds,
    )


def corrected(attacks: Mapping[str, RuleAttack]) -> dict[str, RuleAttack]:
    """The same results with q: the tests corrected over all rules and attacks of the policy."""
    rows = with_q({rule: attack.statistics for rule, attack in attacks.items()})
    return {rule: replace(attack, statistics=rows[rule]) for rule, attack in attacks.items()}


def _plain(trials: Sequence[Trial]) -> list[Trial]:
    """The trials that say whether the base knows a cell: the quick families', in the cell's first setting."""
    quick = {row.name for row in listed("quick")}
    alone = [t for t in trials if t.stage == "alone"]
    plain = [t for t in alone if t.family in quick] or alone
    pictured = {t.cell for t in plain if t.towers == "both"}
    return [t for t in plain if t.towers == ("both" if t.cell in pictured else "text")]


def evidence_of(attack: RuleAttack) -> Evidence:
    """What an earlier attack measured beside its trials."""
    return Evidence(
        attack.seed,
        attack.seconds,
        attack.effort,
        frozenset(cell.cell for cell in attack.cells if cell.pictures),
        attack.retention,
        attack.slots,
        attack.overblock,
        attack.redirect,
        attack.heat,
        attack.curves,
        attack.probes,
        attack.seeds,
        tuple(said for said in attack.not_tested if not said.startswith(_NOT_TRIED) and not said.endswith(_FAILS)),
    )


def judge_again(attack: RuleAttack, trials: Sequence[Trial]) -> RuleAttack:
    """The same rule judged from its trials and from what else was measured then: no model is asked."""
    return judge(attack.rule, Require(attack.breach_max, attack.retention_min), evidence_of(attack), trials)


_NOT_TRIED = "not tried at "


def not_tried(evidence: Evidence, trials: Sequence[Trial]) -> tuple[str, ...]:
    """The attacks of the list that were not made at all, and the command that makes them."""
    done = {trial.family for trial in trials} | {curve.family for curve in evidence.curves}
    done |= {said.partition(" attacks: ")[0] for said in evidence.why_not}
    done |= {row.name for row in listed(evidence.effort)}
    missing = [row for row in LISTED if row.name not in done]
    if not missing:
        return ()
    most = max((row.effort for row in missing), key=EFFORTS.index)
    names = ", ".join(row.name.replace("_", " ") for row in missing)
    return (f"{_NOT_TRIED}{evidence.effort} effort: {names}; `proscribe attack BUNDLE --effort {most}` adds them",)


def _failing(families: Sequence[FamilyResult]) -> tuple[str, ...]:
    """The attacks that the base itself does not fall for, once each."""
    found = dict.fromkeys(f.family for f in families if f.kind == "black box" and fails_on_base(f))
    return tuple(f"{name.replace('_', ' ')} attacks{_FAILS}" for name in found)


_FAILS = " prove nothing here: the base itself seldom takes such probes for the tuple"


def added(old: Sequence[Trial], new: Mapping[str, Piece], tag: str) -> tuple[Trial, ...]:
    """The old trials with the new ones in the place of those of the same attack and seed, in the order of the list."""
    kept = [trial for trial in old if trial.family not in new or tag_of(trial) != tag]
    everything = [*kept, *(trial for piece in new.values() for trial in piece.trials)]
    order = {row.name: number for number, row in enumerate(LISTED)}
    return tuple(sorted(everything, key=lambda t: (order.get(t.family, len(order)), tag_of(t))))
