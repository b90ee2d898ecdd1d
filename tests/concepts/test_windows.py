"""Convolution and pooling of How it works, against Keras; and the counted parameters, against the published ones."""

from __future__ import annotations

import itertools
import re
from typing import Literal

import keras
import numpy as np
import pytest

from model_lib.concepts.windows import (
    Padding,
    convolve,
    output_side,
    padded,
    pool,
    relative_difference,
    shifted,
)
from model_lib.config.summary import summarise
from model_lib.datasets.loading import load_dataset
from model_lib.layers.convolution_demo import CLASSIC_FILTERS
from model_lib.networks import PRESETS
from ui.how_it_works.convolution.convolution import written_sum
from ui.how_it_works.convolution.parameters import formulas
from ui.how_it_works.texts import screen_text

_IMAGE = load_dataset("mnist").test.images[0] / 255


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("side", [3, 5])
def test_a_convolution_is_that_of_keras_with_every_padding_and_stride(side: int, stride: int, padding: Padding) -> None:
    kernel = np.random.default_rng(side).normal(size=(side, side))
    inputs, weights = _IMAGE[np.newaxis, ..., np.newaxis], kernel[..., np.newaxis, np.newaxis]
    expected = np.asarray(keras.ops.conv(inputs, weights, strides=stride, padding=padding, data_format="channels_last"))
    found = convolve(_IMAGE, kernel, stride, padding)
    assert found.shape == (output_side(28, side, stride, padding),) * 2 == expected.shape[1:3]
    np.testing.assert_allclose(found, expected[0, ..., 0], atol=1e-5)
    zeros = len(padded(_IMAGE, side, stride, padding)) - 28
    assert found.shape[0] == (28 + zeros - side) // stride + 1


@pytest.mark.parametrize(("kind", "layer"), [("max", keras.ops.max_pool), ("mean", keras.ops.average_pool)])
@pytest.mark.parametrize("side", [2, 3])
def test_pooling_is_that_of_keras(kind: Literal["max", "mean"], layer: object, side: int) -> None:
    assert callable(layer)
    expected = np.asarray(layer(_IMAGE[np.newaxis, ..., np.newaxis], side, data_format="channels_last"))
    np.testing.assert_allclose(pool(_IMAGE, side, kind), expected[0, ..., 0], atol=1e-6)


def test_a_shifted_image_lost_its_last_columns_and_differs_by_the_length_of_the_difference() -> None:
    image = np.array([[3.0, 4.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(shifted(image, 1), [[0.0, 3.0, 4.0], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(shifted(image, 0), image)
    assert relative_difference(image, shifted(image, 1)) == pytest.approx(np.sqrt(9 + 1 + 16) / 5)
    assert relative_difference(np.zeros(3), np.zeros(3)) == 0


def test_the_written_products_add_up_to_the_written_sum() -> None:
    window, kernel = np.arange(9.0).reshape(3, 3) / 8, np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    products, _, total = written_sum(window, kernel).partition("=")
    pairs = re.findall(r"(-?[\d.]+) x +(-?[\d.]+)", products)
    assert len(pairs) == 9
    assert sum(float(pixel) * float(weight) for pixel, weight in pairs) == pytest.approx(float(total), abs=0.05)
    assert float(total) == 1.0  # by hand: the columns differ by 0.25, weighted 1, 2, 1


@pytest.mark.parametrize("name", [name for name, kernel in CLASSIC_FILTERS.items() if len(kernel) == 3])
def test_what_is_written_of_real_pixels_adds_up_to_the_written_sum_but_for_its_last_decimal(name: str) -> None:
    kernel = np.array(CLASSIC_FILTERS[name])
    for top, left in itertools.product(range(5, 20), repeat=2):
        products, _, total = written_sum(_IMAGE[top : top + 3, left : left + 3], kernel).partition("= ")
        pairs = re.findall(r"([\d.]+) x (-?[\d.]+)", products)
        added = sum(float(pixel) * float(weight) for pixel, weight in pairs)
        assert abs(round(added, 2) - float(total)) < 0.015
        assert len(total.partition(".")[2]) == 2


# As published: model.summary() of the six programs.
@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("mlp", 101_770),
        ("mlp_batchnorm", 104_906),
        ("cnn_5x5", 592_074),
        ("cnn_3x3", 693_962),
        ("mnist_cnn", 1_199_882),
        ("two_conv", 242_062),
    ],
)
def test_the_written_counts_of_a_network_are_those_of_its_layers_and_add_up_to_the_published_number(
    name: str, total: int
) -> None:
    layers = summarise(PRESETS[name])
    written = formulas(PRESETS[name], layers, screen_text("parameters").words)
    counts = [_count(formula) for formula in written]
    assert counts == [layer.parameters for layer in layers]
    assert sum(counts) == total


def _count(formula: str) -> int:
    """Works out what is written: "(5 x 5 pixels x 1 in + 1 bias) x 32 filters"."""
    if "=" in formula or not any(character.isdigit() for character in formula):
        return 0
    plain = re.sub(r"[a-z]{2,}|,", "", formula.split(":")[0]).replace("x", "*")
    return int(eval(plain, {"__builtins__": {}}))
