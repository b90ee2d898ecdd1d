"""Cost of the convolutions that bound two presets, and of alternative implementations of the same ones.

python -m benchmarks.kernels.convolutions --rounds 7

JAX has its row if it is installed.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import tensorflow as tf

from benchmarks.kernels.timing import milliseconds, seconds_of
from benchmarks.kernels.winograd import winograd_convolution
from benchmarks.report import measured_peak, print_heading, print_table

# Forward pass, gradient of the kernel, gradient of the images.
Ways = tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]


@dataclass(frozen=True)
class _Convolution:
    """One convolution of a preset; `side` and `size` are those of the images and of the kernel, in pixels."""

    name: str
    batch: int
    side: int
    channels: int
    filters: int
    size: int
    padding: str

    @property
    def out(self) -> int:
        return self.side if self.padding == "SAME" else self.side - self.size + 1

    @property
    def operations(self) -> float:
        return 2.0 * self.batch * self.out**2 * self.size**2 * self.channels * self.filters

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns images, kernel, and the upstream gradient of the loss."""
        random = np.random.default_rng(1)
        shapes = (
            (self.batch, self.side, self.side, self.channels),
            (self.size, self.size, self.channels, self.filters),
            (self.batch, self.out, self.out, self.filters),
        )
        images, kernel, upstream = (random.standard_normal(shape, np.float32) for shape in shapes)
        return images, kernel, upstream


_CONVOLUTIONS: Final = (
    _Convolution("mnist_cnn, 2nd", 128, 26, 32, 64, 3, "VALID"),
    _Convolution("two_conv, 2nd", 300, 14, 16, 36, 5, "SAME"),
    _Convolution("two_conv, 2nd, with 48 filters", 300, 14, 16, 48, 5, "SAME"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured; the median counts")
    rounds = parser.parse_args(arguments).rounds
    print_heading(f"Convolutions, medians of {rounds}")
    print(f"Peak: {measured_peak() / 1e9:.0f} GFLOP/s in a float32 matrix product of 2048 x 2048.\n")
    for convolution in _CONVOLUTIONS:
        columns = (convolution.name, "forward", "kernel gradient", "image gradient", "GFLOP/s forward")
        print_table(columns, _rows(convolution, rounds))


def _rows(convolution: _Convolution, rounds: int) -> list[tuple[str, ...]]:
    arrays = convolution.arrays()
    tensorflow = _tensorflow(convolution)
    rows = [
        _row("float32, as the engine does", convolution, tensorflow, _tensors(arrays), rounds),
        _row("bfloat16", convolution, tensorflow, _tensors(arrays, tf.bfloat16), rounds),
    ]
    # Forward only: the kernel gradient takes seconds, since TensorFlow does not dispatch it to oneDNN.
    forward = seconds_of(tensorflow[0], _tensors(arrays, tf.float16)[:2], rounds)
    rows.append(("float16", milliseconds(forward), "", "", f"{convolution.operations / forward / 1e9:.0f}"))
    first = [np.moveaxis(array, 3, 1) if number != 1 else array for number, array in enumerate(arrays)]
    rows.append(_row("channels first", convolution, _tensorflow(convolution, "NCHW"), _tensors(first), rounds))
    if importlib.util.find_spec("jax") is not None:
        rows.append(_row("JAX", convolution, _jax(convolution), arrays, rounds))
    if convolution.size == 3 and convolution.padding == "VALID":
        rows += _winograd_rows(convolution, rounds)
    return rows


def _winograd_rows(convolution: _Convolution, rounds: int) -> list[tuple[str, ...]]:
    images, kernel, _ = _tensors(convolution.arrays())
    tiles = convolution.batch * (convolution.out // 2) ** 2
    factors = (
        tf.random.normal([16, tiles, convolution.channels]),
        tf.random.normal([16, convolution.channels, convolution.filters]),
    )
    ways = (
        ("Winograd, in TensorFlow's operations", winograd_convolution, (images, kernel), False),
        ("Winograd, in XLA", winograd_convolution, (images, kernel), True),
        ("Winograd, its matrix products alone", tf.matmul, factors, False),
    )
    rows = []
    for name, function, inputs, in_xla in ways:
        compiled = tf.function(function, jit_compile=in_xla, autograph=False)
        rows.append((name, milliseconds(seconds_of(compiled, inputs, rounds)), "", "", ""))
    return rows


def _row(name: str, convolution: _Convolution, ways: Ways, arrays: Sequence[Any], rounds: int) -> tuple[str, ...]:
    images, kernel, upstream = arrays
    inputs = ((images, kernel), (images, upstream), (kernel, upstream))
    times = [seconds_of(way, each, rounds) for way, each in zip(ways, inputs, strict=True)]
    return (name, *(milliseconds(each) for each in times), f"{convolution.operations / times[0] / 1e9:.0f}")


def _tensorflow(convolution: _Convolution, layout: str = "NHWC") -> Ways:
    images, kernel, _ = (array.shape for array in convolution.arrays())
    if layout == "NCHW":
        images = (images[0], images[3], images[1], images[2])
    step = {"strides": [1, 1, 1, 1], "padding": convolution.padding, "data_format": layout}

    def forward(values: tf.Tensor, filters: tf.Tensor) -> tf.Tensor:
        return tf.raw_ops.Conv2D(input=values, filter=filters, **step)

    def kernel_gradient(values: tf.Tensor, upstream: tf.Tensor) -> tf.Tensor:
        return tf.raw_ops.Conv2DBackpropFilter(input=values, filter_sizes=kernel, out_backprop=upstream, **step)

    def image_gradient(filters: tf.Tensor, upstream: tf.Tensor) -> tf.Tensor:
        return tf.raw_ops.Conv2DBackpropInput(input_sizes=images, filter=filters, out_backprop=upstream, **step)

    compiled = (tf.function(way, autograph=False) for way in (forward, kernel_gradient, image_gradient))
    return tuple(compiled)  # type: ignore[return-value]


def _tensors(arrays: Sequence[np.ndarray], dtype: Any = tf.float32) -> list[tf.Tensor]:
    return [tf.cast(np.ascontiguousarray(array), dtype) for array in arrays]


def _jax(convolution: _Convolution) -> Ways:
    jax = importlib.import_module("jax")
    images, kernel, _ = convolution.arrays()

    def forward(values: Any, filters: Any) -> Any:
        return jax.lax.conv_general_dilated(
            values, filters, (1, 1), convolution.padding, dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    def kernel_gradient(values: Any, upstream: Any) -> Any:
        return jax.vjp(lambda filters: forward(values, filters), kernel)[1](upstream)

    def image_gradient(filters: Any, upstream: Any) -> Any:
        return jax.vjp(lambda values: forward(values, filters), images)[1](upstream)

    return jax.jit(forward), jax.jit(kernel_gradient), jax.jit(image_gradient)


if __name__ == "__main__":
    main()
