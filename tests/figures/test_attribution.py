"""Attribution maps over the image."""

from __future__ import annotations

import numpy as np

from model_lib.figures.attribution import attribution_figure
from tests.figures.decode import greys, pixels_of

_IMAGE = np.eye(28, dtype=np.float32)


def test_a_coarse_map_covers_the_whole_image() -> None:
    attribution = np.arange(49, dtype=np.float32).reshape(7, 7)
    figure = attribution_figure(_IMAGE, attribution, "Grad-CAM", "for 7")
    heat = next(trace for trace in figure.data if trace.type == "heatmap")
    np.testing.assert_array_equal(heat.z, attribution)
    assert (heat.x0 - heat.dx / 2, heat.x0 + 6.5 * heat.dx) == (-0.5, 27.5)
    assert (heat.y0 - heat.dy / 2, heat.y0 + 6.5 * heat.dy) == (-0.5, 27.5)
    assert (heat.zmin, heat.zmax) == (0.0, 48.0)
    assert heat.colorbar.title.text == "for 7"
    np.testing.assert_array_equal(pixels_of(figure)[..., 0], greys(_IMAGE))


def test_a_signed_map_has_zero_in_the_middle_of_its_scale() -> None:
    figure = attribution_figure(_IMAGE, np.array([[-4.0, 1.0]], np.float32), "Occlusion", "points", is_signed=True)
    heat = next(trace for trace in figure.data if trace.type == "heatmap")
    assert (heat.zmin, heat.zmax) == (-4.0, 4.0)


def test_a_map_of_zeros_is_drawn() -> None:
    figure = attribution_figure(_IMAGE, np.zeros((7, 7), np.float32), "Grad-CAM", "for 7")
    assert next(trace for trace in figure.data if trace.type == "heatmap").zmax == 1.0
