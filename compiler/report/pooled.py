"""All safe items of one setting together: the interval that a rule's verdict weighs against `require`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..attack.statistics.wilson import wilson_share
from ..records.results import RetentionResult, Stage, Status, Towers
from .words import a_setting, interval, limit, percent


@dataclass(frozen=True, slots=True)
class Pooled:
    """The sets of one setting taken as one; shares in 0..1, low and high are the Wilson 95 % interval."""

    towers: Towers
    stage: Stage
    trials: int
    kept: float
    low: float
    high: float
    status: Status


def worst_pooled(retention: Sequence[RetentionResult], minimum: float) -> Pooled | None:
    """The setting with the lowest bad end; None where no safe item was recognised by the base.

    As `pooled_retention` (attack/verdict/score.py) counts it, without scipy, which takes longer to load than a page
    to render.
    """
    found = []
    for towers, stage in dict.fromkeys((r.towers, r.stage) for r in retention):
        own = [r for r in retention if (r.towers, r.stage) == (towers, stage)]
        right = [round(r.base * r.trials) for r in own]
        if sum(right):
            kept = sum(round(r.kept * n) for r, n in zip(own, right, strict=True)) / sum(right)
            low, high = wilson_share(kept, sum(right))
            status: Status = "fail" if high < minimum else "inconclusive" if low < minimum else "pass"
            found.append(Pooled(towers, stage, sum(right), kept, low, high, status))
    return min(found, key=lambda p: p.low, default=None)


def pooled_words(pooled: Pooled, minimum: float) -> str:
    """What all safe items together say, and how that and a single set are judged."""
    return (
        f"in the worst setting ({a_setting(pooled.towers, pooled.stage)}) {percent(pooled.kept)} of the "
        f"{pooled.trials:,} that the base gets right are kept, {interval(pooled.low, pooled.high)} with 95% "
        f"confidence; this interval must keep {limit(minimum)}. A set alone has fewer items: it counts as kept where "
        "its rate does, and as lost where even the good end of its interval does not."
    )
