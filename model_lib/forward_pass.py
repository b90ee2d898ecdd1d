"""From images to logits with TensorFlow's own operations: what a network of the layer editor computes, without detours.

Keras's layers are made for every case; these ten lines each are made for one, and change the order of work where the
result stays the same: pooling comes before bias and activation, so that those run on a quarter of the numbers.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tensorflow as tf

from model_lib.settings import Precision
from model_lib.specs import IMAGE_SHAPE

if TYPE_CHECKING:
    import keras

# These only ever rise with their input, so that the largest value of a block stays the largest behind them.
_RISING: Final = ("linear", "relu", "leaky_relu", "elu", "sigmoid", "tanh")
_KERAS_LEAKY_SLOPE: Final = 0.2
_PHILOX: Final = 1  # TensorFlow's number for this generator

_ACTIVATIONS: Final[dict[str, Callable[[tf.Tensor], tf.Tensor]]] = {
    "linear": lambda values: values,
    "softmax": lambda values: values,  # the last layer's: the loss is taken from the logits
    "relu": tf.nn.relu,
    "leaky_relu": lambda values: tf.nn.leaky_relu(values, _KERAS_LEAKY_SLOPE),
    "elu": tf.nn.elu,
    "gelu": lambda values: tf.nn.gelu(values, approximate=False),
    "silu": tf.nn.silu,
    "sigmoid": tf.nn.sigmoid,
    "tanh": tf.nn.tanh,
}


def computes_in_16_bits(precision: Precision) -> bool:
    """Says whether convolutions compute in bfloat16; "auto" takes it where it has been seen to be faster."""
    return _16_bits_are_faster() if precision == "auto" else precision == "bfloat16"


@functools.cache
def _16_bits_are_faster() -> bool:
    """Tries it, since the processor's flags do not tell: with avx512_bf16 alone it was measured at half the speed."""
    if tf.config.list_physical_devices("GPU"):
        return True
    processor = Path("/proc/cpuinfo")
    flags = processor.read_text(encoding="ascii", errors="ignore") if processor.exists() else ""
    if "avx512_bf16" not in flags and "amx_bf16" not in flags:
        return False
    seconds = {}
    for dtype in (tf.float32, tf.bfloat16):
        images, kernel = tf.ones([64, 14, 14, 32], dtype), tf.ones([3, 3, 32, 64], dtype)
        tf.nn.conv2d(images, kernel, 1, "SAME")  # the first call prepares the kernel
        times = []
        for _ in range(5):
            start = time.perf_counter()
            tf.nn.conv2d(images, kernel, 1, "SAME").numpy()
            times.append(time.perf_counter() - start)
        seconds[dtype] = min(times)
    return seconds[tf.bfloat16] < 0.8 * seconds[tf.float32]


class ForwardPass:
    """Computes the logits of a network that `build_network` made, on the network's own weights.

    Args:
        network: the network; its weights stay where they are and stay float32.
        in_16_bits: whether convolutions compute in bfloat16.
    """

    def __init__(self, network: keras.Model, in_16_bits: bool) -> None:
        self.in_16_bits = in_16_bits
        self._layers = list(network.layers[1:])

    def logits(
        self, images: tf.Tensor, dropout_key: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, list[tuple[tf.Variable, tf.Tensor]]]:
        """Computes the logits of some images.

        Args:
            images: (n, 28, 28), uint8 0 to 255 or float32 0 to 1.
            dropout_key: two numbers uint64, the chance of this step; None means that nothing is being learnt: no
                dropout, and batch normalisation by its moving statistics.

        Returns:
            Logits (n, 10) float32, and the variables that batch normalisation changes, with their new values.
        """
        values = tf.reshape(images, [-1, *IMAGE_SHAPE])
        if images.dtype == tf.uint8:
            values = tf.cast(values, tf.float32) * (1.0 / 255.0)
        changes: list[tuple[tf.Variable, tf.Tensor]] = []
        position = 0
        while position < len(self._layers):
            layer = self._layers[position]
            following = self._layers[position + 1] if position + 1 < len(self._layers) else None
            kind = type(layer).__name__
            if kind == "Conv2D":
                pooling = following if type(following).__name__ == "MaxPooling2D" else None
                if layer.activation.__name__ not in _RISING:
                    pooling = None
                values = self._convolve(layer, pooling, values)
                position += pooling is not None
            elif kind == "BatchNormalization":
                values, new = _normalise(layer, values, dropout_key is not None)
                changes += new
            elif kind == "Dropout":
                if dropout_key is not None and layer.rate > 0.0:
                    values = _drop(values, layer.rate, dropout_key, position)
            else:
                values = _SIMPLE[kind](layer, values)
            position += 1
        return values, changes

    def _convolve(self, layer: Any, pooling: Any, values: tf.Tensor) -> tf.Tensor:
        if self.in_16_bits:
            values = tf.cast(values, tf.bfloat16)
        kernel = tf.cast(layer.kernel.value, values.dtype)
        values = tf.nn.conv2d(values, kernel, layer.strides, layer.padding.upper())
        if pooling is not None:
            values = _pool(pooling, values)
        if layer.use_bias:
            values = tf.nn.bias_add(values, tf.cast(layer.bias.value, values.dtype))
        return _ACTIVATIONS[layer.activation.__name__](values)


