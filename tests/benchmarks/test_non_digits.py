"""The non-digits on which the detector is measured: ink, framed as a drawing."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from benchmarks.drawing.non_digits import KINDS, TWIN_KIND, non_digits_of
from model_lib.datasets.loading import load_dataset


def test_every_kind_of_non_digit_is_ink_framed_like_mnist() -> None:
    images = load_dataset("mnist").train.images[:50]
    drawn = non_digits_of((1, 2), images, np.random.default_rng(2), 12)
    assert set(drawn) == {*KINDS, TWIN_KIND}
    for kind, each in drawn.items():
        assert each.shape == (12, 28, 28), kind
        assert each.min() >= 0
        assert each.max() <= 1
        middles = np.array([ndimage.center_of_mass(image) for image in each])
        assert np.abs(middles - 14).max() < 2.5, kind
        if kind != "dots":
            assert len({image.tobytes() for image in each}) == 12, kind
