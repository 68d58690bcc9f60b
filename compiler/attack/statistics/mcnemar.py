"""McNemar's test: do base and guarded model differ on the same probes?"""

from __future__ import annotations

from scipy.special import bdtr


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p of the pairs in which only one of the two happened (McNemar 1947, Psychometrika 12).

    Under no difference the smaller count of such pairs is binomial with one half. The exact form is used for every
    count, not for small ones alone: it costs the same, and never claims too much. 1 where no pair differs.

    >>> mcnemar(0, 6), mcnemar(1, 1)
    (0.03125, 1.0)
    """
    differing = only_first + only_second
    if differing == 0:
        return 1.0
    return min(1.0, 2.0 * float(bdtr(min(only_first, only_second), differing, 0.5)))
