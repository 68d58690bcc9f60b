"""Cluster bootstrap: an interval for a rate whose trials share sentence forms or pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from .wilson import wilson_share

RESAMPLES = 1000
_CONFIDENCE = 0.95


def cluster_interval(broke: Sequence[int], trials: Sequence[int], seed: int) -> tuple[float, float]:
    """The 95 % interval of sum(broke) / sum(trials), shares in 0..1; `trials` of each cluster are above 0.

    Whole clusters are drawn with replacement (Davison and Hinkley 1997, Bootstrap Methods and their Application,
    section 3.8), and the interval is the expanded percentile one: with few clusters the plain percentile interval is
    too narrow by sqrt((G - 1) / G) and by the normal quantile in place of Student's, so its levels are moved out to
    ndtr(-t * sqrt(G / (G - 1))) (Hesterberg 2015, The American Statistician 69(4), section 5.3). BCa is not used: its
    acceleration is 0 / 0 where all clusters agree, and it is known to be erratic in small samples.

    Where all clusters have one rate, resampling has nothing to vary, and the trials cannot tell whether a cluster is
    more than one observation. Then every cluster counts once: Wilson's interval of that rate over G.

    >>> [round(x, 3) for x in cluster_interval([0, 3, 0, 1, 0, 0, 2, 0], [5] * 8, seed=0)]
    [0.0, 0.35]
    >>> [round(x, 3) for x in cluster_interval([0] * 10, [14] * 10, seed=0)]
    [0.0, 0.278]
    """
    groups = len(trials)
    if groups == 0:
        return 0.0, 1.0
    counts = np.array([broke, trials], dtype=np.float32)
    rates = counts[0] / counts[1]
    if groups == 1 or np.ptp(rates) == 0:
        return wilson_share(float(rates[0]), groups)
    drawn = resamples(groups, seed) @ counts.T
    found = np.sort(drawn[:, 0] / drawn[:, 1])
    level = expanded_level(groups)
    return _quantile(found, level), _quantile(found, 1.0 - level)


@lru_cache(maxsize=64)
def resamples(groups: int, seed: int) -> NDArray[np.float32]:
    """(RESAMPLES, groups): how often each draw takes each cluster. The same for every family of that many clusters."""
    at = np.random.default_rng([seed, groups]).integers(groups, size=(RESAMPLES, groups))
    rows = np.arange(RESAMPLES)[:, None] * groups
    found = np.bincount((at + rows).ravel(), minlength=RESAMPLES * groups).reshape(RESAMPLES, groups)
    drawn: NDArray[np.float32] = found.astype(np.float32)
    drawn.flags.writeable = False
    return drawn


@lru_cache(maxsize=1024)
def expanded_level(groups: int) -> float:
    """The level of the lower end; 0.025 for endless clusters.

    >>> round(expanded_level(10), 4), round(expanded_level(10_000), 4)
    (0.0086, 0.025)
    """
    t = stdtrit(groups - 1, 1 - (1 - _CONFIDENCE) / 2)
    return float(ndtr(-t * sqrt(groups / (groups - 1))))


def _quantile(ordered: NDArray[np.float32], level: float) -> float:
    """Linear between the order statistics, as numpy's default, without its cost for each call."""
    at = level * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (at - low) * (ordered[high] - ordered[low]))
