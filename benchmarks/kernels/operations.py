"""Cost of max pooling and of an optimizer's update as the engine computes them, and of alternatives.

python -m benchmarks.kernels.operations --rounds 7
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from benchmarks.kernels.timing import milliseconds, seconds_of
from benchmarks.report import print_heading, print_table

# name: images a batch, side, channels
_POOLS = {"mnist_cnn": (128, 24, 64), "two_conv, 1st": (300, 28, 16)}
_PARAMETERS = {"mlp": 100_352, "mnist_cnn": 1_179_648}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured; the median counts")
    rounds = parser.parse_args(arguments).rounds
    print_heading(f"Pooling and updates, medians of {rounds}")
    print_table(("max pooling with its gradient", "oneDNN", "own, in TensorFlow", "own, in XLA"), _pool_rows(rounds))
    print_table(("Adam's step", "ResourceApplyAdam", "own, in XLA"), _update_rows(rounds))


def _pool_rows(rounds: int) -> list[tuple[str, ...]]:
    rows = []
    for name, (batch, side, channels) in _POOLS.items():
        images = tf.random.normal([batch, side, side, channels])
        upstream = tf.random.normal([batch, side // 2, side // 2, channels])
        ways = (
            tf.function(_pool_gradient, autograph=False),
            tf.function(_own_pool_gradient, autograph=False),
            tf.function(_own_pool_gradient, autograph=False, jit_compile=True),
        )
        times = [seconds_of(way, (images, upstream), rounds) for way in ways]
        rows.append((name, *(milliseconds(each) for each in times)))
    return rows


def _pool_gradient(images: tf.Tensor, upstream: tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
        tape.watch(images)
        pooled = tf.nn.max_pool2d(images, 2, 2, "VALID")
    return tape.gradient(pooled, images, upstream)


def _own_pool_gradient(images: tf.Tensor, upstream: tf.Tensor) -> tf.Tensor:
    """Compares the two rows of each window, then the two columns, and routes the gradient to the larger values."""
    batch, side, _, channels = images.shape
    top, bottom = tf.unstack(tf.reshape(images, [batch, side // 2, 2, side // 2, 2 * channels]), axis=2)
    left, right = tf.split(tf.maximum(top, bottom), 2, -1)
    to_left = tf.where(left >= right, upstream, 0.0)
    row = tf.concat([to_left, upstream - to_left], -1)
    to_top = tf.where(top >= bottom, row, 0.0)
    return tf.reshape(tf.stack([to_top, row - to_top], axis=2), images.shape)


def _update_rows(rounds: int) -> list[tuple[str, ...]]:
    return [
        (
            f"{name}, {count:,} weights",
            *(
                milliseconds(seconds_of(tf.function(update, autograph=False), (tf.ones([count]),), rounds))
                for update in _updates(count)
            ),
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


if __name__ == "__main__":
    main()
