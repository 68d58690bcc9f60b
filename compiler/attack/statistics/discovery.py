"""Benjamini-Hochberg: many tests at once, and how many of those called significant are false."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import false_discovery_control


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """The q of each p, in the same order: rejecting all q <= 0.05 keeps the expected share of false ones at 5 %.

    Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57(1). It holds for independent tests and for tests that depend
    positively on each other (Benjamini and Yekutieli 2001), as those of one adapter on related probes do.

    >>> [round(q, 3) for q in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    if not p_values:
        return ()
    return tuple(float(q) for q in false_discovery_control(p_values, method="bh"))
