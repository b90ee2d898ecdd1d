"""McNemar's exact test, Wilson's interval, Holm's correction, the paired t-test: they give figures that are printed."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_rel
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from model_lib.comparison.significance import holm_corrected, is_told_apart, mcnemar_p_values, paired_differences
from model_lib.evaluation.evaluation import accuracy_interval


def _exact(first: int, second: int) -> Fraction:
    """Returns the two-sided p-value as a sum of whole binomial coefficients."""
    total = first + second
    if total == 0:
        return Fraction(1)
    tail = sum(comb(total, count) for count in range(min(first, second) + 1))
    return min(Fraction(1), Fraction(2 * tail, 2**total))


def test_mcnemar_is_told_apart_on_agrestis_ratings_of_the_prime_minister() -> None:
    """Of 1,600 voters 150 approved at first alone, 86 later alone: Agresti, 2002, table 10.1; he prints z = -4.17."""
    p_value = float(mcnemar_p_values(150, 86))
    assert p_value == pytest.approx(float(_exact(150, 86)), rel=1e-12)
    assert p_value == pytest.approx(mcnemar([[794, 150], [86, 570]], exact=True).pvalue, rel=1e-12)
    z = mcnemar([[794, 150], [86, 570]], exact=False, correction=False).statistic ** 0.5
    assert z == pytest.approx(4.17, abs=0.005)
    # That z has 0.00003; the exact probability is near it.
    assert 0.00002 < p_value < 0.00005


@pytest.mark.parametrize(
    ("fewer", "total", "printed"),
    [(1, 10, 0.011), (3, 14, 0.029), (3, 15, 0.018), (5, 20, 0.021), (7, 25, 0.022)],
)
def test_one_tail_of_mcnemar_is_that_of_the_table_of_the_sign_test(fewer: int, total: int, printed: float) -> None:
    """S. Siegel, "Nonparametric Statistics for the Behavioral Sciences", 1956, table D."""
    assert float(mcnemar_p_values(fewer, total - fewer)) / 2 == pytest.approx(printed, abs=0.0005)


def test_mcnemar_is_the_sum_of_binomial_coefficients() -> None:
    counts = [(first, second) for first in range(0, 400, 13) for second in (0, 1, 2, 12, 31, 86, 150, 399)]
    found = mcnemar_p_values([first for first, _ in counts], [second for _, second in counts])
    assert found == pytest.approx([float(_exact(*pair)) for pair in counts], rel=1e-9)


def test_mcnemar_agrees_with_scipys_binomial_test_for_a_whole_table() -> None:
    counts = np.array([[0, 0], [1, 0], [12, 31], [31, 12], [5, 5], [700, 3], [4000, 4100]])
    expected = [binomtest(int(a), int(a + b)).pvalue if a + b else 1.0 for a, b in counts]
    assert mcnemar_p_values(counts[:, 0], counts[:, 1]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("right", "images", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_that_of_newcombes_table(right: int, images: int, low: float, high: float) -> None:
    """R. Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3."""
    assert accuracy_interval(right / images, images) == pytest.approx((low, high), abs=0.00005)


def test_holm_rejects_three_of_the_fifteen_hypotheses_of_benjamini_and_hochberg() -> None:
    """Of these p-values, of a trial of two treatments of heart attacks, methods that control the error of the whole
    family reject three: Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", 1995, 4.1.
    """
    printed = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    printed += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    corrected = holm_corrected(printed)
    assert [is_told_apart(each) for each in corrected] == [True] * 3 + [False] * 12
    assert corrected[:4] == pytest.approx([15 * 0.0001, 14 * 0.0004, 13 * 0.0019, 12 * 0.0095])
    assert corrected == pytest.approx(multipletests(printed, method="holm")[1])


def test_holm_multiplies_the_smallest_most_and_never_lets_a_larger_one_become_smaller() -> None:
    # By hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 1 x 0.04, which is raised to the 0.06 before it.
    assert holm_corrected([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm_corrected([]).tolist() == []


@pytest.mark.parametrize("count", [1, 2, 5, 28, 190])
def test_holm_is_that_of_statsmodels(count: int) -> None:
    p_values = np.random.default_rng(count).random(count) ** 4
    p_values[: count // 3] = p_values[-1]  # ties
    assert holm_corrected(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], abs=1e-12)


def test_the_paired_test_gives_students_result_for_sleep() -> None:
    """Hours of sleep gained by ten patients with two drugs: Student, 1908; t = -4.0621, df = 9, p = 0.002833."""
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = paired_differences(first, second)
    assert found.mean == pytest.approx(1.58)
    assert found.p_value == pytest.approx(0.002833, abs=5e-7)
    assert found.interval == pytest.approx((0.7001142, 2.4598858), abs=5e-7)
    expected = ttest_rel(second, first)
    assert expected.statistic == pytest.approx(4.0621, abs=5e-5)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.interval == pytest.approx(tuple(expected.confidence_interval()), rel=1e-9)


def test_one_pair_and_equal_differences_cannot_be_judged_and_are_no_nan() -> None:
    for first, second in (([0.9], [0.95]), ([0.912, 0.915, 0.9], [0.91, 0.913, 0.898]), ([0.9] * 3, [0.9] * 3)):
        found = paired_differences(first, second)
        assert (found.p_value, found.interval) == (None, None)
        assert np.isfinite(found.mean)
        assert not is_told_apart(found.p_value)
