"""Names and shapes of the weights that a spec calls for, in the order of Keras's `get_weights()`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_lib.config.network import IMAGE_SHAPE, LayerSpec, NetworkSpec
from model_lib.config.summary import summarise
from model_lib.datasets.loading import CLASSES


class WeightsError(ValueError):
    """Weights that cannot be read or do not belong to the network; the message says what was expected."""


@dataclass(frozen=True)
class BoundLayer:
    """One layer of a network with everything that the stack around it determines.

    Args:
        name: the Keras layer's name.
        kind: its class; "Rescaling" for the multiplication by `NetworkSpec.pixel_scale`.
        spec: its options; None for the Rescaling.
        activation: the function at its end; "linear" where there is none, "softmax" for the last layer.
        input_shape: (height, width, channels) or (units,), without the batch axis.
        output_shape: alike.
        weight_shapes: shape of each of its weights by Keras's name, in Keras's order.
    """

    name: str
    kind: str
    spec: LayerSpec | None
    activation: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    weight_shapes: Mapping[str, tuple[int, ...]]


def bound_layers(spec: NetworkSpec) -> list[BoundLayer]:
    """Returns the layers from the image to the Dense(10, softmax), the last one included.

    Raises:
        NetworkError: if the stack cannot be built.
    """
    rows = summarise(spec)
    specs: list[LayerSpec | None] = [*spec.layers, LayerSpec("Dense", units=CLASSES, activation="linear")]
    if spec.pixel_scale != 1.0:
        specs.insert(0, None)
    layers: list[BoundLayer] = []
    shape: tuple[int, ...] = IMAGE_SHAPE
    for row, layer in zip(rows, specs, strict=True):
        activation = layer.options().get("activation", "linear") if layer is not None else "linear"
        weights = {} if layer is None else _weight_shapes(layer, shape[-1])
        layers.append(BoundLayer(row.name, row.kind, layer, activation, shape, row.output_shape, weights))
        shape = row.output_shape
    layers[-1] = BoundLayer(**{**vars(layers[-1]), "activation": "softmax"})
    return layers


def check_weights(layers: Sequence[BoundLayer], weights: Sequence[NDArray[np.float32]]) -> None:
    """Makes sure that a list of arrays is what these layers hold.

    Args:
        layers: from `bound_layers`.
        weights: as `network.get_weights()` gives them.

    Raises:
        WeightsError: if their number, a shape or a type differs; it names the first array at fault.
    """
    expected = [(f"{layer.name}/{name}", shape) for layer in layers for name, shape in layer.weight_shapes.items()]
    if len(weights) != len(expected):
        raise WeightsError(f"The network must have {len(expected)} weight arrays. Received: {len(weights)}.")
    for (name, shape), array in zip(expected, weights, strict=True):
        if array.shape != shape or array.dtype != np.float32:
            raise WeightsError(f"{name} must be float32 of shape {shape}. Received: {array.dtype} of {array.shape}.")


def _weight_shapes(layer: LayerSpec, channels: int) -> dict[str, tuple[int, ...]]:
    if layer.kind == "BatchNormalization":
        return dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), (channels,))
    if layer.kind == "Conv2D":
        kernel: tuple[int, ...] = (layer.kernel_size, layer.kernel_size, channels, layer.filters)
    elif layer.kind == "Dense":
        kernel = (channels, layer.units)
    else:
        return {}
    return {"kernel": kernel} | ({"bias": kernel[-1:]} if layer.use_bias else {})
