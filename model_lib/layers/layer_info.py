"""Metadata and outputs of a built network's layers, as plain data.

Nothing here loads Keras, so that figures and pages can use it before Keras is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.layer_kinds import layer_kind, layer_title

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
        window: side of the window of a convolution or pooling, in pixels of the input.
        stride: step from one window to the next, in pixels of the input.
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
        """Whether its output is feature maps, not a row of numbers."""
        return len(self.shape) == 3

    @property
    def title(self) -> str:
        """The kind with the number of the layer among its kind, short: "Conv2D 1"."""
        return layer_title(self.kind, self.name)

    @property
    def size(self) -> str:
        """The output's shape in words: "24 x 24 x 64"."""
        return " x ".join(f"{side:,}" for side in self.shape)


@dataclass(frozen=True)
class LayerOutput:
    """The output of a layer for one image.

    Args:
        pre_activation: the input of its activation, (height, width, channels) or (units,); None if it has none.
        activation: its output, of the same shape.
    """

    pre_activation: NDArray[np.float32] | None
    activation: NDArray[np.float32]


def block_of(views: Sequence[LayerView], name: str) -> range:
    """Returns the indices of a layer and of the layers fused into it: normalization, activation, dropout behind it."""
    first = place_of(views, name)
    end = first + 1
    while end < len(views) and layer_kind(views[end].kind).is_fused:
        end += 1
    return range(first, end)


def activated_block(views: Sequence[LayerView], name: str) -> range:
    """Returns the indices of a layer up to its activation, also where a pooling stands between them.

    Without an activation before the next layer with weights it is the layer's block alone.
    """
    block = block_of(views, name)
    for end in range(block.start, len(views)):
        view, kind = views[end], layer_kind(views[end].kind)
        is_pooling = kind.reads == "window" and not view.parameters
        if end >= block.stop and not (kind.is_fused or is_pooling):
            break
        if view.activation != "linear":
            return range(block.start, max(end + 1, block.stop))
    return block


def place_of(views: Sequence[LayerView], name: str) -> int:
    """Returns the index of a layer.

    Raises:
        KeyError: if there is no layer of that name.
    """
    for index, view in enumerate(views):
        if view.name == name:
            return index
    raise KeyError(f"The network has no layer {name!r}. It has {', '.join(view.name for view in views)}.")


def filter_layers(views: Sequence[LayerView]) -> list[LayerView]:
    """Returns the convolutions, from the image towards the answer; none for a dense network."""
    return [view for view in views if view.kind == "Conv2D"]


def unit_layers(views: Sequence[LayerView]) -> list[LayerView]:
    """Returns the layers with kernels: the convolutions and the dense layers."""
    return [view for view in views if view.kind in ("Conv2D", "Dense")]


def last_hidden_layer(views: Sequence[LayerView]) -> LayerView:
    """Returns the layer whose output the last dense layer reads, dropout left out."""
    return next(view for view in reversed(views[:-1]) if view.kind != "Dropout")


def activation_layer(views: Sequence[LayerView], name: str) -> LayerView:
    """Returns the layer that applies the first activation of a layer's block; the last of the block if there is none.

    Its output without the activation is the pre-activation of the block.
    """
    block = [views[index] for index in block_of(views, name)]
    return next((view for view in block if view.activation != "linear"), block[-1])
