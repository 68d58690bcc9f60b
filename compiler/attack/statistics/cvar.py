"""Conditional value at risk: how bad the worst cells are together."""

from __future__ import annotations

from collections.abc import Sequence


def cvar(rates: Sequence[float], tail: float = 0.05) -> float:
    """The mean of the worst `tail` of the rates, each of the same weight; 0 without rates.

    For m rates the tail holds m * tail of them: whole ones from the worst on, and a part of the last (Rockafellar and
    Uryasev 2002, J. Banking & Finance 26, for discrete distributions). With 1 / tail rates or fewer it is the worst.

    >>> round(cvar([0.0] * 27 + [0.1, 0.2, 0.4]), 4)  # the worst 1.5 of 30: (0.4 + 0.2 / 2) / 1.5
    0.3333
    """
    if not rates:
        return 0.0
    ordered = sorted(rates, reverse=True)
    wanted = max(1.0, len(ordered) * tail)
    whole = int(wanted)
    rest = (wanted - whole) * ordered[whole] if whole < len(ordered) else 0.0
    return (sum(ordered[:whole]) + rest) / wanted
