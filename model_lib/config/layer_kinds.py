"""The kinds of layers that a network is made of: one `LayerKind` each, looked up wherever kinds differ.

Nothing here loads Keras. docs/how-to/add-a-layer-kind.md lists what else a new kind needs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from model_lib.config.network import LayerSpec

# (height, width, channels) or (units,), without the batch axis.
Shape = tuple[int, ...]
# What one output number is computed from: the number at its own position; a window of pixels, all channels or its own
# one; a whole feature map; the number that was moved to its position; all numbers of the last axis.
Reads = Literal["number", "window", "map", "moved", "units"]


@dataclass(frozen=True, kw_only=True)
class LayerKind:
    """What the layers of one Keras class have in common.

    Args:
        name: the class in `keras.layers`.
        help: for the visitor, behind the name: what it does, in a few words.
        reads: what one output number is computed from; the receptive field follows from it.
        output_shape: from a layer and its input's shape to its output's shape. A window too large for its input may
            give sides below one; `summarise` refuses them.
        options: the fields of `LayerSpec` that it reads, which bear the names of Keras's arguments.
        parameters: from a layer and its input's shape to (all parameters, trainable ones).
        detail: from a layer to its options in words, for the table.
        random_argument: Keras's argument for what is drawn at random: initial weights, or the dropout mask.
        short_name: for the titles of figures; the name if empty.
        is_fused: whether it belongs to the convolution or dense layer before it, whose output is complete only here.
    """

    name: str
    help: str
    reads: Reads
    output_shape: Callable[[LayerSpec, Shape], Shape]
    options: tuple[str, ...] = ()
    parameters: Callable[[LayerSpec, Shape], tuple[int, int]] = lambda layer, shape: (0, 0)
    detail: Callable[[LayerSpec], str] = lambda layer: ""
    random_argument: Literal["", "kernel_initializer", "seed"] = ""
    short_name: str = ""
    is_fused: bool = False

    @property
    def needs_image(self) -> bool:
        """Whether its input must be feature maps, not a row of numbers."""
        return self.reads in ("window", "map")

    @property
    def window_option(self) -> str:
        """The option that holds the side of its window, in pixels; empty if it has none."""
        return next((name for name in self.options if name in ("kernel_size", "pool_size")), "")


def after_window(layer: LayerSpec, shape: Shape) -> tuple[int, int]:
    """Returns height and width after a convolution or pooling; below 1 if the window does not fit."""
    window, stride = window_side(layer), window_stride(layer)
    if layer.padding == "same":
        return math.ceil(shape[0] / stride), math.ceil(shape[1] / stride)
    return (shape[0] - window) // stride + 1, (shape[1] - window) // stride + 1


def window_side(layer: LayerSpec) -> int:
    """Returns the side of the window of a convolution or pooling, in pixels."""
    side: int = getattr(layer, LAYER_KINDS[layer.kind].window_option)
    return side


def window_stride(layer: LayerSpec) -> int:
    """Returns the step of the window of a convolution or pooling, in pixels; if none is set, Keras's default."""
    return layer.strides or (1 if LAYER_KINDS[layer.kind].window_option == "kernel_size" else window_side(layer))


def _kernel(layer: LayerSpec, inputs: int, outputs: int) -> tuple[int, int]:
    count = inputs * outputs + (outputs if layer.use_bias else 0)
    return count, count


def _units_detail(layer: LayerSpec) -> str:
    activation = "" if layer.activation == "linear" else f", {layer.activation}"
    return f"{activation}{'' if layer.use_bias else ', no bias'}"


def _window_detail(layer: LayerSpec) -> str:
    window, stride = window_side(layer), "" if layer.strides is None else f", step {layer.strides}"
    return f"{window} x {window}, {layer.padding}{stride}"


