"""What an answer costs in the web process: a session's start, one image, a thousand; Keras and NumPy beside it.

python -m benchmarks.kernels.inference --rounds 15

All on one thread, weights at random, in alternation: each round measures every way once, so that a busy moment of the
machine meets all of them. NumPy computes one image's probabilities as matrix products of patches.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

# Before NumPy and TensorFlow read it: one thread for all, as the web process has for one visitor.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}

import keras
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from benchmarks.kernels.timing import milliseconds
from benchmarks.report import print_heading, print_table
from model_lib.config.network import NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.inference.onnx_graph import output_shapes
from model_lib.inference.session import InferenceNetwork
from model_lib.networks import build_network
from model_lib.predictions import predict

_MANY: Final = 1_000
_COLUMNS: Final = (
    "network",
    "session built",
    "1 image, ONNX Runtime",
    "with all layers",
    "1 image, Keras",
    "1 image, NumPy",
    "1,000 images, ONNX Runtime",
    "1,000 images, Keras",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="how often each is measured; the median counts")
    parser.add_argument("--presets", nargs="+", default=list(PRESETS), choices=list(PRESETS))
    options = parser.parse_args(arguments)
    print_heading(f"Inference on one thread, medians of {options.rounds}")
    print_table(_COLUMNS, [_row(PRESETS[name], options.rounds) for name in options.presets])


def _row(spec: NetworkSpec, rounds: int) -> tuple[str, ...]:
    network = build_network(spec, seed=1)
    weights = network.get_weights()
    ready = InferenceNetwork(spec, weights)
    everything = tuple(output_shapes(spec))
    images = np.random.default_rng(1).random((_MANY, 28, 28), np.float32)
    one = images[:1]
    np.testing.assert_allclose(_with_numpy(network, one[0]), ready.predict(one)[0], rtol=0, atol=1e-5)
    ways: dict[str, Callable[[], Any]] = {
        "session": lambda: InferenceNetwork(spec, weights).predict(one),
        "one": lambda: ready.predict(one),
        "one, all layers": lambda: ready.layer_outputs(one, everything),
        "one, Keras": lambda: predict(network, one),
        "one, NumPy": lambda: _with_numpy(network, one[0]),
        "many": lambda: ready.predict(images),
        "many, Keras": lambda: predict(network, images),
    }
    return (spec.name, *(milliseconds(seconds) for seconds in _in_alternation(ways, rounds).values()))


def _in_alternation(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Returns the median time of each way; its first call, which prepares things, does not count."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if number:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(measured) for name, measured in times.items()}


def _with_numpy(network: keras.Model, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Computes the probabilities of one image, for the layers that the presets have."""
    values = image[..., np.newaxis]
    for layer in network.layers[1:]:
        weights = _WEIGHTS.setdefault(id(layer), [np.asarray(variable) for variable in layer.weights])
        values = _LAYERS[type(layer).__name__](layer, weights, values)
        if getattr(layer, "activation", None) is keras.activations.relu:
            np.maximum(values, 0, out=values)
    exponentials: NDArray[np.float32] = np.exp(values - values.max())
    return exponentials / exponentials.sum()


# A variable of Keras takes longer to read than a small layer to compute.
_WEIGHTS: dict[int, list[NDArray[np.float32]]] = {}


def _convolution(layer: keras.layers.Conv2D, weights: Sequence[Any], values: NDArray[np.float32]) -> Any:
    kernel = weights[0]
    size = kernel.shape[0]
    if layer.padding == "same":
        values = np.pad(values, ((size // 2, size // 2), (size // 2, size // 2), (0, 0)))
    patches = sliding_window_view(values, (size, size), axis=(0, 1)).transpose(0, 1, 3, 4, 2)
    sums = patches.reshape(*patches.shape[:2], -1) @ kernel.reshape(-1, kernel.shape[-1])
    return sums + weights[1] if layer.use_bias else sums


def _pooling(layer: keras.layers.MaxPooling2D, weights: Sequence[Any], values: NDArray[np.float32]) -> Any:
    size = layer.pool_size[0]
    height, width = (side // size for side in values.shape[:2])
    blocks = values[: height * size, : width * size].reshape(height, size, width, size, -1)
    return blocks.max(axis=(1, 3))


def _normalisation(layer: keras.layers.BatchNormalization, weights: Sequence[Any], values: NDArray[np.float32]) -> Any:
    gamma, beta, mean, variance = weights
    factor = gamma / np.sqrt(variance + layer.epsilon)
    return values * factor + (beta - mean * factor)


def _dense(layer: keras.layers.Dense, weights: Sequence[Any], values: NDArray[np.float32]) -> Any:
    return values @ weights[0] + weights[1]


_LAYERS: Final[Mapping[str, Callable[[Any, Sequence[Any], NDArray[np.float32]], Any]]] = {
    "Rescaling": lambda layer, weights, values: values * np.float32(layer.scale),
    "Conv2D": _convolution,
    "MaxPooling2D": _pooling,
    "BatchNormalization": _normalisation,
    "Dense": _dense,
    "Flatten": lambda layer, weights, values: values.reshape(-1),
    "Dropout": lambda layer, weights, values: values,
    "Activation": lambda layer, weights, values: values.copy(),
}


if __name__ == "__main__":
    main()
