"""Forward pass: from images to logits, the batch split into shards that pass through the layers concurrently."""

from __future__ import annotations

import functools
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tensorflow as tf

from model_lib.config.network import IMAGE_SHAPE
from model_lib.config.training import Precision
from model_lib.engine.coverage import covered_kind, layers_in_order
from model_lib.engine.layer_ops import (
    MONOTONIC_ACTIVATIONS,
    SHARD_OPS,
    activation_name,
    batch_norm,
    concat_shards,
    convolution,
    dense,
    dropout,
)
from model_lib.engine.sharded_weights import ShardedWeights

if TYPE_CHECKING:
    import keras

_MAX_SHARDS: Final = 256


def computes_in_bfloat16(precision: Precision) -> bool:
    """Returns whether convolutions compute in bfloat16; "auto" means where a trial shows it to be faster."""
    return _bfloat16_is_faster() if precision == "auto" else precision == "bfloat16"


@functools.cache
def _bfloat16_is_faster() -> bool:
    """Times one convolution, since CPU flags do not tell: with avx512_bf16 but no AMX it ran at half the speed."""
    if tf.config.list_physical_devices("GPU"):
        return True
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text(encoding="ascii", errors="ignore") if cpuinfo.exists() else ""
    if "avx512_bf16" not in flags and "amx_bf16" not in flags:
        return False
    seconds = {}
    for dtype in (tf.float32, tf.bfloat16):
        images, kernel = tf.ones([64, 14, 14, 32], dtype), tf.ones([3, 3, 32, 64], dtype)
        tf.nn.conv2d(images, kernel, 1, "SAME")  # the first call includes oneDNN's set-up
        times = []
        for _ in range(5):
            start = time.perf_counter()
            tf.nn.conv2d(images, kernel, 1, "SAME").numpy()
            times.append(time.perf_counter() - start)
        seconds[dtype] = min(times)
    return seconds[tf.bfloat16] < 0.8 * seconds[tf.float32]


