"""What single layers compute, made of TensorFlow's own operations, in the order that costs least.

Keras's layers are made for every case; these few lines each are made for one. Pooling comes before bias and activation
where the result stays the same, so that those, or at least their gradients, run on a quarter of the numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import tensorflow as tf

# These only ever rise with their input, so that the largest value of a block stays the largest behind them.
RISING: Final = ("linear", "relu", "leaky_relu", "elu", "sigmoid", "tanh")
_KERAS_LEAKY_SLOPE: Final = 0.2
_PHILOX: Final = 1  # TensorFlow's number for this generator

ACTIVATIONS: Final[dict[str, Callable[[tf.Tensor], tf.Tensor]]] = {
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


def convolve(layer: Any, pooling: Any, values: tf.Tensor) -> tf.Tensor:
    """Computes a convolution with its bias, its activation and the max pooling behind it.

    Args:
        layer: Keras's layer.
        pooling: Keras's layer, or None where no pooling follows, or where it cannot change places with the activation.
        values: (n, height, width, channels), of the type to compute in.
    """
    kernel = tf.cast(layer.kernel.value, values.dtype)
    activation = layer.activation.__name__
    bias = tf.cast(layer.bias.value, values.dtype) if layer.use_bias else None
    if pooling is not None and bias is not None and activation == "relu":
        return _convolve_and_pool(layer, pooling)(values, kernel, bias)
    values = tf.nn.conv2d(values, kernel, layer.strides, layer.padding.upper())
    if pooling is not None:
        values = pool(pooling, values)
    if bias is not None:
        values = tf.nn.bias_add(values, bias)
    return ACTIVATIONS[activation](values)


def _convolve_and_pool(layer: Any, pooling: Any) -> Callable[..., tf.Tensor]:
    """Returns a convolution with bias and ReLU, which oneDNN computes in one go, and the pooling behind it.

    Backwards, bias and ReLU come first: the largest of a block got the whole gradient of it, so that the sum over the
    few numbers behind the pooling is the sum over the many before it.
    """
    window = {
        "ksize": [1, *pooling.pool_size, 1],
        "strides": [1, *pooling.strides, 1],
        "padding": pooling.padding.upper(),
    }
    step = {"strides": [1, *layer.strides, 1], "padding": layer.padding.upper()}

    def compute(values: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
        answer = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(values, kernel, **step), bias))
        pooled = tf.raw_ops.MaxPool(input=answer, **window)

        def gradient(slope: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            slope = tf.raw_ops.ReluGrad(gradients=slope, features=pooled)
            before = tf.raw_ops.MaxPoolGrad(orig_input=answer, orig_output=pooled, grad=slope, **window)
            for_values = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=tf.shape(values), filter=kernel, out_backprop=before, **step
            )
            for_kernel = tf.raw_ops.Conv2DBackpropFilter(
                input=values, filter_sizes=kernel.shape, out_backprop=before, **step
            )
            return for_values, for_kernel, tf.raw_ops.BiasAddGrad(out_backprop=slope)

        return pooled, gradient

    with_gradient: Callable[..., tf.Tensor] = tf.custom_gradient(compute)
    return with_gradient


def pool(layer: Any, values: tf.Tensor) -> tf.Tensor:
    """Computes a max pooling of (n, height, width, channels)."""
    return tf.nn.max_pool2d(values, layer.pool_size, layer.strides, layer.padding.upper())


def connect(layer: Any, kernel: list[tf.Variable], shares: list[tf.Tensor]) -> tf.Tensor:
    """Computes a dense layer for a whole batch.

    Args:
        layer: Keras's layer.
        kernel: its matrix in parts, from its first row to its last.
        shares: the batch, (n, units) each, or with further axes where the matrix has one part only.
    """
    shares = [tf.cast(share, tf.float32) for share in shares]
    parts = [tf.convert_to_tensor(part) for part in kernel]
    values = tf.tensordot(join(shares), parts[0], 1) if len(parts) == 1 else _multiply(shares, parts)
    if layer.use_bias:
        values = tf.nn.bias_add(values, layer.bias.value)
    return ACTIVATIONS[layer.activation.__name__](values)


def join(shares: list[tf.Tensor]) -> tf.Tensor:
    """Joins the shares of a batch, from its first image to its last."""
    return shares[0] if len(shares) == 1 else tf.concat(shares, 0)


def _multiply(shares: list[tf.Tensor], parts: list[tf.Tensor]) -> tf.Tensor:
    """Multiplies a batch in shares with a matrix in parts: each part with its own columns of the whole batch.

    All of it, sorting the columns included, falls into pieces that need not wait for each other.
    """
    rows = [part.shape[0] for part in parts]

    def compute(*arrays: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
        shares, parts = arrays[: -len(rows)], arrays[-len(rows) :]
        cut_shares = [tf.split(share, rows, axis=1) for share in shares]
        columns = [join(list(pieces)) for pieces in zip(*cut_shares, strict=True)]
        products = [tf.matmul(values, part) for values, part in zip(columns, parts, strict=True)]

        def gradient(slope: tf.Tensor) -> tuple[tf.Tensor, ...]:
            sizes = [tf.shape(share)[0] for share in shares]
            for_columns = [tf.split(tf.matmul(slope, part, transpose_b=True), sizes) for part in parts]
            for_shares = [tf.concat(pieces, 1) for pieces in zip(*for_columns, strict=True)]
            return *for_shares, *(tf.matmul(values, slope, transpose_a=True) for values in columns)

        return tf.add_n(products), gradient

    with_gradient: Callable[..., tf.Tensor] = tf.custom_gradient(compute)
    return with_gradient(*shares, *parts)


def normalise(layer: Any, values: tf.Tensor, learns: bool) -> tuple[tf.Tensor, list[tuple[tf.Variable, tf.Tensor]]]:
    """Computes a batch normalisation.

    Args:
        layer: Keras's layer.
        values: the whole batch if it learns from it; any part of it otherwise.
        learns: whether the batch's own mean and variance count, not the moving ones.

    Returns:
        The normal values, and the moving statistics with their new values; none if it does not learn.
    """
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


def drop(values: tf.Tensor, rate: float, key: tf.Tensor, stream: int) -> tf.Tensor:
    """Sets some of the values to zero and makes the others larger, so that their sum stays about the same.

    Args:
        values: of any shape.
        rate: the portion that becomes zero, 0 to 1.
        key: two numbers uint64: the seed and the number of the step.
        stream: tells the places of a step apart where chance is needed.

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
        # The generator counts upwards in the lower word, once for every 128 bits: no two streams or steps may meet.
        counter=tf.stack([tf.constant(stream << 40, tf.uint64), key[1]]),
        alg=_PHILOX,
        dtype=tf.int32,
    )
    chances = tf.reshape(tf.reshape(tf.bitcast(words, dtype), [-1])[:amount], shape)
    scale = tf.constant(1.0 / (1.0 - threshold / 2**bits), values.dtype)
    return values * (tf.cast(chances >= threshold - 2 ** (bits - 1), values.dtype) * scale)
