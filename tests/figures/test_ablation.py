"""Accuracy under ablation beside the baseline."""

from __future__ import annotations

import numpy as np

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.figures.ablation import ablation_figure
from model_lib.interpretability.results import ClassAccuracy


def test_pairs_of_bars_and_the_change_in_points() -> None:
    by_class = np.full(10, 0.9)
    baseline = ClassAccuracy(0.9, by_class, np.zeros(10, np.intp))
    ablated = ClassAccuracy(0.85, by_class - np.array([0.5, *[0.0] * 9]), np.zeros(10, np.intp))
    figure = ablation_figure(baseline, ablated, DIGIT_NAMES)
    first, second, changes = figure.data
    assert (first.name, second.name) == ("all filters on", "switched off")
    np.testing.assert_array_equal(first.y, 100 * baseline.by_class)
    np.testing.assert_array_equal(second.y, 100 * ablated.by_class)
    assert list(changes.text) == ["-50.0", *[""] * 9]
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("label", "accuracy")
