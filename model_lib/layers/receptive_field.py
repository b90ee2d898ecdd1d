"""Receptive field of an output: the part of the image it depends on, from the layers' windows alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from model_lib.config.layer_kinds import layer_kind
from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.layers.layer_info import LayerView, place_of


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels. `bottom` and `right` are the first row and column outside it.

    Where a layer pads with zeros, a box may reach beyond the picture.
    """

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    def within(self, height: int, width: int) -> Box:
        """Returns the part of it that lies in a picture of this size, in pixels."""
        return Box(max(0, self.top), max(0, self.left), min(height, self.bottom), min(width, self.right))


def window_start(side: int, view: LayerView, index: int) -> int:
    """Returns the first row (or column) of an output pixel's window in the input; negative ones are padding.

    Args:
        side: height (or width) of the layer's input, in pixels.
        view: a convolution or a pooling layer.
        index: row (or column) of the output pixel.

    Source: TensorFlow's rule for "SAME": as much padding as the output needs, the odd pixel at the end.
    """
    start = index * view.stride
    if view.padding == "same":
        outputs = math.ceil(side / view.stride)
        start -= max((outputs - 1) * view.stride + view.window - side, 0) // 2
    return start


def _through_window(view: LayerView, box: Box) -> Box:
    """Returns the receptive field of a box of a layer's output in the layer's input, for a convolution or pooling."""
    height, width = view.input_shape[:2]
    return Box(
        window_start(height, view, box.top),
        window_start(width, view, box.left),
        window_start(height, view, box.bottom - 1) + view.window,
        window_start(width, view, box.right - 1) + view.window,
    )


def receptive_field(views: Sequence[LayerView], name: str, position: tuple[int, ...]) -> Box:
    """Returns the receptive field of an output of a layer.

    Args:
        views: all layers of the network, in order.
        name: the layer.
        position: (row, column, channel) of an output pixel, or (unit,) of a row of numbers.

    Returns:
        A box in the 28 x 28 image, clipped to it. Behind a dense layer it is the union over all of the layer's inputs.

    Raises:
        NotImplementedError: for a layer of a kind that is not in `LAYER_KINDS`.
    """
    box = _pixel(*position[:2]) if len(position) == 3 else Box(0, 0, IMAGE_SIDE, IMAGE_SIDE)
    unit = position[0] if len(position) == 1 else None  # None: all units of a row
    for view in reversed(views[: place_of(views, name) + 1]):
        reads, has_image = layer_kind(view.kind).reads, len(view.input_shape) == 3
        match reads:
            case "number":
                pass
            case "units":
                unit = unit if has_image else None
            case "moved":
                if has_image and unit is not None:
                    box = _pixel(*flat_position(view.input_shape, unit)[:2])
                elif has_image:
                    box = Box(0, 0, *view.input_shape[:2])
            case "map":
                box = Box(0, 0, *view.input_shape[:2])
            case "window":
                box = _through_window(view, box).within(*view.input_shape[:2])
            case _:
                assert_never(reads)
    return box


def flat_position(shape: tuple[int, ...], unit: int) -> tuple[int, int, int]:
    """Returns row, column and channel of a number that Flatten moved into a row.

    Args:
        shape: (height, width, channels) of its input.
        unit: index in the row.
    """
    row, rest = divmod(unit, shape[1] * shape[2])
    column, channel = divmod(rest, shape[2])
    return row, column, channel


def _pixel(row: int, column: int) -> Box:
    return Box(row, column, row + 1, column + 1)
