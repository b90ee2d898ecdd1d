"""The receptive field of an output is exactly the pixels that change it, tried out pixel by pixel."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from model_lib.config.layer_kinds import KINDS
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.layers.layer_info import LayerView
from model_lib.layers.layer_reader import LayerReader
from model_lib.layers.receptive_field import Box, receptive_field
from model_lib.networks import build_network

_CONV = LayerSpec("Conv2D", filters=2, kernel_size=3)
_DENSE = (LayerSpec("Flatten"), LayerSpec("Dense", units=4))
_STACKS = {
    "valid": (_CONV, LayerSpec("Conv2D", filters=2, kernel_size=5), LayerSpec("MaxPooling2D")),
    "same": (
        LayerSpec("Conv2D", filters=2, kernel_size=5, padding="same"),
        LayerSpec("MaxPooling2D"),
        LayerSpec("Conv2D", filters=2, kernel_size=4, padding="same"),
    ),
    "strides": (
        LayerSpec("Conv2D", filters=2, kernel_size=5, strides=2, padding="same"),
        LayerSpec("MaxPooling2D", pool_size=3, strides=2, padding="same"),
        LayerSpec("Conv2D", filters=2, kernel_size=2, strides=3),
    ),
}


def _views(*layers: LayerSpec) -> tuple[LayerView, ...]:
    spec = NetworkSpec("stack", (*layers, LayerSpec("Flatten")))
    return LayerReader(spec, build_network(spec).get_weights()).views


def _pixels_that_count(layers: tuple[LayerSpec, ...]) -> np.ndarray:
    """Lights each pixel alone, in a network whose weights are all positive: what it reaches becomes larger than zero.

    Returns:
        Of the last layer, (784, height, width, channels) or (784, units) booleans, as Keras computes them.
    """
    network = build_network(NetworkSpec("stack", (*layers, LayerSpec("Flatten"))))
    for weight in network.weights:
        if weight.name == "kernel":
            weight.assign(np.abs(weight) + 0.1)
    inner = keras.Model(network.inputs, network.layers[len(layers)].output)
    return inner.predict(np.eye(784, dtype=np.float32).reshape(784, 28, 28, 1), verbose=0) > 0.0


@pytest.mark.parametrize("stack", _STACKS)
def test_the_field_is_exactly_the_pixels_that_count(stack: str) -> None:
    views, reached = _views(*_STACKS[stack]), _pixels_that_count(_STACKS[stack])
    name = views[-3].name  # Flatten and the output layer follow
    for row, column in np.ndindex(reached.shape[1:3]):
        expected = _box_around(reached[:, row, column, 0])
        assert receptive_field(views, name, (row, column, 0)) == expected, (row, column)


@pytest.mark.parametrize("kind", KINDS)
def test_the_field_of_a_layer_of_any_kind_is_exactly_the_pixels_that_count(kind: str) -> None:
    layers = (LayerSpec("Conv2D", filters=2, strides=2), LayerSpec(kind, units=5, pool_size=3, strides=2))
    views, reached = _views(*layers), _pixels_that_count(layers)
    for position in list(np.ndindex(reached.shape[1:]))[::7]:
        assert receptive_field(views, views[1].name, position) == _box_around(reached[:, *position]), position


def _box_around(reached: np.ndarray) -> Box:
    """Returns the smallest box around the pixels (784,) that count."""
    rows, columns = np.nonzero(reached.reshape(28, 28))
    return Box(int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1)


def test_a_kind_without_a_rule_has_no_field_of_one_pixel() -> None:
    first, *others = _views(_CONV)
    with pytest.raises(NotImplementedError, match="Received: Cropping2D"):
        receptive_field([dataclasses.replace(first, kind="Cropping2D"), *others], "conv2d_1", (3, 4, 0))


def test_two_convolutions_of_3_x_3_see_5_x_5() -> None:
    assert receptive_field(_views(_CONV, _CONV), "conv2d_2", (10, 4, 1)) == Box(10, 4, 15, 9)


def test_a_flattened_number_sees_what_its_pixel_saw_and_a_dense_unit_everything() -> None:
    views = _views(_CONV, *_DENSE)
    # 26 x 26 x 2 numbers: (3 * 26 + 7) * 2 + 1 is row 3, column 7.
    assert receptive_field(views, "flatten_1", ((3 * 26 + 7) * 2 + 1,)) == Box(3, 7, 6, 10)
    assert receptive_field(views, "dense_1", (2,)) == Box(0, 0, 28, 28)
    assert receptive_field(views, "output", (2,)) == Box(0, 0, 28, 28)
    assert receptive_field(_views(*_DENSE), "flatten_1", (28 * 2 + 5,)) == Box(2, 5, 3, 6)


def test_pixels_that_a_stride_leaves_out_are_seen_by_nobody() -> None:
    views = _views(LayerSpec("Conv2D", filters=2, kernel_size=3, strides=4), LayerSpec("GlobalAveragePooling2D"))
    # Seven steps of 4 pixels: the last window begins at 24 and ends before 27.
    assert receptive_field(views, "output", (0,)) == Box(0, 0, 27, 27)
