"""Figures of feature maps and units."""

from __future__ import annotations

import numpy as np

from model_lib.figures.layer_outputs import (
    feature_map_figure,
    feature_map_figures,
    receptive_field_figure,
    unit_outputs_figure,
)
from model_lib.figures.style import DATA, SELECTION
from model_lib.layers.receptive_field import Box

_MAPS = np.random.default_rng(1).normal(size=(4, 6, 70)).astype(np.float32)


def test_a_page_of_maps_holds_sixty_four_and_is_clicked_by_channel() -> None:
    figures = feature_map_figures(_MAPS, 0, 3, True, "Maps")
    assert [index for figure in figures for index in figure.data[-1].customdata] == list(range(64))
    (last,) = feature_map_figures(_MAPS, 64, 65, True, "Maps")
    assert list(last.data[-1].customdata) == list(range(64, 70))


def test_dead_and_constant_maps_are_marked() -> None:
    maps = _MAPS[..., :3].copy()
    maps[..., 1], maps[..., 2] = 0.0, 0.0
    (figure,) = feature_map_figures(maps, 0, 0, False, "Maps", dead=(1,))
    captions, targets = figure.data[-2:]
    assert list(captions.text) == ["0", "1 ✕", "2"]
    assert targets.hovertext[1].endswith("dead")
    assert targets.hovertext[2].endswith("constant for this image")


def test_signed_maps_have_zero_in_the_middle_of_their_scale_and_others_at_its_start() -> None:
    for values, low in ((_MAPS, -np.abs(_MAPS).max()), (np.abs(_MAPS), 0.0)):
        marker = feature_map_figures(values, 0, 0, True, "Maps")[0].data[1].marker
        np.testing.assert_allclose((marker.cmin, marker.cmax), (low, np.abs(_MAPS).max()), rtol=1e-6)


def test_every_pixel_of_a_map_can_be_clicked_and_the_chosen_one_is_selected() -> None:
    figure = feature_map_figure(_MAPS[..., 0], (2, 5), "Map 0")
    targets = figure.data[-1]
    assert [tuple(pixel) for pixel in targets.customdata] == [(row, column) for row in range(4) for column in range(6)]
    assert list(targets.selectedpoints) == [2 * 6 + 5]
    assert targets.hovertext[17] == f"row 2, column 5: {_MAPS[2, 5, 0]:.3f}"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("column", "row")


def test_a_receptive_field_is_framed_and_the_whole_image_is_not() -> None:
    image = np.zeros((28, 28), np.float32)
    (*_, shape) = receptive_field_figure(image, Box(1, 2, 6, 9), "Seen").layout.shapes
    assert (shape.x0, shape.y0, shape.x1, shape.y1) == (1.5, 0.5, 8.5, 5.5)
    assert not receptive_field_figure(image, None, "All").layout.shapes


def test_few_units_are_bars_and_many_are_a_line() -> None:
    few, many = (unit_outputs_figure(np.arange(count, dtype=np.float32), 7, "Units") for count in (10, 300))
    assert few.data[0].type == "bar"
    assert list(few.data[0].marker.color) == [*[DATA] * 7, SELECTION, DATA, DATA]
    assert many.data[0].mode == "lines"
    assert (many.data[1].x[0], many.data[1].y[0]) == (7, 7.0)
    assert list(few.data[-1].customdata) == list(range(10))
    assert (few.layout.xaxis.title.text, few.layout.yaxis.title.text) == ("unit", "output")
