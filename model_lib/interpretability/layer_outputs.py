"""Partial forward passes of a Keras network, for what needs gradients or thousands of images."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.config.layer_kinds import layer_kind
from model_lib.config.network import IMAGE_SHAPE
from model_lib.layers.layer_info import LayerView, block_of, place_of

BATCH: Final = 100
_IMAGES: Final = tf.TensorSpec((None, 28, 28), tf.float32)


class FeatureReader:
    """Computes parts of a network; thread-safe, each traced function cached.

    Args:
        network: a sequential chain of layers, see `build_network`, from images (n, 28, 28) to probabilities (n, 10).
    """

    def __init__(self, network: keras.Model) -> None:
        self._layers = [layer for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)]
        self.views: tuple[LayerView, ...] = tuple(_view(layer) for layer in self._layers)
        self._compiled: dict[str, Any] = {}
        self._lock = threading.Lock()

    def outputs(self, name: str, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Computes a layer's output, after its fused normalisation and activation, for some images.

        Args:
            name: the layer.
            images: (n, 28, 28) uint8, at most some hundreds: all outputs are in memory.

        Returns:
            (n, height, width, channels) or (n, units).
        """
        end = block_of(self.views, name).stop
        function = self.network_function(
            f"outputs-{name}", lambda batch: self.forward(self.as_input(batch), 0, end), _IMAGES
        )
        result: NDArray[np.float32] = function(as_float(images)).numpy()
        return result

    def view(self, name: str) -> LayerView:
        """Returns a layer's description.

        Raises:
            KeyError: if there is no such layer.
        """
        return self.views[place_of(self.views, name)]

    # For this library's modules, which trace computations of their own.

    def network_function(self, key: str, function: Callable[..., Any], *signature: tf.TensorSpec) -> Any:
        """Returns the concrete function of one signature, traced at its first use and cached under `key`."""
        with self._lock:
            if key not in self._compiled:
                compiled = tf.function(function, jit_compile=False, autograph=False, input_signature=signature)
                # Traced under the lock: Keras has global state while tracing.
                self._compiled[key] = compiled.get_concrete_function()
            return self._compiled[key]

    def as_input(self, images: tf.Tensor) -> tf.Tensor:
        """Adds the channel axis to images (n, 28, 28)."""
        return tf.reshape(images, (-1, *IMAGE_SHAPE))

    def forward(self, values: tf.Tensor, first: int, end: int) -> tf.Tensor:
        """Runs the layers `first` to `end` - 1 in inference mode."""
        for layer in self._layers[first:end]:
            values = layer(values, training=False)
        return values

    def logits(self, values: tf.Tensor, first: int = 0) -> tf.Tensor:
        """Runs the layers from `first` to the end without the softmax. Returns (n, 10)."""
        values = self.forward(values, first, len(self._layers) - 1)
        return _before_activation(self._layers[-1], values)

    def pre_activations(self, values: tf.Tensor, name: str) -> tf.Tensor:
        """Runs all layers up to a layer's pre-activations, with its fused normalisation if that comes first."""
        block = block_of(self.views, name)
        values = self.forward(values, 0, block.start)
        for layer in self._layers[block.start : block.stop]:
            if _activation(layer) != "linear":
                return values if isinstance(layer, keras.layers.Activation) else _before_activation(layer, values)
            values = layer(values, training=False)
        return values


def as_float(images: NDArray[np.uint8]) -> tf.Tensor:
    """Scales uint8 pixels to float32, 0 to 1."""
    return tf.constant(images.astype(np.float32) / 255)


def in_batches(images: NDArray[Any], batch: int = BATCH) -> Sequence[NDArray[Any]]:
    """Splits images into batches; the last one may be smaller."""
    return [images[start : start + batch] for start in range(0, len(images), batch)]


def _activation(layer: keras.Layer) -> str:
    function = getattr(layer, "activation", None)
    return "linear" if function is None else str(function.__name__)


def _before_activation(layer: keras.Layer, values: tf.Tensor) -> tf.Tensor:
    """Computes a convolution or dense layer's pre-activation with Keras's own operations."""
    if isinstance(layer, keras.layers.Conv2D):
        values = layer.convolution_op(values, layer.kernel)
    else:
        values = keras.ops.matmul(values, layer.kernel)
    return values if layer.bias is None else keras.ops.add(values, layer.bias)


def _view(layer: keras.Layer) -> LayerView:
    kind = type(layer).__name__
    view = LayerView(
        layer.name,
        kind,
        tuple(layer.input.shape[1:]),
        tuple(layer.output.shape[1:]),
        layer.count_params(),
        _activation(layer),
    )
    option = layer_kind(kind).window_option
    if not option:
        return view
    window = getattr(layer, option)[0]
    return dataclasses.replace(view, window=window, stride=layer.strides[0], padding=layer.padding)
