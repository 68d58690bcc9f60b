"""What the training seeds of one rule say together: how far apart they are, and whether one of them is worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...messages.diagnostics import listed
from ...records.results import RuleAttack, Status
from ..words import VERDICT, percent

_WORSE: dict[Status, tuple[Status, ...]] = {
    "pass": ("fail", "inconclusive"), "inconclusive": ("fail",), "fail": (),
}  # fmt: skip


def spread_sentence(attack: RuleAttack) -> str:
    """One or two sentences for people; "" where the rule was trained with one seed."""
    if len(attack.seeds) < 2:
        return ""
    breach = _range([s.breach for s in attack.seeds], percent, "the worst breach is")
    loss = _range([s.loss_points for s in attack.seeds], _points, "the greatest loss is")
    parts = (breach, f"{loss} points" if loss else "")
    measured = " and ".join(part for part in parts if part) or "nothing could be counted"
    said = f"Over {len(attack.seeds)} training seeds {measured}."
    worse = []
    for status in _WORSE[attack.status]:
        seeds = [str(s.seed) for s in attack.seeds if s.status == status]
        if seeds:
            worse.append(f"seed{'s' if len(seeds) > 1 else ''} {listed(seeds, 'and')} {VERDICT[status]}")
    if worse:
        said += f" Worse than the one that ships: {', '.join(worse)}. Decide by the worst; the other was luck."
    return said


def _points(loss: float) -> str:
    """`0.9`; never `-0.0`."""
    return f"{round(loss, 1) + 0.0:.1f}"


def _range(values: Sequence[float | None], words: Callable[[float], str], what: str) -> str:
    """`the worst breach is 0.4% to 2.1%`; "" where no seed could be measured."""
    found = [value for value in values if value is not None]
    if not found:
        return ""
    low, high = words(min(found)), words(max(found))
    return f"{what} {low}" if low == high else f"{what} {low} to {high}"
