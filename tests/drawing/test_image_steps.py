"""Each step of the preprocessing of one image, against NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from model_lib.datasets.loading import load_dataset
from model_lib.drawing.image_steps import STEPS, preprocess_image

_SEVEN = load_dataset("mnist").test.images[0]


def test_an_image_is_divided_by_255_and_standardised() -> None:
    file, scaled, _, standardised = preprocess_image(_SEVEN, 0.1307, 0.3081)
    np.testing.assert_array_equal(file.numbers, _SEVEN)
    np.testing.assert_allclose(scaled.numbers, _SEVEN / 255, rtol=1e-6)
    np.testing.assert_allclose(standardised.numbers, (_SEVEN / 255 - 0.1307) / 0.3081, rtol=1e-5)
    assert standardised.range == pytest.approx((-0.1307 / 0.3081, (_SEVEN.max() / 255 - 0.1307) / 0.3081), rel=1e-5)
    assert file.range == (0, _SEVEN.max())


def test_a_digit_in_a_corner_is_scaled_to_20_by_20_and_centred_by_mass() -> None:
    corner = np.zeros((28, 28), np.uint8)
    corner[1:11, 2:8] = 200
    _, scaled, framed, _ = preprocess_image(corner, 0.1, 0.3)
    rows, columns = np.nonzero(framed.numbers)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (20, 12)
    assert scaled.centre_of_mass == pytest.approx(np.add(ndimage.center_of_mass(corner), 0.5))
    assert framed.centre_of_mass == pytest.approx(np.add(ndimage.center_of_mass(framed.numbers), 0.5))
    assert all(14 <= each <= 15 for each in framed.centre_of_mass)


def test_an_image_without_ink_cannot_be_framed() -> None:
    steps = preprocess_image(np.zeros((28, 28), np.uint8), 0.1, 0.3)
    assert [step.step for step in steps] == [step for step in STEPS if step != "framed"]
