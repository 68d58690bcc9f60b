"""Wilson's interval of a share, without scipy: a page renders sooner than that loads."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)


def wilson_share(rate: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % score interval (1927) of a share of n, which need not be a whole number of them.

    >>> [round(x, 3) for x in wilson_share(0.0, 75)]
    [0.0, 0.049]
    """
    middle, half = rate + _Z * _Z / (2 * n), _Z * sqrt(rate * (1 - rate) / n + _Z * _Z / (4 * n * n))
    below = 1 + _Z * _Z / n
    return max(0.0, (middle - half) / below), min(1.0, (middle + half) / below)
