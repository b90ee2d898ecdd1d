"""Arrays as image traces, decoded with Pillow."""

from __future__ import annotations

import numpy as np

from model_lib.figures.array_image import ColourScale, add_array_image
from model_lib.figures.draft import FigureDraft
from tests.figures.decode import greys, pixels_of


def test_values_become_shades_between_the_limits() -> None:
    figure = FigureDraft()
    add_array_image(figure, np.array([[0.0, 5.0], [10.0, 99.0]]), ColourScale("gray", 0.0, 10.0))
    np.testing.assert_array_equal(pixels_of(figure.build())[..., 0], greys(np.array([[0.0, 0.5], [1.0, 1.0]])))


def test_nan_is_transparent_and_all_else_is_opaque() -> None:
    figure = FigureDraft()
    add_array_image(figure, np.array([[np.nan, 0.5]]), ColourScale("gray"))
    assert pixels_of(figure.build())[0, :, 3].tolist() == [0, 255]


def test_a_scale_with_a_title_has_a_colour_bar_with_its_limits() -> None:
    figure = FigureDraft()
    add_array_image(figure, np.zeros((2, 2)), ColourScale("RdBu", -3.0, 3.0, "weight"), {"thickness": 12})
    marker = figure.build().data[-1].marker
    assert (marker.cmin, marker.cmax, marker.colorbar.title.text) == (-3.0, 3.0, "weight")
    assert marker.colorbar.thickness == 12
