"""Reliability diagram and rejection curve."""

from __future__ import annotations

import numpy as np

from model_lib.evaluation.calibration import calibration_of, reject, rejection_curve
from model_lib.figures.calibration import rejection_curve_figure, reliability_diagram
from tests.support.fake_evaluations import answers

_EVALUATION = answers(mistakes=400)


def test_bars_stand_in_the_middle_of_filled_bins_and_count_their_images() -> None:
    calibration = calibration_of(_EVALUATION)
    figure = reliability_diagram(calibration)
    diagonal, bars = figure.data
    filled = calibration.counts > 0
    assert (list(diagonal.x), list(diagonal.y)) == ([0, 100], [0, 100])
    np.testing.assert_allclose(bars.x, (100 * (np.arange(15) + 0.5) / 15)[filled])
    np.testing.assert_array_equal(bars.y, 100 * calibration.accuracies[filled])
    assert sum(int(text.replace(",", "")) for text in bars.text) == 10_000
    assert figure.layout.xaxis.title.text == "confidence"
    assert figure.layout.yaxis.title.text == "accuracy"


def test_the_curve_holds_accuracy_over_rate_and_marks_one_point() -> None:
    curve, chosen = rejection_curve(_EVALUATION, 0.2, 10), reject(_EVALUATION, 0.1)
    figure = rejection_curve_figure(curve, chosen)
    line, marker = figure.data
    np.testing.assert_allclose(line.x, np.linspace(0, 20, 11))
    assert list(line.y) == [100 * point.accuracy for point in curve]
    assert (marker.x[0], marker.y[0]) == (10, 100 * chosen.accuracy)
    assert "rejected" in figure.layout.xaxis.title.text
    assert "accuracy" in figure.layout.yaxis.title.text
