"""Tests of differences: McNemar's exact test, Holm's correction, Student's t-test on paired differences.

The distributions are SciPy's. `scipy.special` alone has them: it is imported in a tenth of the time of `scipy.stats`,
and statsmodels takes longer still. The tests compare with both, and with figures printed in textbooks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

# A difference is told apart from chance at most at this probability, after correction.
LEVEL: Final = 0.05
# Differences of accuracies that lie closer together are the same but for rounding.
_SAME: Final = 1e-9


def mcnemar_p_values(only_first: ArrayLike, only_second: ArrayLike) -> NDArray[np.float64]:
    """Returns the two-sided p-values of McNemar's exact test, elementwise.

    Args:
        only_first: counts of images that the first of two networks classifies correctly and the second does not.
        only_second: counts of the opposite, of the same shape.

    Returns:
        The probability of counts at least as unequal if both are equally likely; 1 where there is no such image.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions", 1947; exact as in
    A. Agresti, "Categorical Data Analysis", 2002, 10.1.4.
    """
    from scipy.special import bdtr

    first, second = np.asarray(only_first, np.float64), np.asarray(only_second, np.int64)
    total = first.astype(np.int64) + second
    lower = np.minimum(first, second)
    tails = 2 * np.asarray(bdtr(lower, np.maximum(total, 1), 0.5), np.float64)
    p_values: NDArray[np.float64] = np.where(total > 0, np.minimum(1.0, tails), 1.0)
    return p_values


def holm_corrected(p_values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns p-values corrected for their number, in the same order.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", 1979.
    """
    values = np.asarray(p_values, np.float64)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(values[order] * factors))
    return corrected


@dataclass(frozen=True)
class PairedDifferences:
    """Differences within pairs, and what Student's t-test says of their mean.

    Args:
        values: the second of each pair less the first, in the order of the pairs.
        mean: of them; 0 where it is none but for rounding.
        p_value: two-sided, that the mean is 0; None where it cannot be told: below two pairs, and where all differences
            are the same, so that nothing says how far they vary.
        interval: of the mean, at 95 per cent; None likewise.
    """

    values: tuple[float, ...]
    mean: float
    p_value: float | None = None
    interval: tuple[float, float] | None = None


def paired_differences(first: Sequence[float], second: Sequence[float], level: float = 0.95) -> PairedDifferences:
    """Judges the mean difference of pairs.

    Args:
        first: a measure of each pair, at least one.
        second: the other one, in the same order.
        level: confidence level of the interval, 0 to 1.

    Source: Student, "The probable error of a mean", 1908.
    """
    differences: NDArray[np.float64] = np.asarray(second, np.float64) - np.asarray(first, np.float64)
    values, mean, count = tuple(differences.tolist()), float(differences.mean()), len(differences)
    mean = 0.0 if abs(mean) < _SAME else mean
    if count < 2 or float(np.ptp(differences)) < _SAME:
        return PairedDifferences(values, mean)
    from scipy.special import stdtr, stdtrit

    error = float(differences.std(ddof=1)) / math.sqrt(count)
    p_value = 2 * float(stdtr(count - 1, -abs(mean) / error))
    half_width = _as_float(stdtrit(count - 1, 0.5 + level / 2)) * error
    return PairedDifferences(values, mean, min(1.0, p_value), (mean - half_width, mean + half_width))


def is_told_apart(p_value: float | None) -> bool:
    """Returns whether a difference is more than chance would do, by its p-value after correction."""
    return p_value is not None and p_value <= LEVEL


def _as_float(value: Any) -> float:
    return float(value)
