"""The probability that at least one of k tries gets through."""

from __future__ import annotations

TRIES = (1, 5, 10, 50)


def any_of_k(n: int, broke: int, k: int) -> float:
    """1 - C(n - broke, k) / C(n, k): the unbiased estimate from n trials of which `broke` got through.

    It is pass@k of Chen et al. 2021 (arXiv 2107.03374, equation 1), as the product that they compute, which no
    factorial can overflow. ValueError for k above n: so many tries were not made.

    >>> round(any_of_k(10, 2, 5), 4), any_of_k(10, 0, 5), any_of_k(10, 6, 5)
    (0.7778, 0.0, 1.0)
    """
    if not 0 < k <= n:
        raise ValueError(f"{k} tries cannot be drawn from {n} trials")
    if n - broke < k:
        return 1.0
    # C(n - broke, k) / C(n, k) is the same with k and `broke` exchanged: the shorter product is taken.
    least, most = sorted((k, broke))
    kept = 1.0
    for i in range(least):
        kept *= (n - most - i) / (n - i)
    return 1.0 - kept


def any_of_each_k(n: int, broke: int) -> tuple[tuple[int, float], ...]:
    """(k, probability) for each k of TRIES that n trials can tell."""
    return tuple((k, any_of_k(n, broke, k)) for k in TRIES if k <= n)
