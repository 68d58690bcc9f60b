"""All statistics of a rule's trials, a row for each family in each setting, and q over all rules of a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from ...records.results import FamilyStatistics, Trial
from ..verdict.score import smallest_effect
from .any_of_k import any_of_each_k
from .bootstrap import cluster_interval
from .cvar import cvar
from .discovery import benjamini_hochberg
from .expected_maximum import expected_maximum, greatest_k
from .mcnemar import mcnemar

Cell = tuple[str, str, str]
# As counts and verdicts are: sentences that hold must not hide pictures that break.
_SETTING = attrgetter("family", "modality", "towers", "stage")


def family_statistics(trials: Sequence[Trial], testable: frozenset[Cell], seed: int) -> tuple[FamilyStatistics, ...]:
    """A row for each family, modality, towers and stage of one rule's trials, in the order in which they come.

    Rates are of the trials that count for a breach rate (score.count_family): recognised by the base, on testable
    cells, no errors; a setting without any has no row. McNemar's pairs are all trials of testable cells without an
    error, recognised or not. `q` is that p until `with_q` has seen the whole policy. Errors: none are raised.
    """
    settings: dict[object, list[Trial]] = {}
    for trial in trials:
        settings.setdefault(_SETTING(trial), []).append(trial)
    rows = (_row([t for t in own if t.cell in testable and t.outcome != "error"], seed) for own in settings.values())
    return tuple(row for row in rows if row is not None)


def with_q(per_rule: Mapping[str, tuple[FamilyStatistics, ...]]) -> dict[str, tuple[FamilyStatistics, ...]]:
    """The same rows with q: Benjamini-Hochberg over all rules, families and settings together."""
    found = iter(benjamini_hochberg([row.mcnemar_p for rows in per_rule.values() for row in rows]))
    return {rule: tuple(replace(row, q=next(found)) for row in rows) for rule, rows in per_rule.items()}


def _row(trials: Sequence[Trial], seed: int) -> FamilyStatistics | None:
    counted = [t for t in trials if t.recognised]
    if not counted:
        return None
    clusters: dict[object, list[int]] = {}
    cells: dict[Cell, list[int]] = {}
    broke = 0
    for number, trial in enumerate(counted):
        got_through = trial.outcome == "broke"
        broke += got_through
        # A trial that names no cluster shares nothing: it is one of its own.
        for counts in (clusters.setdefault(trial.cluster or number, [0, 0]), cells.setdefault(trial.cell, [0, 0])):
            counts[0] += got_through
            counts[1] += 1
    n = len(counted)
    only_guarded = sum(not t.recognised and t.outcome == "broke" for t in trials) if n < len(trials) else 0
    low, high = cluster_interval([c[0] for c in clusters.values()], [c[1] for c in clusters.values()], seed)
    p = mcnemar(n - broke, only_guarded)
    k = greatest_k(n)
    first = counted[0]
    return FamilyStatistics(
        family=first.family,
        towers=first.towers,
        stage=first.stage,
        cluster_low=low,
        cluster_high=high,
        clusters=len(clusters),
        mcnemar_p=p,
        q=p,
        any_of_k=any_of_each_k(n, broke),
        expected_maximum=expected_maximum([t.margin for t in counted], k),
        maximum_of=k,
        cvar95=cvar([b / of for b, of in cells.values()]),
        smallest_effect=smallest_effect(n),
        modality=first.modality,
    )
