"""Layer operations: what single Keras layers compute, in TensorFlow's own operations, in the cheapest order.

Max pooling comes before bias and activation where the result is the same, so that those, or at least their gradients,
run on a quarter of the values. `engine.coverage` tells which layers these operations can stand in for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import keras
import tensorflow as tf

# Non-decreasing functions commute with max pooling: the maximum of a window stays the maximum.
MONOTONIC_ACTIVATIONS: Final = ("linear", "relu", "leaky_relu", "elu", "sigmoid", "tanh")
_KERAS_LEAKY_SLOPE: Final = 0.2

ACTIVATIONS: Final[Mapping[str, Callable[[tf.Tensor], tf.Tensor]]] = {
    "linear": lambda values: values,
    "relu": tf.nn.relu,
    "leaky_relu": lambda values: tf.nn.leaky_relu(values, _KERAS_LEAKY_SLOPE),
    "elu": tf.nn.elu,
    "gelu": lambda values: tf.nn.gelu(values, approximate=False),
    "silu": tf.nn.silu,
    "sigmoid": tf.nn.sigmoid,
    "tanh": tf.nn.tanh,
}


def activation_name(layer: Any) -> str:
    """Returns the name of a layer's activation; for a class or a function of one's own, a key of no table here."""
    return str(keras.activations.serialize(layer.activation))


def convolution(layer: Any, pooling: Any, values: tf.Tensor) -> tf.Tensor:
    """Computes a convolution with its bias and activation, and the max pooling behind it.

    Args:
        layer: a Conv2D.
        pooling: the MaxPooling2D behind it, or None if there is none or it does not commute with the activation.
        values: (n, height, width, channels), of the dtype to compute in.
    """
    kernel = tf.cast(layer.kernel.value, values.dtype)
    activation = activation_name(layer)
    bias = tf.cast(layer.bias.value, values.dtype) if layer.use_bias else None
    if pooling is not None and bias is not None and activation == "relu":
        return _relu_convolution_and_pool(layer, pooling)(values, kernel, bias)
    values = tf.nn.conv2d(values, kernel, layer.strides, layer.padding.upper())
    if pooling is not None:
        values = max_pool(pooling, values)
    if bias is not None:
        values = tf.nn.bias_add(values, bias)
    return ACTIVATIONS[activation](values)


def _relu_convolution_and_pool(layer: Any, pooling: Any) -> Callable[..., tf.Tensor]:
    """Returns max_pool(relu(conv2d + bias)) of (images, kernel, bias), with a gradient of its own.

    Forward, oneDNN fuses convolution, bias and ReLU. Backward, the gradients of ReLU and bias are taken at the pooled
    resolution instead of the convolution's: max pooling routes the gradient of each window to one of its values, so
    the ReLU masks and the sums over all positions are the same, over a quarter of the values for windows of 2 x 2.
    """
    window = {
        "ksize": [1, *pooling.pool_size, 1],
        "strides": [1, *pooling.strides, 1],
        "padding": pooling.padding.upper(),
    }
    step = {"strides": [1, *layer.strides, 1], "padding": layer.padding.upper()}

    def forward(images: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
        activations = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(images, kernel, **step), bias))
        pooled = tf.raw_ops.MaxPool(input=activations, **window)

        def backward(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            upstream = tf.raw_ops.ReluGrad(gradients=upstream, features=pooled)
            unpooled = tf.raw_ops.MaxPoolGrad(orig_input=activations, orig_output=pooled, grad=upstream, **window)
            image_gradient = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=tf.shape(images), filter=kernel, out_backprop=unpooled, **step
            )
            kernel_gradient = tf.raw_ops.Conv2DBackpropFilter(
                input=images, filter_sizes=kernel.shape, out_backprop=unpooled, **step
            )
            return image_gradient, kernel_gradient, tf.raw_ops.BiasAddGrad(out_backprop=upstream)

        return pooled, backward

    with_gradient: Callable[..., tf.Tensor] = tf.custom_gradient(forward)
    return with_gradient


def max_pool(layer: Any, values: tf.Tensor) -> tf.Tensor:
    """Computes a MaxPooling2D of (n, height, width, channels)."""
    return tf.nn.max_pool2d(values, layer.pool_size, layer.strides, layer.padding.upper())


# Layers that compute each image, and so each shard of a batch, by itself.
SHARD_OPS: Final[Mapping[str, Callable[[Any, tf.Tensor], tf.Tensor]]] = {
    "Rescaling": lambda layer, values: values * layer.scale,
    "MaxPooling2D": max_pool,
    "AveragePooling2D": lambda layer, values: tf.nn.avg_pool2d(
        tf.cast(values, tf.float32), layer.pool_size, layer.strides, layer.padding.upper()
    ),
    "Activation": lambda layer, values: ACTIVATIONS[activation_name(layer)](values),
    "Flatten": lambda layer, values: tf.reshape(values, [-1, layer.output.shape[-1]]),
    "GlobalAveragePooling2D": lambda layer, values: tf.reduce_mean(tf.cast(values, tf.float32), [1, 2]),
}


def dense(layer: Any, kernel_shards: list[tf.Variable], shards: list[tf.Tensor], activation: str) -> tf.Tensor:
    """Computes a dense layer of a whole batch in float32.

    Args:
        layer: a Dense.
        kernel_shards: its kernel (inputs, units), split by rows, in order.
        shards: the batch, (n, inputs) each; further axes before the last only with an unsplit kernel.
        activation: a key of `ACTIVATIONS`.
    """
    shards = [tf.cast(shard, tf.float32) for shard in shards]
    kernels = [tf.convert_to_tensor(kernel) for kernel in kernel_shards]
    if len(kernels) == 1:
        values = tf.tensordot(concat_shards(shards), kernels[0], 1)
    else:
        values = _sharded_matmul(shards, kernels)
    if layer.use_bias:
        values = tf.nn.bias_add(values, layer.bias.value)
    return ACTIVATIONS[activation](values)


def concat_shards(shards: list[tf.Tensor]) -> tf.Tensor:
    """Concatenates the shards of a batch along the batch axis."""
    return shards[0] if len(shards) == 1 else tf.concat(shards, 0)


def _sharded_matmul(shards: list[tf.Tensor], kernels: list[tf.Tensor]) -> tf.Tensor:
    """Multiplies a batch sharded by rows with a kernel sharded by rows, and sums the partial products.

    Each kernel shard is multiplied with its columns of the whole batch. The gradient is written out so that forward
    and backward, the regrouping of the columns included, consist of independent operations that run concurrently.
    """
    rows = [kernel.shape[0] for kernel in kernels]

    def forward(*tensors: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
        shards, kernels = tensors[: -len(rows)], tensors[-len(rows) :]
        column_groups = zip(*(tf.split(shard, rows, axis=1) for shard in shards), strict=True)
        columns = [concat_shards(list(group)) for group in column_groups]
        products = [tf.matmul(values, kernel) for values, kernel in zip(columns, kernels, strict=True)]

        def backward(upstream: tf.Tensor) -> tuple[tf.Tensor, ...]:
            sizes = [tf.shape(shard)[0] for shard in shards]
            by_kernel = [tf.split(tf.matmul(upstream, kernel, transpose_b=True), sizes) for kernel in kernels]
            shard_gradients = [tf.concat(pieces, 1) for pieces in zip(*by_kernel, strict=True)]
            return *shard_gradients, *(tf.matmul(values, upstream, transpose_a=True) for values in columns)

        return tf.add_n(products), backward

    with_gradient: Callable[..., tf.Tensor] = tf.custom_gradient(forward)
    return with_gradient(*shards, *kernels)


def batch_norm(layer: Any, values: tf.Tensor, training: bool) -> tuple[tf.Tensor, list[tuple[tf.Variable, tf.Tensor]]]:
    """Computes a batch normalisation.

    Args:
        layer: a BatchNormalization.
        values: the whole batch in training, any part of it in inference; channels or units on the last axis.
        training: whether to normalise by the batch's own statistics instead of the moving ones.

    Returns:
        The normalised values, and the moving statistics with their new values; none in inference.
    """
    if training and values.shape.rank == 4:
        return _fused_batch_norm(layer, values)
    dtype = values.dtype
    values = tf.cast(values, tf.float32)
    mean, variance = layer.moving_mean.value, layer.moving_variance.value
    updates: list[tuple[tf.Variable, tf.Tensor]] = []
    if training:
        mean, variance = tf.nn.moments(values, list(range(values.shape.rank - 1)))
        updates = _moving_averages(layer, mean, variance)
    normal = tf.nn.batch_normalization(values, mean, variance, layer.beta.value, layer.gamma.value, layer.epsilon)
    return tf.cast(normal, dtype), updates


def _fused_batch_norm(layer: Any, values: tf.Tensor) -> tuple[tf.Tensor, list[tuple[tf.Variable, tf.Tensor]]]:
    """Computes the training mode for images (n, height, width, channels) in one operation."""
    normal, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=values,
        scale=layer.gamma.value,
        offset=layer.beta.value,
        mean=[],
        variance=[],
        epsilon=layer.epsilon,
        is_training=True,
    )
    # The operation returns the unbiased variance (Bessel's correction); Keras keeps the biased one.
    count = tf.cast(tf.reduce_prod(tf.shape(values)[:3]), tf.float32)
    return normal, _moving_averages(layer, mean, variance * (tf.maximum(count - 1.0, 1.0) / count))


def _moving_averages(layer: Any, mean: tf.Tensor, variance: tf.Tensor) -> list[tuple[tf.Variable, tf.Tensor]]:
    """Returns the moving statistics of a layer with their exponential moving averages after this batch."""
    momentum = layer.momentum
    return [
        (moving.value, moving.value * momentum + tf.stop_gradient(current) * (1.0 - momentum))
        for moving, current in ((layer.moving_mean, mean), (layer.moving_variance, variance))
    ]


def dropout(values: tf.Tensor, rate: float, key: tf.Tensor, stream: int) -> tf.Tensor:
    """Applies an inverted dropout mask: zeros with probability `rate`, the other values scaled by 1 / (1 - rate).

    Args:
        values: of any shape.
        rate: probability of a zero, 0 to 1.
        key: (2,) uint64, the RNG key of the step: seed and step number.
        stream: tells the masks of one step apart.
    """
    # TensorFlow hashes the two numbers, so that neighbouring streams and steps have unrelated masks.
    seed = tf.cast(key, tf.int64) + tf.constant([stream << 32, 0], tf.int64)
    return tf.nn.experimental.stateless_dropout(values, rate, seed, rng_alg="philox")
