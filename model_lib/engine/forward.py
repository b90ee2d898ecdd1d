"""From images to logits: what a network of the layer editor computes, its batch cut into shares for the cores."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tensorflow as tf

from model_lib.config.network import IMAGE_SHAPE
from model_lib.config.training import Precision
from model_lib.engine.layer_ops import ACTIVATIONS, RISING, connect, convolve, drop, join, normalise, pool
from model_lib.engine.sharded_weights import WeightParts

if TYPE_CHECKING:
    import keras

_MOST_SHARES: Final = 256


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

    Shares go through the network apart, each on a core. While it learns they are joined where a batch must be seen as
    a whole: in batch normalisation, and for good in the first dense layer, whose matrix is cut instead.

    Args:
        network: the network; its weights stay float32.
        in_16_bits: whether convolutions compute in bfloat16.
        shares: into how many shares a batch is cut before the first convolution.
        weights: large matrices in parts; None takes the network's own.
    """

    def __init__(
        self, network: keras.Model, in_16_bits: bool, shares: int = 1, weights: WeightParts | None = None
    ) -> None:
        self.in_16_bits = in_16_bits
        self._weights = weights
        self._layers = list(network.layers[1:])
        has_convolutions = any(type(layer).__name__ == "Conv2D" for layer in self._layers)
        self._shares = min(shares, _MOST_SHARES) if has_convolutions else 1

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
        count = tf.shape(images)[0]
        if self._shares > 1:
            # No share may be empty. A batch that is repeated has the same means, so that all is learnt as from one.
            images = tf.tile(images, [(self._shares + count - 1) // tf.maximum(count, 1), 1, 1])
        values = tf.reshape(images, [-1, *IMAGE_SHAPE])
        if images.dtype == tf.uint8:
            values = tf.cast(values, tf.float32) * (1.0 / 255.0)
        learns = dropout_key is not None
        shares = [values]
        changes: list[tuple[tf.Variable, tf.Tensor]] = []
        position = 0
        while position < len(self._layers):
            layer = self._layers[position]
            following = self._layers[position + 1] if position + 1 < len(self._layers) else None
            kind = type(layer).__name__
            if kind == "Conv2D":
                pooling = following if type(following).__name__ == "MaxPooling2D" else None
                if layer.activation.__name__ not in RISING:
                    pooling = None
                shares = [self._convolve(layer, pooling, share) for share in self._cut(shares)]
                position += pooling is not None
            elif kind == "BatchNormalization" and learns:
                sizes = [tf.shape(share)[0] for share in shares]
                whole, new = normalise(layer, join(shares), learns)
                shares = tf.split(whole, sizes) if len(shares) > 1 else [whole]
                changes += new
            elif kind == "BatchNormalization":
                shares = [normalise(layer, share, learns)[0] for share in shares]
            elif kind == "Dropout":
                if dropout_key is not None and layer.rate > 0.0:
                    streams = range(position * _MOST_SHARES, (position + 1) * _MOST_SHARES)
                    shares = [
                        drop(share, layer.rate, dropout_key, stream)
                        for share, stream in zip(shares, streams, strict=False)
                    ]
            elif kind == "Dense":
                kernel = [layer.kernel.value] if self._weights is None else self._weights.of(layer.kernel.value)
                shares = [connect(layer, kernel, shares)] if learns else [connect(layer, kernel, [s]) for s in shares]
            else:
                shares = [_SIMPLE[kind](layer, share) for share in shares]
            position += 1
        logits = join(shares)
        return (logits[:count] if self._shares > 1 else logits), changes

    def _cut(self, shares: list[tf.Tensor]) -> list[tf.Tensor]:
        """Cuts a batch into its shares before the first convolution; the first ones may be an image larger."""
        if len(shares) > 1 or self._shares == 1:
            return shares
        count = tf.shape(shares[0])[0]
        ends = [(count * share + self._shares - 1) // self._shares for share in range(self._shares + 1)]
        return [shares[0][start:end] for start, end in pairwise(ends)]

    def _convolve(self, layer: Any, pooling: Any, values: tf.Tensor) -> tf.Tensor:
        return convolve(layer, pooling, tf.cast(values, tf.bfloat16) if self.in_16_bits else values)


_SIMPLE: Final[dict[str, Callable[[Any, tf.Tensor], tf.Tensor]]] = {
    "Rescaling": lambda layer, values: values * layer.scale,
    "MaxPooling2D": pool,
    "AveragePooling2D": lambda layer, values: tf.nn.avg_pool2d(
        tf.cast(values, tf.float32), layer.pool_size, layer.strides, layer.padding.upper()
    ),
    "Activation": lambda layer, values: ACTIVATIONS[layer.activation.__name__](values),
    "Flatten": lambda layer, values: tf.reshape(values, [-1, layer.output.shape[-1]]),
    "GlobalAveragePooling2D": lambda layer, values: tf.reduce_mean(tf.cast(values, tf.float32), [1, 2]),
}