LAYER_KINDS: Final[Mapping[str, LayerKind]] = {
    kind.name: kind
    for kind in (
        LayerKind(
            name="Conv2D",
            help="moves small filters over the image: each gives a feature map of where it fits",
            reads="window",
            output_shape=lambda layer, shape: (*after_window(layer, shape), layer.filters),
            options=("filters", "kernel_size", "strides", "padding", "activation", "use_bias"),
            parameters=lambda layer, shape: _kernel(layer, layer.kernel_size**2 * shape[2], layer.filters),
            detail=lambda layer: f"{layer.filters} filters, {_window_detail(layer)}{_units_detail(layer)}",
            random_argument="kernel_initializer",
        ),
        LayerKind(
            name="MaxPooling2D",
            help="keeps the largest value of each block: a smaller image, and small shifts matter less",
            reads="window",
            output_shape=lambda layer, shape: (*after_window(layer, shape), shape[2]),
            options=("pool_size", "strides", "padding"),
            detail=_window_detail,
            short_name="MaxPooling",
        ),
        LayerKind(
            name="AveragePooling2D",
            help="takes the mean of each block: a smaller and softer image",
            reads="window",
            output_shape=lambda layer, shape: (*after_window(layer, shape), shape[2]),
            options=("pool_size", "strides", "padding"),
            detail=_window_detail,
            short_name="AveragePooling",
        ),
        LayerKind(
            name="Dropout",
            help="switches off a random share of the values while training, against overfitting",
            reads="number",
            output_shape=lambda layer, shape: shape,
            options=("rate",),
            detail=lambda layer: f"{layer.rate:g}",
            random_argument="seed",
            is_fused=True,
        ),
        LayerKind(
            name="BatchNormalization",
            help="normalises the values to mean 0 and standard deviation 1, which makes training faster",
            reads="number",
            output_shape=lambda layer, shape: shape,
            parameters=lambda layer, shape: (4 * shape[-1], 2 * shape[-1]),
            short_name="BatchNorm",
            is_fused=True,
        ),
        LayerKind(
            name="Activation",
            help="applies a nonlinear function, so that several layers can do more than one",
            reads="number",
            output_shape=lambda layer, shape: shape,
            options=("activation",),
            detail=lambda layer: layer.activation,
            is_fused=True,
        ),
        LayerKind(
            name="Flatten",
            help="lays the image out as one row of numbers",
            reads="moved",
            output_shape=lambda layer, shape: (math.prod(shape),),
        ),
        LayerKind(
            name="GlobalAveragePooling2D",
            help="takes the mean of each feature map",
            reads="map",
            output_shape=lambda layer, shape: (shape[2],),
            short_name="GlobalAverage",
        ),
        LayerKind(
            name="Dense",
            help="connects every number to every unit by a weight",
            reads="units",
            output_shape=lambda layer, shape: (*shape[:-1], layer.units),
            options=("units", "activation", "use_bias"),
            parameters=lambda layer, shape: _kernel(layer, shape[-1], layer.units),
            detail=lambda layer: f"{layer.units} units{_units_detail(layer)}",
            random_argument="kernel_initializer",
        ),
    )
}
KINDS: Final = tuple(LAYER_KINDS)
# In a built network, but not in the editor: it comes from `NetworkSpec.pixel_scale`.
_RESCALING: Final = LayerKind(
    name="Rescaling", help="multiplies all pixels", reads="number", output_shape=lambda layer, shape: shape
)


def layer_kind(name: str) -> LayerKind:
    """Returns the kind of a built network's layer, by its Keras class.

    Raises:
        NotImplementedError: for a class that is no layer kind of this project.
    """
    if name == _RESCALING.name:
        return _RESCALING
    if name not in LAYER_KINDS:
        raise NotImplementedError(
            f"The layer must be of a kind in `LAYER_KINDS`, {', '.join(KINDS)}. Received: {name}. "
            "docs/how-to/add-a-layer-kind.md says how to add one."
        )
    return LAYER_KINDS[name]


def layer_name(kind: str, number: int) -> str:
    """Returns the Keras name of the `number`-th layer of its kind, from 1: "conv2d_1"."""
    words = re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", kind))  # as Keras does it
    return f"{words.lower()}_{number}"


def layer_title(kind: str, name: str) -> str:
    """Returns what a visitor calls a built network's layer, short: "Conv2D 1".

    Args:
        kind: its Keras class.
        name: Keras's name of it.
    """
    number = name.rsplit("_", 1)[-1]
    if name == "output":
        return "Output"
    return (layer_kind(kind).short_name or kind) + (f" {number}" if number.isdecimal() else "")
