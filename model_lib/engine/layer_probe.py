"""Layer probe: statistics of a network's layers on a fixed batch of images, while it is trained.

It computes in eager mode: tracing a function takes as long as some fifty measurements, and short trainings have few.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.diagnostics.statistics import (
    LayerStatistics,
    NetworkStatistics,
    Quantiles,
    finite_or_none,
    quantiles_of,
    rounded,
)
from model_lib.engine.coverage import covered_kind, layers_in_order
from model_lib.engine.layer_ops import ACTIVATIONS, SHARD_OPS, activation_name, batch_norm, convolution, dense

if TYPE_CHECKING:
    import keras

# Of more values the quantiles between least and largest are those of a random sample. Its standard error is below half
# a per cent of probability: sqrt(0.25 / 10,000).
SAMPLE_SIZE: Final = 10_000

# Activation functions that put out exactly 0 over a whole range of inputs.
_WITH_ZEROS: Final = ("relu",)
# What may stand between a convolution or dense layer and the Activation that belongs to it.
_BETWEEN: Final = ("BatchNormalization", "Dropout", "MaxPooling2D", "AveragePooling2D")


class LayerProbe:
    """Measures the layers of a network on the same images again and again.

    Dropout is left out, and batch normalisation uses the mean and variance of this batch, as in training: its moving
    averages are far off in the first steps. Nothing is drawn from the training's random numbers and no variable is
    changed, so that the training is the same with a probe and without.

    Args:
        network: ends in Dense with softmax, as from `build_network`; its weights are read at each measurement.
        images: (n, 28, 28) uint8, the fixed batch.
        labels: (n,), 0 to 9.
    """

    def __init__(self, network: keras.Model, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> None:
        layers, output = layers_in_order(network)
        self._layers = [*layers, output]
        self._kinds = [covered_kind(layer) for layer in layers] + ["Dense"]
        self._images = tf.constant(images[..., np.newaxis].astype(np.float32) * np.float32(1 / 255))
        self._labels = tf.constant(labels.astype(np.int32))
        self._measured = [place for place, layer in enumerate(self._layers) if layer.trainable_variables]
        self._ends = {place: self._end_of_block(place) for place in self._measured}
        self._samples: dict[int, NDArray[np.int64]] = {}
        # TensorFlow sets its operations up when they first run. With that done, on two images, the time of the first
        # measurement tells that of the later ones.
        self._gradients(self._images[:2], self._labels[:2])

    def measure(self, step: int) -> NetworkStatistics:
        """Measures all layers with weights.

        Args:
            step: of the whole training, before which this is; it is only noted.
        """
        start = time.perf_counter()
        loss, found, outputs = self._gradients(self._images, self._labels)
        gradients = iter(found)
        layers = tuple(
            self._layer(place, outputs[self._ends[place]], [next(gradients) for _ in self._trainable(place)])
            for place in self._measured
        )
        return NetworkStatistics(
            step=step,
            images=len(self._labels),
            loss=finite_or_none(float(loss)),
            seconds=rounded(time.perf_counter() - start),
            layers=layers,
        )

    def _gradients(
        self, images: tf.Tensor, labels: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor], dict[int, tf.Tensor]]:
        """Returns the loss, its gradients and the outputs of the layers that are measured, by their places."""
        variables = [variable.value for place in self._measured for variable in self._trainable(place)]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            logits, outputs = self._forward(images)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        outputs[len(self._layers) - 1] = tf.nn.softmax(logits)
        return loss, tape.gradient(loss, variables), outputs

    def _forward(self, images: tf.Tensor) -> tuple[tf.Tensor, dict[int, tf.Tensor]]:
        """Returns the logits, (n, 10), and the outputs of the layers that are measured, by their places."""
        wanted = set(self._ends.values())
        outputs: dict[int, tf.Tensor] = {}
        values = images
        last = len(self._layers) - 1
        for place, (layer, kind) in enumerate(zip(self._layers, self._kinds, strict=True)):
            if kind is None:
                values = layer(values, training=False)
            elif kind == "Conv2D":
                values = convolution(layer, None, values)
            elif kind == "BatchNormalization":
                values, _ = batch_norm(layer, values, training=True)
            elif kind == "Dense":
                activation = "linear" if place == last else activation_name(layer)
                values = _dense(layer, values, activation)
            elif kind != "Dropout":
                values = SHARD_OPS[kind](layer, values)
            if place in wanted:
                outputs[place] = values
        return values, outputs

    def _layer(self, place: int, output: tf.Tensor, gradients: list[tf.Tensor]) -> LayerStatistics:
        layer = self._layers[place]
        by_name = {variable.name: variable.value for variable in self._trainable(place)}
        gradient = np.concatenate([np.asarray(each).reshape(-1) for each in gradients])
        return LayerStatistics(
            name=layer.name,
            kind=type(layer).__name__,
            units=output.shape[-1],
            dead=self._dead(place, output),
            gradient_norm=_norm(gradient),
            weights=self._quantiles(by_name.get("kernel", by_name.get("gamma"))),
            biases=self._quantiles(by_name.get("bias", by_name.get("beta"))),
            activations=self._quantiles(output),
            gradients=self._quantiles(gradient),
        )

    def _trainable(self, place: int) -> list[Any]:
        variables: list[Any] = self._layers[place].trainable_variables
        return variables

    def _end_of_block(self, place: int) -> int:
        """Returns the place of the layer whose output is a layer's activation: itself, or the Activation behind it."""
        if self._kinds[place] in ("Conv2D", "Dense") and activation_name(self._layers[place]) == "linear":
            for end in range(place + 1, len(self._layers)):
                if self._kinds[end] == "Activation":
                    return end
                if self._kinds[end] not in _BETWEEN:
                    break
        return place

    def _dead(self, place: int, output: tf.Tensor) -> int | None:
        end = self._layers[self._ends[place]]
        has_units = self._kinds[place] in ("Conv2D", "Dense")
        if not has_units or activation_name(end) not in _WITH_ZEROS:
            return None
        values = np.asarray(output)
        return int(np.count_nonzero(values.reshape(-1, values.shape[-1]).max(axis=0) == 0.0))

    def _quantiles(self, numbers: tf.Tensor | NDArray[np.float32] | None) -> Quantiles | None:
        if numbers is None:
            return None
        values = np.asarray(numbers).reshape(-1)
        size = len(values)
        if size <= SAMPLE_SIZE:
            return quantiles_of(values)
        if size not in self._samples:
            # At random, not at equal distances: those would hit the same few channels again and again.
            self._samples[size] = np.random.default_rng(0).integers(size, size=SAMPLE_SIZE - 2)
        ends = [values.min(), values.max()]
        return quantiles_of(np.concatenate([ends, values[self._samples[size]]]))


def _dense(layer: Any, values: tf.Tensor, activation: str) -> tf.Tensor:
    if values.shape.rank != 2:
        return dense(layer, [layer.kernel.value], [values], activation)
    # The tensordot in `dense` takes longer than the product itself, outside of a traced function.
    values = tf.matmul(values, layer.kernel.value)
    return ACTIVATIONS[activation](tf.nn.bias_add(values, layer.bias.value) if layer.use_bias else values)


def _norm(gradient: NDArray[np.float32]) -> float | None:
    with np.errstate(over="ignore"):
        norm = np.linalg.norm(gradient)
    if not np.isfinite(norm):  # the square of a number above 1e19 is too large for float32
        norm = np.linalg.norm(gradient.astype(np.float64))
    return finite_or_none(float(norm))
