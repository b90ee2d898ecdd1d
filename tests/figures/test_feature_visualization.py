"""Figures of top activating images and of activation maximization."""

from __future__ import annotations

import numpy as np

from model_lib.figures.feature_visualization import (
    activation_maximization_figure,
    top_activations_figure,
    top_patches_figures,
)
from model_lib.interpretability.results import TopActivations
from model_lib.layers.receptive_field import Box
from tests.figures.decode import greys, pixels_of

_IMAGES = np.random.default_rng(1).integers(0, 256, (30, 28, 28)).astype(np.uint8)
_LABELS = (np.arange(30) % 10).astype(np.uint8)
_TOP = TopActivations(
    "conv2d_1",
    np.arange(27).reshape(3, 9),
    np.linspace(9.0, 1.0, 27, dtype=np.float32).reshape(3, 9),
    [[Box(2, 3, 7, 8)] * 9, [Box(0, 0, 28, 28)] * 9, [Box(0, 0, 5, 5)] * 9],
)


def test_each_image_is_drawn_with_its_value_its_index_and_its_receptive_field() -> None:
    figure = top_activations_figure(_TOP, _IMAGES, _LABELS, 0)
    captions, targets = figure.data[-2:]
    assert list(captions.text)[:2] == ["9.00", "8.69"]
    assert list(targets.customdata) == list(range(9))
    assert targets.hovertext[3] == "test image 3, label 3"
    top, left = round(targets.y[4] - 13.5), round(targets.x[4] - 13.5)
    np.testing.assert_array_equal(pixels_of(figure)[top : top + 28, left : left + 28, 0], greys(_IMAGES[4] / 255))
    shape = figure.layout.shapes[4 * 3 + 2]
    assert (shape.x0, shape.y0, shape.x1, shape.y1) == (left + 2.5, top + 1.5, left + 7.5, top + 6.5)


def test_a_unit_that_sees_the_whole_image_needs_no_frame() -> None:
    assert not top_activations_figure(_TOP, _IMAGES, _LABELS, 1).layout.shapes


def test_patches_are_clicked_by_the_filters_index() -> None:
    (figure,) = top_patches_figures(_TOP, np.zeros((3, 5, 5), np.uint8), 0, 2, "Patches")
    assert list(figure.data[-1].customdata) == [0, 1, 2]
    assert figure.data[-1].hovertext[2] == "filter 2: activation 3.46"
    assert len(figure.layout.shapes) == 3


def test_the_image_of_activation_maximization_is_drawn_pixel_for_pixel() -> None:
    image = np.linspace(0, 1, 35, dtype=np.float32).reshape(5, 7)
    shades = pixels_of(activation_maximization_figure(image, "Filter 3"))[..., 0]
    np.testing.assert_array_equal(shades, greys(image))
