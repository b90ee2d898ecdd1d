"""Coverage: which layers of a network the engine's own operations compute, and which are left to Keras's `call`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import keras

from model_lib.engine.layer_ops import ACTIVATIONS, activation_name

# Which options of each kind the operations read. Names and initial values do not matter to them.
_COVERED_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Rescaling": ("scale",),
    "Conv2D": ("filters", "kernel_size", "strides", "padding", "activation", "use_bias"),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "AveragePooling2D": ("pool_size", "strides", "padding"),
    "Dropout": ("rate",),
    "BatchNormalization": ("momentum", "epsilon"),
    "Activation": ("activation",),
    "Flatten": (),
    "GlobalAveragePooling2D": (),
    "Dense": ("units", "activation", "use_bias"),
}
_IRRELEVANT_OPTIONS: Final = ("name", "seed", "initializer")


def covered_kind(layer: Any) -> str | None:
    """Returns a layer's kind, or None where its Keras `call` must compute it.

    Covered is a layer of a known kind and activation whose other options are Keras's defaults: not a dilated or
    grouped convolution, for example.
    """
    kind = type(layer).__name__
    if kind not in _COVERED_OPTIONS or type(layer) is not getattr(keras.layers, kind):
        return None
    options = layer.get_config()
    if "activation" in options and activation_name(layer) not in ACTIVATIONS:
        return None
    default = type(layer)(**{name: options[name] for name in _COVERED_OPTIONS[kind]}).get_config()
    is_default = all(options[name] == default[name] for name in options if not name.endswith(_IRRELEVANT_OPTIONS))
    return kind if is_default else None


def layers_in_order(network: keras.Model) -> tuple[list[Any], Any]:
    """Returns the layers between input and output, and the output layer.

    Where the layers form no chain, a model of all but the last takes their place: a layer for `_keras_call`.
    """
    layers = [layer for layer in network.layers if type(layer) is not keras.layers.InputLayer]
    output = layers.pop()
    if type(output) is not keras.layers.Dense or activation_name(output) != "softmax":
        raise ValueError(f"`network` must end in Dense with softmax. Received: {output!r}.")
    inputs = [network.input, *(layer.output for layer in layers)]
    if any(layer.input is not value for layer, value in zip([*layers, output], inputs, strict=True)):
        layers = [keras.Model(network.input, output.input)]
    return layers, output
