"""The detector's fit against scikit-learn's own decision, and the non-digits that it is fitted to."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from model_lib.datasets.loading import TEST_WRITERS, load_dataset
from model_lib.pretrained import detector_fit
from model_lib.pretrained.detector_fit import FALSE_POSITIVE_RATE, DetectorFeatures, negatives_of, pen_digits_of
from model_lib.pretrained.synthetic_negatives import KINDS, TWIN_KIND

_RNG = np.random.default_rng(1)


def _features() -> DetectorFeatures:
    def around(middle: float, count: int) -> np.ndarray:
        return _RNG.normal(middle, 1, (count, 6)).astype(np.float32)

    return DetectorFeatures(around(1, 300), around(1, 400), {"dots": around(-1, 200), "curls": around(-2, 200)})


def test_a_detector_orders_images_as_scikit_learns_logistic_regression() -> None:
    features = _features()
    detector = features.fit(("dots", "curls"))
    whole = np.concatenate([features.digits, features.negatives["dots"], features.negatives["curls"]])
    scaler = StandardScaler().fit(whole)
    is_digit = [True] * 300 + [False] * 400
    fit = LogisticRegression(C=detector_fit._REGULARISATION, max_iter=300).fit(scaler.transform(whole), is_digit)
    decisions = fit.decision_function(scaler.transform(whole))
    assert np.corrcoef(decisions, detector.scores(whole))[0, 1] == pytest.approx(1, abs=1e-5)
    assert (detector.scores(features.held_out) <= 0).mean() == pytest.approx(FALSE_POSITIVE_RATE, abs=1 / 400)


def test_a_kind_that_is_left_out_does_not_change_the_fit() -> None:
    features = _features()
    alone = DetectorFeatures(features.digits, features.held_out, {"dots": features.negatives["dots"]})
    np.testing.assert_array_equal(features.fit(("dots",)).direction, alone.fit(("dots",)).direction)


def test_pen_digits_are_those_of_the_writers_asked_for() -> None:
    test = load_dataset("pen_digits").test
    np.testing.assert_array_equal(pen_digits_of(TEST_WRITERS).images, test.images)
    everybody = pen_digits_of(range(1, 31))
    assert len(everybody.labels) == 7_494


def test_every_kind_of_non_digit_is_ink_framed_like_mnist() -> None:
    images = load_dataset("mnist").train.images[:50]
    drawn = negatives_of((1, 2), images, np.random.default_rng(2), 12)
    assert set(drawn) == {*KINDS, TWIN_KIND}
    for kind, each in drawn.items():
        assert each.shape == (12, 28, 28), kind
        assert each.min() >= 0
        assert each.max() <= 1
        middles = np.array([ndimage.center_of_mass(image) for image in each])
        assert np.abs(middles - 14).max() < 2.5, kind
        if kind != "dots":
            assert len({image.tobytes() for image in each}) == 12, kind
