"""Enlarged pixels, against Pillow's."""

from __future__ import annotations

import numpy as np
from PIL import Image

from model_lib.drawing.pixels import upscale


def test_upscaling_replicates_pixels_as_pillow_does() -> None:
    image = np.random.default_rng(1).random((28, 28)).astype(np.float32)
    expected = Image.fromarray((image * 255).round().astype(np.uint8)).resize((168, 168), Image.Resampling.NEAREST)
    np.testing.assert_array_equal(upscale(image, 168), np.asarray(expected))
    assert upscale(np.zeros((320, 200)), 168).shape == (320, 200)