class ForwardPass:
    """Computes the logits of a network on the network's own weights.

    The batch is split into shards before the first convolution; each shard passes through the layers on its own core.
    In training the shards are concatenated where a layer needs the whole batch: around batch normalisation, and from
    the first dense layer on, whose kernel is sharded by rows instead of the batch.

    A layer that `engine.coverage` leaves out, for its kind or for an option, is computed by its Keras `call` on the
    whole batch. It trains with the same loss and the same update rule, only slower.

    Args:
        network: takes images (n, 28, 28, 1) and ends in Dense with softmax; its weights stay float32.
        in_bfloat16: whether convolutions compute in bfloat16.
        shards: number of shards per batch.
        weights: the sharded kernels; None means the network's own.

    Raises:
        ValueError: if the network ends in anything but Dense with softmax.
    """

    def __init__(
        self, network: keras.Model, in_bfloat16: bool, shards: int = 1, weights: ShardedWeights | None = None
    ) -> None:
        self.in_bfloat16 = in_bfloat16
        self._weights = weights
        self._layers, self._output = layers_in_order(network)
        self._kinds = [covered_kind(layer) for layer in self._layers]
        self._shards = min(shards, _MAX_SHARDS) if "Conv2D" in self._kinds else 1

    def logits(
        self, images: tf.Tensor, dropout_key: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, list[tuple[tf.Variable, tf.Tensor]]]:
        """Computes the logits of a batch.

        Args:
            images: (n, 28, 28), uint8 from 0 to 255 or float32 from 0 to 1.
            dropout_key: (2,) uint64, the RNG key of the step: seed and step number. None means inference mode: no
                dropout, and batch normalisation by its moving statistics.

        Returns:
            Logits (n, 10) float32, and the moving statistics of batch normalisation with their new values.
        """
        count = tf.shape(images)[0]
        if self._shards > 1:
            # No shard may be empty. A repeated batch has the same means, and so the same loss and gradients.
            images = tf.tile(images, [(self._shards + count - 1) // tf.maximum(count, 1), 1, 1])
        values = tf.reshape(images, [-1, *IMAGE_SHAPE])
        if images.dtype == tf.uint8:
            values = tf.cast(values, tf.float32) * (1.0 / 255.0)
        training = dropout_key is not None
        shards = [values]
        updates: list[tuple[tf.Variable, tf.Tensor]] = []
        position = 0
        while position < len(self._layers):
            layer, kind = self._layers[position], self._kinds[position]
            if kind is None:
                shards = [self._keras_call(layer, concat_shards(shards), dropout_key, position)]
            elif kind == "Conv2D":
                pooling = self._fused_pooling(position)
                shards = [self._convolution(layer, pooling, shard) for shard in self._split(shards)]
                position += pooling is not None
            elif kind == "BatchNormalization" and training:
                sizes = [tf.shape(shard)[0] for shard in shards]
                whole, new = batch_norm(layer, concat_shards(shards), training)
                shards = tf.split(whole, sizes) if len(shards) > 1 else [whole]
                updates += new
            elif kind == "BatchNormalization":
                shards = [batch_norm(layer, shard, training)[0] for shard in shards]
            elif kind == "Dropout":
                if dropout_key is not None and layer.rate > 0.0:
                    streams = range(position * _MAX_SHARDS, (position + 1) * _MAX_SHARDS)
                    shards = [
                        dropout(shard, layer.rate, dropout_key, stream)
                        for shard, stream in zip(shards, streams, strict=False)
                    ]
            elif kind == "Dense":
                shards = self._dense(layer, shards, activation_name(layer), training)
            else:
                shards = [SHARD_OPS[kind](layer, shard) for shard in shards]
            position += 1
        # The loss is computed from the logits, so the last layer's softmax is left out.
        logits = concat_shards(self._dense(self._output, shards, "linear", training))
        return (logits[:count] if self._shards > 1 else logits), updates

    def _split(self, shards: list[tf.Tensor]) -> list[tf.Tensor]:
        """Splits a batch that is still whole; the first shards may be one image larger."""
        if len(shards) > 1 or self._shards == 1:
            return shards
        count = tf.shape(shards[0])[0]
        ends = [(count * shard + self._shards - 1) // self._shards for shard in range(self._shards + 1)]
        return [shards[0][start:end] for start, end in pairwise(ends)]

    def _fused_pooling(self, position: int) -> keras.layers.MaxPooling2D | None:
        """Returns the max pooling behind a convolution if it commutes with the convolution's activation."""
        commutes = activation_name(self._layers[position]) in MONOTONIC_ACTIVATIONS
        is_followed = self._kinds[position + 1 : position + 2] == ["MaxPooling2D"]
        return self._layers[position + 1] if commutes and is_followed else None

    def _convolution(self, layer: Any, pooling: Any, values: tf.Tensor) -> tf.Tensor:
        return convolution(layer, pooling, tf.cast(values, tf.bfloat16) if self.in_bfloat16 else values)

    def _dense(self, layer: Any, shards: list[tf.Tensor], activation: str, training: bool) -> list[tf.Tensor]:
        kernel = layer.kernel.value
        kernel_shards = [kernel] if self._weights is None else self._weights.shards_of(kernel)
        groups = [shards] if training else [[shard] for shard in shards]
        return [dense(layer, kernel_shards, group, activation) for group in groups]

    def _keras_call(self, layer: Any, values: tf.Tensor, dropout_key: tf.Tensor | None, position: int) -> tf.Tensor:
        if dropout_key is not None:
            # Seed generators count calls; derived from the step instead, a resumed run repeats their numbers.
            weights = {id(weight) for weight in layer.weights}
            seeds = [variable for variable in layer.non_trainable_variables if id(variable) not in weights]
            for index, seed in enumerate(seeds):
                stream = tf.constant([position * _MAX_SHARDS + index, 0], tf.uint64)
                seed.assign(tf.cast(dropout_key + stream, seed.dtype))
        return layer(values, training=dropout_key is not None)