def _pool(layer: Any, values: tf.Tensor) -> tf.Tensor:
    return tf.nn.max_pool2d(values, layer.pool_size, layer.strides, layer.padding.upper())


def _connect(layer: Any, values: tf.Tensor) -> tf.Tensor:
    values = tf.tensordot(tf.cast(values, tf.float32), layer.kernel.value, 1)
    if layer.use_bias:
        values = tf.nn.bias_add(values, layer.bias.value)
    return _ACTIVATIONS[layer.activation.__name__](values)


def _normalise(layer: Any, values: tf.Tensor, learns: bool) -> tuple[tf.Tensor, list[tuple[tf.Variable, tf.Tensor]]]:
    if learns and values.shape.rank == 4:
        return _normalise_images(layer, values)
    dtype = values.dtype
    values = tf.cast(values, tf.float32)
    mean, variance = layer.moving_mean.value, layer.moving_variance.value
    changes: list[tuple[tf.Variable, tf.Tensor]] = []
    if learns:
        mean, variance = tf.nn.moments(values, list(range(values.shape.rank - 1)))
        changes = _moved(layer, mean, variance)
    normal = tf.nn.batch_normalization(values, mean, variance, layer.beta.value, layer.gamma.value, layer.epsilon)
    return tf.cast(normal, dtype), changes


def _normalise_images(layer: Any, values: tf.Tensor) -> tuple[tf.Tensor, list[tuple[tf.Variable, tf.Tensor]]]:
    """Normalises a batch of images by its own mean and variance, in one operation."""
    normal, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=values,
        scale=layer.gamma.value,
        offset=layer.beta.value,
        mean=[],
        variance=[],
        epsilon=layer.epsilon,
        is_training=True,
    )
    # The operation gives the variance of the whole from that of a sample; Keras keeps the sample's own.
    count = tf.cast(tf.reduce_prod(tf.shape(values)[:3]), tf.float32)
    return normal, _moved(layer, mean, variance * (tf.maximum(count - 1.0, 1.0) / count))


def _moved(layer: Any, mean: tf.Tensor, variance: tf.Tensor) -> list[tuple[tf.Variable, tf.Tensor]]:
    """Returns the moving statistics of a layer with their new values."""
    kept = layer.momentum
    return [
        (moving.value, moving.value * kept + tf.stop_gradient(now) * (1.0 - kept))
        for moving, now in ((layer.moving_mean, mean), (layer.moving_variance, variance))
    ]


def _drop(values: tf.Tensor, rate: float, key: tf.Tensor, position: int) -> tf.Tensor:
    """Sets a share of the values to zero and makes the others larger, so that their sum stays about the same.

    8 random bits decide on each value where they can express the rate, else 16: a quarter or half of the usual work.
    At 16 bits the share is exact to 1/131072.
    """
    dtype, bits = (tf.int8, 8) if (rate * 256).is_integer() else (tf.int16, 16)
    threshold = round(rate * 2**bits)
    shape = tf.shape(values, out_type=tf.int64)
    amount = tf.reduce_prod(shape)
    per_word = 32 // bits
    words = tf.raw_ops.StatelessRandomUniformFullIntV2(
        shape=tf.expand_dims((amount + per_word - 1) // per_word, 0),
        key=key[:1],
        counter=tf.stack([key[1], tf.constant(position, tf.uint64)]),
        alg=_PHILOX,
        dtype=tf.int32,
    )
    chances = tf.reshape(tf.reshape(tf.bitcast(words, dtype), [-1])[:amount], shape)
    scale = tf.constant(1.0 / (1.0 - threshold / 2**bits), values.dtype)
    return values * (tf.cast(chances >= threshold - 2 ** (bits - 1), values.dtype) * scale)


_SIMPLE: Final[dict[str, Callable[[Any, tf.Tensor], tf.Tensor]]] = {
    "Rescaling": lambda layer, values: values * layer.scale,
    "MaxPooling2D": _pool,
    "Activation": lambda layer, values: _ACTIVATIONS[layer.activation.__name__](values),
    "Flatten": lambda layer, values: tf.reshape(values, [-1, layer.output.shape[-1]]),
    "GlobalAveragePooling2D": lambda layer, values: tf.reduce_mean(tf.cast(values, tf.float32), [1, 2]),
    "Dense": _connect,
}
