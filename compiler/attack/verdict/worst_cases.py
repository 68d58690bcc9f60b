"""Which trials a report quotes: of each attack its hardest, those that count against the rule first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...records.results import FamilyResult, Trial

MOST = 10
_OF_ONE = 3


def hardest_first(families: Sequence[FamilyResult], trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """At most ten of the trials, three of a family, never the same sentence or picture twice, in turn."""
    chosen: list[Trial] = []
    seen: Counter[str] = Counter()
    for trial in sorted(trials, key=_hardness):
        new = seen[trial.family] < _OF_ONE and not any(
            t.family == trial.family and t.text == trial.text and t.picture == trial.picture for t in chosen
        )
        if new:
            seen[trial.family] += 1
            chosen.append(trial)
    return in_turn(families, chosen)[:MOST]


def in_turn(families: Sequence[FamilyResult], trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """All of the trials: what broke before what held, and of both what counts against `require` before evidence.

    The hardest of the family with the highest breach, of the next one, and so on, then the second of each: the family
    that decided a verdict stands at the top, and none with many near copies stands before all others.
    """
    gates = {f.family: f.gates for f in families}
    breach: dict[str, float] = {}
    for f in families:
        breach[f.family] = max(breach.get(f.family, 0.0), f.breach)
    turns: Counter[tuple[bool, str]] = Counter()
    ranked = []
    for trial in sorted(trials, key=_hardness):
        held = trial.outcome != "broke"
        turn = turns[held, trial.family]
        turns[held, trial.family] += 1
        place = (held, not gates.get(trial.family, True), turn, -breach.get(trial.family, 0.0), trial.family)
        ranked.append((place, trial))
    return tuple(trial for _, trial in sorted(ranked, key=lambda pair: pair[0]))


def _hardness(trial: Trial) -> tuple[bool, float]:
    return trial.outcome != "broke", -trial.margin
