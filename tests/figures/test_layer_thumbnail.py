"""Thumbnails of feature maps and vectors, against pixels by hand."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_lib.figures.layer_thumbnail import layer_thumbnail


def _pixels(output: NDArray[np.float32]) -> NDArray[np.uint8]:
    content = layer_thumbnail(output).removeprefix("data:image/png;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


def test_nine_feature_maps_lie_in_a_square_with_transparent_gaps() -> None:
    maps = np.broadcast_to(np.arange(12, dtype=np.float32), (5, 5, 12))
    pixels = _pixels(maps)
    assert pixels.shape == (90, 90, 4)
    assert not pixels[29, :, 3].any() and not pixels[:, 59, 3].any()
    middles = pixels[14::30, 14::30].reshape(9, 4)
    assert (middles[:, 3] == 255).all()
    assert len(np.unique(middles, axis=0)) == 9


def test_a_vector_is_drawn_as_bars_as_long_as_its_values() -> None:
    pixels = _pixels(np.array([1.0, 0.5, 0.0], np.float32))
    lengths = (pixels[..., 3] > 0).sum(axis=1)
    assert lengths[10] == 90
    assert abs(int(lengths[40]) - 45) <= 1
    assert lengths[70] <= 1


def test_negative_values_point_to_the_left_of_the_middle() -> None:
    pixels = _pixels(np.array([1.0, -1.0], np.float32))[..., 3] > 0
    assert pixels[10, 60:80].all() and not pixels[10, :40].any()
    assert pixels[60, 10:40].all() and not pixels[60, 50:].any()
