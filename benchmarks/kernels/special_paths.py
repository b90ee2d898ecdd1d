"""What each special path of the engine is worth: steps with it and without it, in short alternating turns.

python -m benchmarks.kernels.special_paths --presets mlp,mnist_cnn --pairs 40

A turn counts only if the process's threads hardly waited for a core meanwhile, so that the program may run on a busy
machine; there it takes longer and finds fewer pairs. "same graph" means that the preset does not use the path.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import tensorflow as tf

from benchmarks.report import print_heading, print_table
from model_lib.config.presets import PRESET_CONFIGS
from model_lib.datasets.loading import load_dataset
from model_lib.engine import layer_ops, sharded_weights, train_step
from model_lib.engine.threads import configure_tf_threads
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import PRESETS, build_network

# A module, a name in it, and what takes the name's place while steps are traced.
_Replacement = tuple[Any, str, Any]

_PRESETS: Final = ("mlp", "mlp_batchnorm", "cnn_5x5", "cnn_3x3", "mnist_cnn", "two_conv", "lightning", "champion")
_IMAGES: Final = 12_000
_TURN_SECONDS: Final = 0.025
# Of a turn, summed over the threads.
_MAX_WAITING: Final = 0.05


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", default=",".join(_PRESETS), help="separated by commas")
    parser.add_argument("--pairs", type=int, default=40, help="undisturbed pairs of turns to wait for")
    parser.add_argument("--seconds", type=float, default=60, help="time limit for each path of each preset")
    options = parser.parse_args(arguments)
    configure_tf_threads()
    print_heading("Extra time per step without a special path: median (quartiles; undisturbed pairs of turns)")
    rows = [_row(name, options.pairs, options.seconds) for name in options.presets.split(",")]
    print_table(("preset", "ms per step", *_WITHOUT), rows)


def _row(name: str, pairs: int, seconds: float) -> tuple[str, ...]:
    steps, operations = _traced(name)
    fastest = min(_turn(steps, 2)[0] for _ in range(10)) / 2
    count = max(1, min(steps.steps_per_epoch, round(_TURN_SECONDS / fastest)))
    cells = []
    for replacements in _WITHOUT.values():
        others, other_operations = _traced(name, replacements)
        is_same = operations == other_operations
        cells.append("same graph" if is_same else _comparison(steps, others, count, pairs, seconds))
    return name, f"{1000 * fastest:.2f}", *cells


def _comparison(steps: TrainingSteps, other: TrainingSteps, count: int, pairs: int, seconds: float) -> str:
    ratios: list[float] = []
    end = time.monotonic() + seconds
    rng = np.random.default_rng(1)
    while len(ratios) < pairs and time.monotonic() < end:
        turns = {each: _turn(each, count) for each in rng.permutation(np.array([steps, other], object))}
        if all(waiting <= _MAX_WAITING for _, waiting in turns.values()):
            ratios.append(turns[other][0] / turns[steps][0] - 1)
    if not ratios:
        return "no quiet turn"
    low, median, high = np.percentile(ratios, [25, 50, 75])
    return f"{median:+.1%} ({low:+.1%} to {high:+.1%}; {len(ratios)})"


def _turn(steps: TrainingSteps, count: int) -> tuple[float, float]:
    """Returns the seconds of some steps, and for which portion of them threads were ready to run and had no core."""
    waiting, start = _seconds_without_core(), time.perf_counter()
    steps.run(0, count)
    seconds = time.perf_counter() - start
    return seconds, (_seconds_without_core() - waiting) / seconds


def _seconds_without_core() -> float:
    """Returns how long this process's threads have waited in the run queues so far; 0 where Linux does not tell."""
    # The second of the three numbers, in nanoseconds. Source: the kernel's Documentation/scheduler/sched-stats.rst.
    return sum(int(file.read_text().split()[1]) for file in Path("/proc/self/task").glob("*/schedstat")) / 1e9


def _traced(name: str, replacements: Sequence[_Replacement] = ()) -> tuple[TrainingSteps, Counter[str]]:
    """Returns steps that have been traced with some replacements, and how often each operation is in their graph."""
    train_set = load_dataset("mnist").train
    with ExitStack() as stack:
        for module, function, replacement in replacements:
            stack.enter_context(patch.object(module, function, replacement))
        steps = TrainingSteps(build_network(PRESETS[name], 1), PRESET_CONFIGS[name], _IMAGES)
        order = np.random.default_rng(1).permutation(_IMAGES)
        steps.begin_epoch(train_set.images[:_IMAGES], train_set.labels[:_IMAGES], order)
        steps.run(0, 2)
    graph = steps._loop.get_concrete_function().graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    return steps, Counter(node.op for node in nodes)


def _unfused(layer: Any, pooling: Any) -> Callable[..., tf.Tensor]:
    """Returns what the engine computes for the other monotonic activations: pooling first, gradients by TensorFlow."""

    def compute(images: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
        values = tf.nn.conv2d(images, kernel, layer.strides, layer.padding.upper())
        return tf.nn.relu(tf.nn.bias_add(layer_ops.max_pool(pooling, values), bias))

    return compute


_FLOAT32: Final = (train_step, "computes_in_bfloat16", lambda precision: False)
_WHOLE_KERNELS: Final = (sharded_weights, "_MIN_SPLIT_SIZE", math.inf)
_UNFUSED: Final = (layer_ops, "_relu_convolution_and_pool", _unfused)
# What stands in for each path.
_WITHOUT: Final[Mapping[str, Sequence[_Replacement]]] = {
    "bfloat16 by trial": (_FLOAT32,),
    "split kernels": (_WHOLE_KERNELS,),
    "fused convolution": (_UNFUSED,),
}

if __name__ == "__main__":
    main()
