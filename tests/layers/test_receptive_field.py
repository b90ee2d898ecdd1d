"""The receptive field of an output is exactly the pixels that change it, tried out pixel by pixel."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from model_lib.config.layer_kinds import KINDS
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.interpretability.layer_outputs import FeatureReader
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


def _pixels_that_count(layers: tuple[LayerSpec, ...]) -> tuple[FeatureReader, str, np.ndarray]:
    """Lights each pixel alone, in a network whose weights are all positive: what it reaches becomes larger than zero.

    Returns:
        The reader, the last layer's name, and (784, height, width, channels) booleans.
    """
    network = build_network(NetworkSpec("stack", (*layers, LayerSpec("Flatten"))))
    for weight in network.weights:
        if weight.name == "kernel":
            weight.assign(np.abs(weight) + 0.1)
    reader = FeatureReader(network)
    name = reader.views[len(layers) - 1].name
    lit = (np.eye(784).reshape(784, 28, 28) * 255).astype(np.uint8)
    return reader, name, reader.outputs(name, lit) > 0.0


@pytest.mark.parametrize("stack", _STACKS)
def test_the_field_is_exactly_the_pixels_that_count(stack: str) -> None:
    reader, name, reached = _pixels_that_count(_STACKS[stack])
    for row, column in np.ndindex(reached.shape[1:3]):
        expected = _box_around(reached[:, row, column, 0])
        assert receptive_field(reader.views, name, (row, column, 0)) == expected, (row, column)


@pytest.mark.parametrize("kind", KINDS)
def test_the_field_of_a_layer_of_any_kind_is_exactly_the_pixels_that_count(kind: str) -> None:
    first = LayerSpec("Conv2D", filters=2, strides=2)
    reader, name, reached = _pixels_that_count((first, LayerSpec(kind, units=5, pool_size=3, strides=2)))
    for position in list(np.ndindex(reached.shape[1:]))[::7]:
        assert receptive_field(reader.views, name, position) == _box_around(reached[:, *position]), position


def _box_around(reached: np.ndarray) -> Box:
    """Returns the smallest box around the pixels (784,) that count."""
    rows, columns = np.nonzero(reached.reshape(28, 28))
    return Box(int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1)


def test_a_kind_without_a_rule_has_no_field_of_one_pixel() -> None:
    reader = FeatureReader(build_network(NetworkSpec("one", (_CONV, LayerSpec("Flatten")))))
    views = [dataclasses.replace(reader.views[0], kind="Cropping2D"), *reader.views[1:]]
    with pytest.raises(NotImplementedError, match="Received: Cropping2D"):
        receptive_field(views, "conv2d_1", (3, 4, 0))


def test_two_convolutions_of_3_x_3_see_5_x_5() -> None:
    reader = FeatureReader(build_network(NetworkSpec("two", (_CONV, _CONV, LayerSpec("Flatten")))))
    assert receptive_field(reader.views, "conv2d_2", (10, 4, 1)) == Box(10, 4, 15, 9)


def test_a_flattened_number_sees_what_its_pixel_saw_and_a_dense_unit_everything() -> None:
    reader = FeatureReader(
        build_network(NetworkSpec("flat", (_CONV, LayerSpec("Flatten"), LayerSpec("Dense", units=4))))
    )
    # 26 x 26 x 2 numbers: (3 * 26 + 7) * 2 + 1 is row 3, column 7.
    assert receptive_field(reader.views, "flatten_1", ((3 * 26 + 7) * 2 + 1,)) == Box(3, 7, 6, 10)
    assert receptive_field(reader.views, "dense_1", (2,)) == Box(0, 0, 28, 28)
    assert receptive_field(reader.views, "output", (2,)) == Box(0, 0, 28, 28)
    dense = FeatureReader(build_network(NetworkSpec("dense", _DENSE)))
    assert receptive_field(dense.views, "flatten_1", (28 * 2 + 5,)) == Box(2, 5, 3, 6)


def test_pixels_that_a_stride_leaves_out_are_seen_by_nobody() -> None:
    layers = (LayerSpec("Conv2D", filters=2, kernel_size=3, strides=4), LayerSpec("GlobalAveragePooling2D"))
    reader = FeatureReader(build_network(NetworkSpec("stride", layers)))
    # Seven steps of 4 pixels: the last window begins at 24 and ends before 27.
    assert receptive_field(reader.views, "output", (0,)) == Box(0, 0, 27, 27)
