"""Four ways of using the cores: throughput of the engine's steps alone, in alternating turns.

python -m benchmarks.kernels.sharding --presets cnn_5x5,lightning --rounds 5
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack

import numpy as np

from benchmarks.report import print_heading, print_table
from model_lib.config.presets import PRESET_CONFIGS
from model_lib.datasets.loading import load_dataset
from model_lib.engine.threads import tf_thread_env
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import PRESETS, build_network

_PRESETS = ("mlp", "mlp_batchnorm", "cnn_5x5", "cnn_3x3", "mnist_cnn", "two_conv", "lightning", "champion")
# The environment, and the number of shards per batch; None means what `shards_per_batch` returns.
_WAYS: Mapping[str, tuple[Mapping[str, str], int | None]] = {
    "one core": (tf_thread_env(cores=1), 1),
    "every operation on all cores": ({}, 1),
    "concurrent operations": (tf_thread_env(), 1),
    "concurrent shards of a batch": (tf_thread_env(), None),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", default=",".join(_PRESETS), help="separated by commas")
    parser.add_argument("--rounds", type=int, default=5, help="how often each way has its turn")
    parser.add_argument("--images", type=int, default=6_000, help="images a turn")
    options = parser.parse_args(arguments)
    print_heading(f"Steps without reports, images a second, medians of {options.rounds} turns")
    with ExitStack() as stack:
        processes = {way: stack.enter_context(_process(environment)) for way, (environment, _) in _WAYS.items()}
        rows = []
        for name in options.presets.split(","):
            speeds: dict[str, list[float]] = {way: [] for way in _WAYS}
            for _ in range(options.rounds + 1):
                for way, process in processes.items():
                    turn = process.submit(_turn, name, options.images, _WAYS[way][1])
                    speeds[way].append(turn.result())
            # The first turn includes the tracing.
            rows.append((name, *(f"{statistics.median(values[1:]):,.0f}" for values in speeds.values())))
    print_table(("preset", *_WAYS), rows)


def _process(environment: Mapping[str, str]) -> Executor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, context, _set_environment, (dict(environment),))


def _set_environment(environment: dict[str, str]) -> None:
    for name in tf_thread_env():
        os.environ.pop(name, None)
    os.environ.update(environment)


def _turn(name: str, images: int, shards: int | None) -> float:
    steps = _steps(name, images, shards)
    start = time.perf_counter()
    steps.run(0, steps.steps_per_epoch)
    return images / (time.perf_counter() - start)


@functools.cache
def _steps(name: str, images: int, shards: int | None) -> TrainingSteps:
    train_set = load_dataset("mnist").train
    steps = TrainingSteps(build_network(PRESETS[name], 1), PRESET_CONFIGS[name], images, shards)
    order = np.random.default_rng(1).permutation(images)
    steps.begin_epoch(train_set.images[:images], train_set.labels[:images], order)
    return steps


if __name__ == "__main__":
    main()
