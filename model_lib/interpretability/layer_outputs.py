"""What every layer of a network computes: for one image all of it at once, for many images layer by layer."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.config.layer_kinds import layer_kind
from model_lib.config.network import IMAGE_SHAPE
from model_lib.interpretability.layer_info import IMAGE, LayerOutput, LayerView, block_of, place_of

BATCH: Final = 100
_numbers = count()
_making: Final = threading.Lock()
_IMAGES: Final = tf.TensorSpec((None, 28, 28), tf.float32)


class FeatureReader:
    """Reads the layers of a network, each of its functions compiled once; any number of threads may use it.

    Args:
        network: a chain of layers such as `build_network` makes, from images (n, 28, 28) to probabilities (n, 10).
    """

    def __init__(self, network: keras.Model) -> None:
        self.network = network
        # Names these very weights for as long as the process lives, for results that are kept.
        self.number = next(_numbers)
        self._layers = [layer for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)]
        self.views: tuple[LayerView, ...] = tuple(_view(layer) for layer in self._layers)
        self._compiled: dict[str, Any] = {}
        self._lock = threading.Lock()

    def read(self, image: NDArray[np.float32]) -> dict[str, LayerOutput]:
        """Computes what all layers put out for one image.

        Args:
            image: (28, 28), 0 (black) to 1 (white).

        Returns:
            From each layer's name to its maps, in the network's order; first of all "image", the image itself.
        """
        function = self.compiled("read", self._read, _IMAGES)
        outputs = function(tf.constant(image[np.newaxis], tf.float32))
        maps = {IMAGE: LayerOutput(None, np.asarray(image, np.float32)[..., np.newaxis])}
        for view, (before, after) in zip(self.views, outputs, strict=True):
            maps[view.name] = LayerOutput(None if before is None else before.numpy()[0], after.numpy()[0])
        return maps

    def outputs(self, name: str, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Computes what a layer, with the normalisation and activation behind it, puts out for some images.

        Args:
            name: the layer.
            images: (n, 28, 28) uint8, at most some hundreds: all maps are held at once.

        Returns:
            (n, height, width, channels) or (n, units).
        """
        end = block_of(self.views, name).stop
        function = self.compiled(f"outputs-{name}", lambda batch: self.forward(self.as_input(batch), 0, end), _IMAGES)
        result: NDArray[np.float32] = function(as_float(images)).numpy()
        return result

    def weights(self, name: str) -> dict[str, NDArray[np.float32]]:
        """Returns a layer's numbers by Keras's names: kernel, bias, gamma, beta, moving_mean, moving_variance."""
        layer = self._layers[place_of(self.views, name)]
        return {variable.name: variable.numpy() for variable in layer.weights}

    def constant(self, name: str, what: str) -> float:
        """Returns a layer's setting that no training changes: a normalisation's epsilon, a rescaling's scale."""
        return float(getattr(self._layers[place_of(self.views, name)], what))

    def view(self, name: str) -> LayerView:
        """Returns a layer's description.

        Raises:
            KeyError: if there is no such layer.
        """
        return self.views[place_of(self.views, name)]

    # What follows is for the functions of this library that compile computations of their own.

    def compiled(self, key: str, function: Callable[..., Any], *signature: tf.TensorSpec) -> Any:
        """Returns a function compiled for one signature, made at its first use and then kept under the key."""
        with self._lock:
            if key not in self._compiled:
                compiled = tf.function(function, jit_compile=False, autograph=False, input_signature=signature)
                # Traced under the lock: Keras keeps global state while it traces.
                self._compiled[key] = compiled.get_concrete_function()
            return self._compiled[key]

    def as_input(self, images: tf.Tensor) -> tf.Tensor:
        """Gives images (n, 28, 28) the channel axis that the first layer wants."""
        return tf.reshape(images, (-1, *IMAGE_SHAPE))

    def forward(self, values: tf.Tensor, first: int, end: int) -> tf.Tensor:
        """Runs the layers from place `first` to before place `end`, as for an answer (no dropout)."""
        for layer in self._layers[first:end]:
            values = layer(values, training=False)
        return values

    def logits(self, values: tf.Tensor, first: int = 0) -> tf.Tensor:
        """Runs the layers from place `first` to the end, without the last softmax. (n, 10)."""
        values = self.forward(values, first, len(self._layers) - 1)
        return _before_activation(self._layers[-1], values)

    def drive(self, values: tf.Tensor, name: str) -> tf.Tensor:
        """Runs all layers until a layer's filters have their sums, before what may cut them off at zero."""
        block = block_of(self.views, name)
        values = self.forward(values, 0, block.start)
        for layer in self._layers[block.start : block.stop]:
            if _activation(layer) != "linear":
                return values if isinstance(layer, keras.layers.Activation) else _before_activation(layer, values)
            values = layer(values, training=False)
        return values

    def _read(self, images: tf.Tensor) -> list[tuple[tf.Tensor | None, tf.Tensor]]:
        values = self.as_input(images)
        outputs: list[tuple[tf.Tensor | None, tf.Tensor]] = []
        for layer in self._layers:
            before = None
            if isinstance(layer, keras.layers.Activation):
                before = values
            elif _activation(layer) != "linear":
                before = _before_activation(layer, values)
            values = layer(values, training=False) if before is None else layer.activation(before)
            outputs.append((before, values))
        return outputs


def reader_of(network: keras.Model) -> FeatureReader:
    """Returns the reader of a network, made once and kept with it, also when two visitors open it at once."""
    with _making:
        if "_reader" not in network.__dict__:
            object.__setattr__(network, "_reader", FeatureReader(network))
    reader: FeatureReader = network.__dict__["_reader"]
    return reader


def as_float(images: NDArray[np.uint8]) -> tf.Tensor:
    """Returns pixels 0 to 255 as the networks take them, 0 to 1 float32."""
    return tf.constant(images.astype(np.float32) / 255)


def in_batches(images: NDArray[Any], batch: int = BATCH) -> Sequence[NDArray[Any]]:
    """Cuts images into batches, the last one perhaps smaller."""
    return [images[start : start + batch] for start in range(0, len(images), batch)]


def _activation(layer: keras.Layer) -> str:
    function = getattr(layer, "activation", None)
    return "linear" if function is None else str(function.__name__)


def _before_activation(layer: keras.Layer, values: tf.Tensor) -> tf.Tensor:
    """Computes what a convolution or dense layer gives to its activation, with Keras's own operations."""
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


def dead_filters(reader: FeatureReader, name: str, images: NDArray[np.uint8]) -> tuple[int, ...]:
    """Returns the filters of a layer that say the same everywhere, whatever the image.

    Args:
        reader: the network's reader.
        name: a layer that puts out feature maps; its output behind the activation that follows it counts.
        images: (n, 28, 28) uint8; a thousand are enough to see it.
    """
    end = block_of(reader.views, name).stop

    def span(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        values = reader.forward(reader.as_input(batch), 0, end)
        return tf.reduce_min(values, (0, 1, 2)), tf.reduce_max(values, (0, 1, 2))

    function = reader.compiled(f"span-{name}", span, _IMAGES)
    spans = [function(as_float(batch)) for batch in in_batches(images)]
    lowest = np.min([low.numpy() for low, _ in spans], axis=0)
    highest = np.max([high.numpy() for _, high in spans], axis=0)
    return tuple(int(unit) for unit in np.nonzero(lowest == highest)[0])
