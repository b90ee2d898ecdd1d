"""Calibration and selective classification, against scikit-learn and hand counts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from model_lib.evaluation.calibration import calibration_of, reject, rejection_curve
from model_lib.evaluation.evaluation import Evaluation
from tests.support.fake_evaluations import answers

_ANSWERS = answers(mistakes=400)


def _six_answers() -> Evaluation:
    """Labels 4 4 4 9 9 7, read as 9 9 4 9 4 7 with confidences .9 .6 .55 .8 .7 .95."""
    told, confidences = [9, 9, 4, 9, 4, 7], [0.9, 0.6, 0.55, 0.8, 0.7, 0.95]
    probabilities = np.zeros((6, 10), np.float32)
    probabilities[:, 0] = 1 - np.array(confidences)
    probabilities[np.arange(6), told] = confidences
    return Evaluation(probabilities, np.array([4, 4, 4, 9, 9, 7], np.uint8), "mnist")


def test_calibration_is_that_of_scikit_learn() -> None:
    calibration = calibration_of(_ANSWERS)
    accuracies, confidences = calibration_curve(~_ANSWERS.is_mistake, _ANSWERS.confidences, n_bins=15)
    filled = calibration.counts > 0
    np.testing.assert_allclose(calibration.accuracies[filled], accuracies)
    np.testing.assert_allclose(calibration.confidences[filled], confidences, rtol=1e-6)
    assert calibration.counts.sum() == 10_000
    expected = (abs(accuracies - confidences) * calibration.counts[filled]).sum() / 10_000
    assert calibration.error == pytest.approx(expected)


def test_a_network_that_is_right_as_often_as_it_says_has_no_calibration_error() -> None:
    confidences = np.repeat([0.75, 0.5], [8, 4])
    probabilities = np.zeros((12, 10), np.float32)
    probabilities[:, 1], probabilities[:, 2] = confidences, 1 - confidences - 1e-6
    labels = np.array([1] * 6 + [2] * 2 + [1] * 2 + [2] * 2, np.uint8)
    assert calibration_of(Evaluation(probabilities, labels, "mnist")).error == pytest.approx(0.0, abs=1e-6)


def test_rejection_accepts_the_images_of_highest_confidence() -> None:
    # Least certain first: .55 right, .6 wrong, .7 wrong, .8 right, .9 wrong, .95 right.
    point = reject(_six_answers(), 0.5)
    assert (point.accepted, point.mistakes, point.rate) == (3, 1, 0.5)
    assert point.accuracy == pytest.approx(2 / 3)
    assert point.threshold == pytest.approx(0.8)
    assert reject(_six_answers(), 0.0).accuracy == pytest.approx(0.5)
    assert reject(_six_answers(), 0.999).accepted == 1


def test_the_rejection_curve_agrees_with_counting_at_each_threshold() -> None:
    for each in rejection_curve(_ANSWERS, 0.2, 10):
        accepted = np.sort(_ANSWERS.confidences)[round(each.rate * 10_000) :]
        assert each.accepted == len(accepted)
        kept = np.flatnonzero(_ANSWERS.confidences >= each.threshold)
        assert each.accuracy == pytest.approx(1 - _ANSWERS.is_mistake[kept].mean(), abs=1e-3)
