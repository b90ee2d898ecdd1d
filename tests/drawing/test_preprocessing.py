"""Framing: crop, area resampling, centring."""

import numpy as np
import pytest

from model_lib.datasets.loading import load_dataset
from model_lib.drawing.preprocessing import area_resample, frame_pixels

_DIGITS = load_dataset("mnist").train.images[:500]


def test_real_mnist_digits_enlarged_tenfold_come_back_nearly_unchanged() -> None:
    enlarged = np.kron(_DIGITS, np.ones((10, 10))) / 255
    framed = np.stack([frame_pixels(page).image for page in enlarged])
    assert framed.shape == (500, 28, 28)
    assert np.abs(framed * 255 - _DIGITS).mean() < 3


def test_area_resampling_is_the_mean_of_each_block() -> None:
    page = np.random.default_rng(1).random((60, 60)).astype(np.float32)
    blocks = page.reshape(20, 3, 20, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(area_resample(page, 0, 0, 60, 20), blocks, atol=1e-6)


def test_area_resampling_between_pixels_keeps_the_amount_of_ink() -> None:
    page = np.zeros((50, 50), np.float32)
    page[20:27, 22:25] = 1
    small = area_resample(page, 13.5, 12.25, 23, 20)
    assert small.sum() * (23 / 20) ** 2 == pytest.approx(21, rel=1e-4)
