"""What a network is made of, as plain data: its layers with their shapes, and what each one put out for an image.

Nothing here loads Keras, so that figures and pages can speak of layers before it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, softmax

from model_lib.config.layer_kinds import layer_kind

# The key under which the image itself stands among the layers' outputs.
IMAGE: Final = "image"


@dataclass(frozen=True)
class LayerView:
    """One layer of a finished network.

    Args:
        name: Keras's name of it.
        kind: its class, e.g. "Conv2D".
        input_shape: (height, width, channels) or (units,), without the batch axis.
        shape: its output's, alike.
        parameters: numbers that it holds.
        activation: the function at its end; "linear" where there is none.
        window: side of the square that one output pixel looks at, in pixels of the input.
        stride: step from one output pixel to the next, in pixels of the input.
        padding: "valid" or "same".
    """

    name: str
    kind: str
    input_shape: tuple[int, ...]
    shape: tuple[int, ...]
    parameters: int
    activation: str = "linear"
    window: int = 1
    stride: int = 1
    padding: str = "valid"

    @property
    def is_image(self) -> bool:
        """Whether it puts out feature maps, not a row of numbers."""
        return len(self.shape) == 3

    @property
    def title(self) -> str:
        """The kind with the number of the layer among its kind, short: "Conv2D 1"."""
        number = self.name.rsplit("_", 1)[-1]
        if self.name == "output":
            return "Output"
        return (layer_kind(self.kind).short_name or self.kind) + (f" {number}" if number.isdecimal() else "")

    @property
    def size(self) -> str:
        """The output's shape in words: "24 x 24 x 64"."""
        return " x ".join(str(side) for side in self.shape)


@dataclass(frozen=True)
class LayerMaps:
    """What a layer put out for one image.

    Args:
        before: what its activation was given, (height, width, channels) or (units,); None if it has none.
        after: its output, of the same shape.
    """

    before: NDArray[np.float32] | None
    after: NDArray[np.float32]


def block_of(views: Sequence[LayerView], name: str) -> range:
    """Returns the places of a layer and of the normalisation, activation and dropout that follow it."""
    first = place_of(views, name)
    end = first + 1
    while end < len(views) and layer_kind(views[end].kind).is_fused:
        end += 1
    return range(first, end)


def place_of(views: Sequence[LayerView], name: str) -> int:
    """Returns the place of a layer, from 0.

    Raises:
        KeyError: if there is no layer of that name.
    """
    for place, view in enumerate(views):
        if view.name == name:
            return place
    raise KeyError(f"The network has no layer {name!r}. It has {', '.join(view.name for view in views)}.")


def filter_layers(views: Sequence[LayerView]) -> list[LayerView]:
    """Returns the convolutions, from the image towards the answer; none for a dense network."""
    return [view for view in views if view.kind == "Conv2D"]


def unit_layers(views: Sequence[LayerView]) -> list[LayerView]:
    """Returns the layers that learn filters or units: the convolutions and the dense layers."""
    return [view for view in views if view.kind in ("Conv2D", "Dense")]


def last_hidden_layer(views: Sequence[LayerView]) -> LayerView:
    """Returns the layer whose output the last dense layer reads, dropout left out."""
    return next(view for view in reversed(views[:-1]) if view.kind != "Dropout")


def apply_activation(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Computes an activation as Keras defines it. "softmax" is taken over the last axis.

    Raises:
        KeyError: for a name that no layer of this app has.
    """
    with np.errstate(over="ignore"):
        functions: dict[str, Callable[[], NDArray[np.float64]]] = {
            "linear": lambda: values,
            "relu": lambda: np.maximum(values, 0.0),
            "leaky_relu": lambda: np.where(values > 0.0, values, 0.2 * values),
            "elu": lambda: np.where(values > 0.0, values, np.expm1(values)),
            "gelu": lambda: values * 0.5 * (1.0 + erf(values / np.sqrt(2.0))),
            "silu": lambda: values * expit(values),
            "sigmoid": lambda: expit(values),
            "tanh": lambda: np.tanh(values),
            "softmax": lambda: softmax(values, axis=-1),
        }
        return np.asarray(functions[name](), np.float64)
