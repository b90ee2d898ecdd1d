"""Quantiles of a layer's numbers against NumPy's own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from model_lib.diagnostics.statistics import PROBABILITIES, LayerStatistics, NetworkStatistics, quantiles_of


@pytest.mark.parametrize("count", [1, 2, 3, 10, 1000, 12_345])
def test_quantiles_are_numpys_own(count: int) -> None:
    values = np.random.default_rng(count).normal(size=count).astype(np.float32)
    np.testing.assert_allclose(quantiles_of(values), np.quantile(values, PROBABILITIES), rtol=1e-4, atol=1e-6)


def test_the_probabilities_are_half_standard_deviations_of_a_normal_distribution() -> None:
    deviations = norm.ppf(PROBABILITIES[1:-1])
    np.testing.assert_allclose(deviations, [-1.5, -1, -0.5, 0, 0.5, 1, 1.5], atol=1e-3)


def test_numbers_that_are_not_finite_are_left_out() -> None:
    values = np.array([np.nan, 3, np.inf, 1, -np.inf, 2], np.float32)
    found = quantiles_of(values)
    assert found is not None
    assert (found[0], found[4], found[-1]) == (1, 2, 3)
    assert quantiles_of(np.full(4, np.nan, np.float32)) is None
    assert quantiles_of(np.empty(0, np.float32)) is None


def test_the_norm_of_the_whole_gradient_is_that_of_all_layers_together() -> None:
    layers = tuple(LayerStatistics(name=str(size), kind="Dense", units=1, gradient_norm=size) for size in (3.0, 4.0))
    assert NetworkStatistics(step=0, images=1, loss=1.0, layers=layers).gradient_norm == pytest.approx(5.0)
    broken = (*layers, LayerStatistics(name="output", kind="Dense", units=1))
    assert NetworkStatistics(step=0, images=1, loss=1.0, layers=broken).gradient_norm is None
