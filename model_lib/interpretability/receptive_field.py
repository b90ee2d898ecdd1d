"""Which part of the image an output pixel can see at all, worked out from the layers' windows alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from model_lib.interpretability.layer_info import LayerView, place_of


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


def window_start(side: int, view: LayerView, place: int) -> int:
    """Returns the first row (or column) of the input that an output pixel looks at; negative ones are padding.

    Args:
        side: height (or width) of the layer's input, in pixels.
        view: a convolution or a pooling layer.
        place: row (or column) of the output pixel.

    Source: TensorFlow's rule for "SAME": as much padding as the output needs, the odd pixel at the end.
    """
    start = place * view.stride
    if view.padding == "same":
        outputs = math.ceil(side / view.stride)
        start -= max((outputs - 1) * view.stride + view.window - side, 0) // 2
    return start


def input_box(view: LayerView, box: Box) -> Box:
    """Returns what a box of a layer's output sees in the layer's input. Both must be images."""
    height, width = view.input_shape[:2]
    if view.kind == "GlobalAveragePooling2D":
        return Box(0, 0, height, width)
    if view.kind not in ("Conv2D", "MaxPooling2D"):
        return box
    return Box(
        window_start(height, view, box.top),
        window_start(width, view, box.left),
        window_start(height, view, box.bottom - 1) + view.window,
        window_start(width, view, box.right - 1) + view.window,
    )


def receptive_field(views: Sequence[LayerView], name: str, position: tuple[int, ...]) -> Box:
    """Returns the part of the image that an output of a layer can see.

    Args:
        views: all layers of the network, in order.
        name: the layer.
        position: (row, column, channel) of an output pixel, or (unit,) of a row of numbers.

    Returns:
        A box in the 28 x 28 image, cut at its border. Behind a dense layer it is all that the layers before it see.
    """
    place = place_of(views, name)
    box = Box(position[0], position[1], position[0] + 1, position[1] + 1) if len(position) == 3 else None
    unit = position[0] if len(position) == 1 else None
    for view in reversed(views[: place + 1]):
        if box is None:
            if view.kind == "Dense":
                unit = None  # it is wired to everything before it
            if len(view.input_shape) == 3:
                box = _into_image(view, unit)
        else:
            box = input_box(view, box).within(*view.input_shape[:2])
    return (box or Box(0, 0, 28, 28)).within(28, 28)


def flat_position(shape: tuple[int, ...], unit: int) -> tuple[int, int, int]:
    """Returns row, column and channel of a number that Flatten laid into a row.

    Args:
        shape: (height, width, channels) before it was laid out.
        unit: place in the row.
    """
    row, rest = divmod(unit, shape[1] * shape[2])
    column, channel = divmod(rest, shape[2])
    return row, column, channel


def _into_image(view: LayerView, unit: int | None) -> Box:
    """Returns what one number, or all (None), of a Flatten or global pooling layer sees in its input."""
    if unit is None or view.kind != "Flatten":
        return Box(0, 0, *view.input_shape[:2])
    row, column, _ = flat_position(view.input_shape, unit)
    return Box(row, column, row + 1, column + 1)
