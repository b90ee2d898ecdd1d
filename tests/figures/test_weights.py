"""Kernels as images."""

from __future__ import annotations

import numpy as np

from model_lib.figures.weights import filters_figures
from tests.figures.decode import pixels_of

_TILES = np.random.default_rng(1).normal(size=(6, 5, 5)).astype(np.float32)


def test_filters_come_in_the_given_order_and_are_clicked_by_index() -> None:
    (figure,) = filters_figures(_TILES, [3, 1, 5, 0, 2, 4], 0, 5, "Filters", True, 2.0)
    assert list(figure.data[-1].customdata) == [3, 1, 5, 0, 2, 4]
    assert figure.data[-1].hovertext[0] == f"filter 3: {_TILES[3].min():.2f} to {_TILES[3].max():.2f}"
    assert len(figure.layout.shapes) == 3


def test_weights_diverge_from_zero_and_norms_start_there() -> None:
    for is_signed, limits, title in ((True, (-2.0, 2.0), "weight"), (False, (0.0, 2.0), "norm")):
        (figure,) = filters_figures(np.abs(_TILES), range(6), 0, 0, "Filters", is_signed, 2.0)
        marker = figure.data[1].marker
        assert (marker.cmin, marker.cmax, marker.colorbar.title.text) == (*limits, title)


def test_a_zero_weight_is_white_and_signs_differ_in_colour() -> None:
    tiles = np.array([[[-1.0, 0.0, 1.0]]], np.float32)
    (figure,) = filters_figures(tiles, [0], 0, -1, "Filter", True, 1.0)
    pixels = pixels_of(figure)
    negative, zero, positive = pixels[pixels[..., 3] > 0][:, :3].astype(int)
    assert zero.min() > 230
    assert negative[0] > negative[2]
    assert positive[2] > positive[0]
