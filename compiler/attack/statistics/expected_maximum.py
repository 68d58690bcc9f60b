"""How close the best of k tries comes on average."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .any_of_k import TRIES


def expected_maximum(values: ArrayLike, k: int) -> float:
    """The mean of the greatest of k values drawn without replacement from `values` (n,); in their unit.

    The mean over all C(n, k) subsets, sum of C(i - 1, k - 1) / C(n, k) times the i-th smallest: the unbiased form of
    "expected validation performance" (Dodge et al. 2019, EMNLP, draws with replacement and is biased downwards; Tang
    et al. 2020, ACL, appendix, give this one). ValueError for k above n.

    >>> round(expected_maximum([3.0, 1.0, 2.0], 2), 4)  # (2 + 3 + 3) / 3
    2.6667
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    return float(ordered @ _weights(len(ordered), k))


def greatest_k(n: int) -> int:
    """The greatest of TRIES that n trials can tell; 0 where there are none."""
    return max((k for k in TRIES if k <= n), default=0)


@lru_cache(maxsize=1024)
def _weights(n: int, k: int) -> NDArray[np.float64]:
    """(n,) the share of the subsets in which the i-th smallest value is the greatest."""
    if not 0 < k <= n:
        raise ValueError(f"{k} tries cannot be drawn from {n} trials")
    found = np.zeros(n)
    share = k / n
    for i in range(n, k - 1, -1):
        found[i - 1] = share
        # C(i - 2, k - 1) / C(i - 1, k - 1)
        share *= (i - k) / (i - 1) if i > 1 else 0.0
    found.flags.writeable = False
    return found
