"""Where the time of a step goes, and what other ways of computing the same cost: single operations, one by one.

python -m benchmarks.operations --rounds 7
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from benchmarks.tables import measured_peak, print_heading, print_table

_CALLS = 4
# name: images a batch, side, channels in, filters, side of a filter, padding
_CONVOLUTIONS = {
    "mnist_cnn, 2nd": (128, 26, 32, 64, 3, "VALID"),
    "two_conv, 2nd": (300, 14, 16, 36, 5, "SAME"),
    "two_conv, 2nd, 48 filters": (300, 14, 16, 48, 5, "SAME"),
}
# name: images a batch, side, channels
_POOLS = {"mnist_cnn": (128, 24, 64), "two_conv, 1st": (300, 28, 16)}
_PARAMETERS = {"mlp": 100_352, "mnist_cnn": 1_179_648}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured; the median counts")
    rounds = parser.parse_args(arguments).rounds
    print_heading(f"Single operations, medians of {rounds}")
    print(f"Peak: {measured_peak() / 1e9:.0f} GFLOP/s in a float32 matrix product of 2048 x 2048.\n")
    rows = [row for name in _CONVOLUTIONS for row in _convolution_rows(name, rounds)]
    print_table(("convolution", "forward", "for the filters", "for the images", "GFLOP/s forward"), rows)
    print_table(("max pooling with its gradient", "oneDNN", "own, in TensorFlow", "own, in XLA"), _pool_rows(rounds))
    print_table(("Adam's step", "ResourceApplyAdam", "own, in XLA"), _update_rows(rounds))


def _convolution_rows(name: str, rounds: int) -> list[tuple[str, ...]]:
    batch, side, channels, filters, size, padding = _CONVOLUTIONS[name]
    out = side if padding == "SAME" else side - size + 1
    work = 2.0 * batch * out * out * size * size * channels * filters
    common = {"strides": [1, 1, 1, 1], "padding": padding}
    rows = []
    for dtype in (tf.float32, tf.bfloat16):
        images = tf.cast(tf.random.normal([batch, side, side, channels]), dtype)
        kernel = tf.cast(tf.random.normal([size, size, channels, filters]), dtype)
        slope = tf.cast(tf.random.normal([batch, out, out, filters]), dtype)
        times = [
            _seconds(lambda a, b: tf.raw_ops.Conv2D(input=a, filter=b, **common), (images, kernel), rounds),
            _seconds(
                lambda a, b, shape=kernel.shape: tf.raw_ops.Conv2DBackpropFilter(
                    input=a, filter_sizes=shape, out_backprop=b, **common
                ),
                (images, slope),
                rounds,
            ),
            _seconds(
                lambda a, b, shape=images.shape: tf.raw_ops.Conv2DBackpropInput(
                    input_sizes=shape, filter=a, out_backprop=b, **common
                ),
                (kernel, slope),
                rounds,
            ),
        ]
        rows.append((f"{name}, {dtype.name}", *(_ms(each) for each in times), f"{work / times[0] / 1e9:.0f}"))
    return rows


def _pool_rows(rounds: int) -> list[tuple[str, ...]]:
    rows = []
    for name, (batch, side, channels) in _POOLS.items():
        images = tf.random.normal([batch, side, side, channels])
        slope = tf.random.normal([batch, side // 2, side // 2, channels])
        own = tf.function(_own_pool_gradient, autograph=False)
        compiled = tf.function(_own_pool_gradient, jit_compile=True, autograph=False)
        times = [_seconds(function, (images, slope), rounds) for function in (_pool_gradient, own, compiled)]
        rows.append((name, *(_ms(each) for each in times)))
    return rows


def _pool_gradient(images: tf.Tensor, slope: tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
        tape.watch(images)
        pooled = tf.nn.max_pool2d(images, 2, 2, "VALID")
    return tape.gradient(pooled, images, slope)


def _own_pool_gradient(images: tf.Tensor, slope: tf.Tensor) -> tf.Tensor:
    """Compares the two rows of each block, then the two columns, and sends the slope back to the larger ones."""
    batch, side, _, channels = images.shape
    top, bottom = tf.unstack(tf.reshape(images, [batch, side // 2, 2, side // 2, 2 * channels]), axis=2)
    left, right = tf.split(tf.maximum(top, bottom), 2, -1)
    to_left = tf.where(left >= right, slope, 0.0)
    row = tf.concat([to_left, slope - to_left], -1)
    to_top = tf.where(top >= bottom, row, 0.0)
    return tf.reshape(tf.stack([to_top, row - to_top], axis=2), images.shape)


def _update_rows(rounds: int) -> list[tuple[str, ...]]:
    return [
        (
            f"{name}, {count:,} weights",
            *(_ms(_seconds(update, (tf.ones([count]),), rounds)) for update in _updates(count)),
        )
        for name, count in _PARAMETERS.items()
    ]


def _updates(count: int) -> list[Callable[[tf.Tensor], Any]]:
    weights, mean, square = (tf.Variable(tf.zeros([count])) for _ in range(3))

    def operation(gradient: tf.Tensor) -> tf.Tensor:
        tf.raw_ops.ResourceApplyAdam(
            var=weights.handle,
            m=mean.handle,
            v=square.handle,
            beta1_power=0.5,
            beta2_power=0.5,
            lr=1e-3,
            beta1=0.9,
            beta2=0.999,
            epsilon=1e-7,
            grad=gradient,
        )
        return tf.constant(0)

    @tf.function(jit_compile=True, autograph=False)
    def formula(weights: tf.Tensor, mean: tf.Tensor, square: tf.Tensor, gradient: tf.Tensor) -> tuple[tf.Tensor, ...]:
        mean = mean + (gradient - mean) * 0.1
        square = square + (gradient * gradient - square) * 0.001
        return weights - 1e-3 * mean / (tf.sqrt(square) + 1e-7), mean, square

    def compiled(gradient: tf.Tensor) -> tf.Tensor:
        variables = (weights, mean, square)
        for variable, value in zip(variables, formula(*variables, gradient), strict=True):
            variable.assign(value)
        return tf.constant(0)

    return [operation, compiled]


def _seconds(function: Callable[..., Any], inputs: tuple[tf.Tensor, ...], rounds: int) -> float:
    """Returns the median time of one call inside a compiled function."""
    whole = tf.function(function, autograph=False)
    whole(*inputs)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(_CALLS):
            result = whole(*inputs)
        result.numpy() if hasattr(result, "numpy") else None
        times.append((time.perf_counter() - start) / _CALLS)
    return statistics.median(times)


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms"


if __name__ == "__main__":
    main()
