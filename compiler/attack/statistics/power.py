"""What a number of trials could have shown: the smallest effects that a test finds with 80 % probability."""

from __future__ import annotations

from scipy.special import bdtr, bdtrc, betaincinv

POWER = 0.8
LEVEL = 0.05


def smallest_change(pairs: int, level: float = LEVEL, power: float = POWER) -> float | None:
    """The smallest true share of pairs changing one way that the exact McNemar test would find; None if none would.

    With changes in one direction only, d of them give p = 2 * 0.5**d, so the test needs the first d with p <= level,
    and P(Binomial(pairs, share) >= d) = power is solved for the share by the beta quantile (Clopper and Pearson 1934).
    Changes in both directions at once need more. (Exact power of McNemar's test: Duffy 1984, Biometrics 40.)

    >>> round(smallest_change(140), 4), smallest_change(5)
    (0.0559, None)
    """
    needed = next((d for d in range(1, pairs + 1) if 2.0 * 0.5**d <= level), None)
    return None if needed is None else _rate_for(needed, pairs, power)


def smallest_excess(n: int, limit: float, level: float = LEVEL, power: float = POWER) -> float | None:
    """The smallest true rate that n trials would show to be above `limit`; None where no count of theirs could.

    The exact one-sided binomial test (Clopper and Pearson 1934): the first count c with P(X >= c | limit) <= level,
    then the rate under which at least c happen with probability `power`.

    >>> round(smallest_excess(140, 0.05), 4), smallest_excess(3, 0.4)
    (0.1041, None)
    """
    needed = next((c for c in range(1, n + 1) if float(bdtrc(c - 1, n, limit)) <= level), None)
    return None if needed is None else _rate_for(needed, n, power)


def power_of(n: int, needed: int, rate: float) -> float:
    """The probability that at least `needed` of n trials happen, each with probability `rate`."""
    return 1.0 - float(bdtr(needed - 1, n, rate)) if needed > 0 else 1.0


def _rate_for(needed: int, n: int, power: float) -> float:
    return float(betaincinv(needed, n - needed + 1, power))
