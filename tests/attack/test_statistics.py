"""Each statistic against a value counted by hand, by brute force or by another library's own function."""

from __future__ import annotations

import doctest
import time
from importlib import import_module
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from proscribe.compiler.attack import statistics
from proscribe.compiler.attack.statistics import family_statistics, with_q
from proscribe.compiler.attack.statistics.any_of_k import any_of_each_k, any_of_k
from proscribe.compiler.attack.statistics.bootstrap import _quantile, cluster_interval, expanded_level
from proscribe.compiler.attack.statistics.cvar import cvar
from proscribe.compiler.attack.statistics.discovery import benjamini_hochberg
from proscribe.compiler.attack.statistics.expected_maximum import expected_maximum
from proscribe.compiler.attack.statistics.mcnemar import mcnemar
from proscribe.compiler.attack.statistics.power import power_of, smallest_change, smallest_excess
from proscribe.compiler.attack.statistics.proportions import two_proportions
from proscribe.compiler.attack.verdict.score import wilson
from proscribe.compiler.records.results import Pick, Trial
from scipy.stats import binomtest, bootstrap, false_discovery_control, fisher_exact

CELLS = (("child", "drinking", "wine"), ("child", "drinking", "beer"))
METHODS = sorted(path.stem for path in Path(statistics.__file__).parent.glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("method", METHODS)
def test_the_examples_in_the_docstrings_hold(method: str) -> None:
    module = import_module(f"{statistics.__name__}.{method}")
    assert doctest.testmod(module).failed == 0
    examples = sum(len(test.examples) for test in doctest.DocTestFinder().find(module))
    assert examples or method == "family"


def test_the_cluster_bootstrap_is_scipys_at_the_expanded_level() -> None:
    rng = np.random.default_rng(3)
    trials = rng.integers(3, 12, 24)
    broke = rng.binomial(trials, rng.beta(0.5, 4.0, 24))
    found = bootstrap(
        (broke, trials),
        lambda b, n, axis: b.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        n_resamples=20_000,
        confidence_level=1 - 2 * expanded_level(24),
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert cluster_interval(broke.tolist(), trials.tolist(), 0) == pytest.approx((found.low, found.high), abs=0.012)


def test_the_cluster_bootstrap_covers_where_wilson_does_not() -> None:
    """Trials of a cluster are alike here: the interval that knows it holds the truth 19 times in 20, the other not."""
    rng = np.random.default_rng(1)
    inside = {"clusters": 0, "wilson": 0}
    for draw in range(300):
        rates = rng.beta(0.4, 1.6, 30)  # mean 0.2, very different from cluster to cluster
        broke = rng.binomial(10, rates)
        low, high = cluster_interval(broke.tolist(), [10] * 30, draw)
        inside["clusters"] += low <= 0.2 <= high
        low, high = wilson(int(broke.sum()), 300)
        inside["wilson"] += low <= 0.2 <= high
    assert inside["clusters"] / 300 > 0.91
    assert inside["wilson"] / 300 < 0.8


def test_the_bootstrap_is_the_same_for_a_seed_and_whole_where_nothing_varies() -> None:
    counts = [0, 3, 0, 1, 0, 0, 2, 0], [5] * 8
    assert cluster_interval(*counts, 7) == cluster_interval(*counts, 7)
    assert cluster_interval(*counts, 7) != cluster_interval(*counts, 8)
    assert cluster_interval([0] * 12, [9] * 12, 0) == pytest.approx(wilson(0, 12))
    assert cluster_interval([9] * 12, [9] * 12, 0) == pytest.approx(wilson(12, 12))
    assert cluster_interval([5] * 12, [10] * 12, 0) == pytest.approx(wilson(6, 12)), "one rate, neither none nor all"
    assert cluster_interval([4], [90], 0)[1] > 0.7, "one cluster tells next to nothing"
    assert cluster_interval([], [], 0) == (0.0, 1.0)


@pytest.mark.parametrize("level", [0.0, 0.0086, 0.5, 0.9914, 1.0])
def test_quantiles_are_numpys(level: float) -> None:
    values = np.sort(np.random.default_rng(0).random(37).astype(np.float32))
    assert _quantile(values, level) == pytest.approx(np.quantile(values, level))


@pytest.mark.parametrize(("b", "c"), [(0, 6), (10, 3), (140, 0), (25, 24), (1, 0)])
def test_mcnemar_is_the_exact_binomial_test(b: int, c: int) -> None:
    assert mcnemar(b, c) == pytest.approx(binomtest(b, b + c, 0.5).pvalue)
    assert mcnemar(c, b) == mcnemar(b, c)


def test_mcnemar_without_a_difference_is_one() -> None:
    assert mcnemar(0, 0) == 1.0


def test_benjamini_hochberg_is_scipys_and_the_papers() -> None:
    # The fifteen p values of Benjamini and Hochberg 1995, section 3.2: four are rejected at 5 %.
    paper = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
             0.759, 1.0]  # fmt: skip
    found = benjamini_hochberg(paper)
    assert sum(q <= 0.05 for q in found) == 4
    assert found == pytest.approx(false_discovery_control(paper))
    assert benjamini_hochberg([]) == ()


@pytest.mark.parametrize(("n", "broke", "k"), [(7, 2, 3), (7, 0, 3), (7, 4, 3), (7, 5, 3), (7, 7, 1), (6, 3, 6)])
def test_any_of_k_is_the_share_of_all_subsets(n: int, broke: int, k: int) -> None:
    subsets = list(combinations([1] * broke + [0] * (n - broke), k))
    assert any_of_k(n, broke, k) == pytest.approx(np.mean([any(s) for s in subsets]))


def test_any_of_k_says_nothing_beyond_its_trials() -> None:
    assert [k for k, _ in any_of_each_k(49, 3)] == [1, 5, 10]
    assert dict(any_of_each_k(50, 3))[1] == pytest.approx(3 / 50)
    for k in (0, 4):
        with pytest.raises(ValueError, match="cannot be drawn"):
            any_of_k(3, 1, k)


@pytest.mark.parametrize("k", [1, 2, 4, 7])
def test_expected_maximum_is_the_mean_over_all_subsets(k: int) -> None:
    values = [0.3, -0.2, 0.1, 0.1, -0.7, 0.0, 0.25]
    assert expected_maximum(values, k) == pytest.approx(np.mean([max(s) for s in combinations(values, k)]))
    for none in (0, 8):
        with pytest.raises(ValueError, match="cannot be drawn"):
            expected_maximum(values, none)


def test_cvar_is_the_mean_of_the_worst_twentieth() -> None:
    rates = [i / 100 for i in range(100)]
    assert cvar(rates) == pytest.approx(np.mean([0.95, 0.96, 0.97, 0.98, 0.99]))
    assert cvar([0.1, 0.4, 0.0]) == pytest.approx(0.4), "fewer than twenty cells: the worst one"
    assert cvar([]) == 0.0


@pytest.mark.parametrize("n", [20, 140, 1000])
def test_the_smallest_change_is_found_with_the_power_that_it_says(n: int) -> None:
    share = smallest_change(n)
    assert share is not None
    # Six pairs that all changed the same way are the fewest that the test calls significant.
    assert binomtest(0, 6, 0.5).pvalue <= 0.05 < binomtest(0, 5, 0.5).pvalue
    assert power_of(n, 6, share) == pytest.approx(0.8, abs=1e-6)
    drawn = np.random.default_rng(0).binomial(n, share, 4000)
    assert np.mean([mcnemar(int(d), 0) <= 0.05 for d in drawn]) == pytest.approx(0.8, abs=0.03)


def test_the_fewest_trials_that_could_show_anything_are_enough() -> None:
    """Every one of them has to count then: the rate whose n-th power is the power."""
    assert smallest_change(6) == pytest.approx(0.8 ** (1 / 6))
    assert smallest_excess(3, 0.3) == pytest.approx(0.8 ** (1 / 3)), "0.3**3 is below 5 %"


def test_the_smallest_excess_is_found_with_the_power_that_it_says() -> None:
    rate = smallest_excess(140, 0.05)
    assert rate is not None
    drawn = np.random.default_rng(0).binomial(140, rate, 2000)
    found = [binomtest(int(d), 140, 0.05, alternative="greater").pvalue <= 0.05 for d in drawn]
    assert np.mean(found) == pytest.approx(0.8, abs=0.03)


def test_two_proportions_are_fishers() -> None:
    assert two_proportions(3, 1200, 15, 1300) == pytest.approx(fisher_exact([[3, 1197], [15, 1285]])[1])
    assert two_proportions(0, 0, 3, 9) == 1.0


def trial(number: int, cell: int, recognised: bool, outcome: str, margin: float = 0.0, cluster: str = "") -> Trial:
    pick = Pick(CELLS[cell], 0.5)
    return Trial(
        f"R1-{number}", "style", "picture", "both", "alone", "picture_to_text", CELLS[cell], "", None, pick, pick,
        recognised, outcome, cluster=cluster, margin=margin,
    )  # type: ignore[arg-type]  # fmt: skip


def test_a_rules_row_counted_by_hand() -> None:
    """Ten of wine recognised (two broke), two not recognised (one broke), one error; beer is not testable."""
    trials = [trial(i, 0, True, "broke" if i < 2 else "held", i / 10, f"form {i % 5}") for i in range(10)]
    trials += [trial(10, 0, False, "broke"), trial(11, 0, False, "held"), trial(12, 0, True, "error", float("nan"))]
    trials += [trial(13 + i, 1, True, "broke") for i in range(40)]
    (row,) = family_statistics(trials, frozenset(CELLS[:1]), seed=0)
    assert (row.family, row.modality, row.towers, row.stage, row.clusters) == ("style", "picture", "both", "alone", 5)
    assert row.mcnemar_p == row.q == pytest.approx(binomtest(1, 9, 0.5).pvalue)  # 8 only base, 1 only guarded
    assert row.any_of_k == ((1, pytest.approx(0.2)), (5, pytest.approx(1 - 56 / 252)), (10, 1.0))
    assert (row.maximum_of, row.expected_maximum) == (10, pytest.approx(0.9))
    assert row.cvar95 == pytest.approx(0.2)
    assert row.smallest_effect == pytest.approx(1 - 0.05**0.1)
    assert (row.cluster_low, row.cluster_high) == cluster_interval([1, 1, 0, 0, 0], [2] * 5, 0)


def test_what_names_no_cluster_is_one_of_its_own_and_nothing_counted_gives_no_row() -> None:
    (row,) = family_statistics([trial(i, 0, True, "held") for i in range(9)], frozenset(CELLS), seed=0)
    assert row.clusters == 9
    assert family_statistics([trial(0, 0, False, "held"), trial(1, 1, True, "held")], frozenset(CELLS[:1]), 0) == ()
    assert family_statistics([], frozenset(), 0) == ()


def test_q_is_over_all_rules_and_keeps_rows_in_place() -> None:
    strong = family_statistics([trial(i, 0, True, "held") for i in range(9)], frozenset(CELLS), 0)
    weak = family_statistics([trial(i, 0, True, "held" if i < 6 else "broke") for i in range(9)], frozenset(CELLS), 0)
    found = with_q({"R1": strong, "R2": (*weak, *strong), "R3": ()})
    p = [strong[0].mcnemar_p, weak[0].mcnemar_p, strong[0].mcnemar_p]
    q = [row.q for rows in found.values() for row in rows]
    assert q == pytest.approx(false_discovery_control(p))
    assert [len(rows) for rows in found.values()] == [1, 2, 0]
    assert found["R2"][0].mcnemar_p == weak[0].mcnemar_p


def test_a_large_policy_takes_seconds() -> None:
    """A fiftieth of 50 rules x 20 families x 6 settings x 140 trials, in a fiftieth of the three seconds."""
    made = [
        Trial(
            f"R1-{n}", f"family {f}", "text", towers, stage, "text_to_picture", CELLS[n % 2], "", None,
            Pick(CELLS[0], 0.5), Pick(CELLS[0], 0.5), n % 9 != 0, "broke" if n % 17 == 0 else "held",
            cluster=f"form {n % (20 + f)}", margin=n / 999,
        )
        for f in range(20) for towers in ("both", "text", "picture") for stage in ("alone", "all_on")
        for n in range(140)
    ]  # type: ignore[arg-type]  # fmt: skip
    family_statistics(made, frozenset(CELLS), seed=0)  # the resamples are drawn once for the policy
    started = time.process_time()
    rows = family_statistics(made, frozenset(CELLS), seed=0)
    assert len(rows) == 120
    assert time.process_time() - started < 0.06 * 3, "three times the aim, for a busy machine"
