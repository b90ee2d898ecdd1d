"""Training throughput: a plain Keras script, eager PyTorch if it is installed, and the engine, in alternating turns.

python -m benchmarks.training.throughput --presets mlp,two_conv --rounds 5

Live reporting costs a few per cent; that is measured best by many turns of the engine alone:

python -m benchmarks.training.throughput --ours-alone --rounds 25

What the statistics of the layers cost is printed below; that alone:

python -m benchmarks.training.throughput --layers-alone --rounds 7 --images 60000 --epochs 5
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.report import measured_peak, print_heading, print_table
from benchmarks.training.baselines import epoch_speed, usual_process
from benchmarks.training.engine_run import measured_training, train_here
from model_lib.config.network import NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS
from model_lib.config.summary import summarise
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.engine.threads import configure_tf_threads
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import PRESETS, build_network
from model_lib.storage.events import EpochEnd, Event

_PUBLISHED = ("mlp", "mlp_batchnorm", "cnn_5x5", "cnn_3x3", "mnist_cnn", "two_conv")
_COLUMNS = ("preset", "batch", "plain Keras/s", "PyTorch/s", "ours/s", "ratio", "reporting costs", "GFLOP/s", "of peak")

_COST_COLUMNS = (
    "preset",
    "without, s",
    "with, s",
    "difference",
    "measurements",
    "share",
    "first and last, ms",
    "one, ms",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", default=",".join(_PUBLISHED), help="separated by commas")
    parser.add_argument("--rounds", type=int, default=5, help="how often each contestant has its turn")
    parser.add_argument(
        "--images", type=int, default=10_000, help="images a turn; dense networks take four times as many"
    )
    parser.add_argument("--ours-alone", action="store_true", help="only our engine, with reports and without")
    parser.add_argument("--layers-alone", action="store_true", help="only what the statistics of the layers cost")
    parser.add_argument("--epochs", type=int, default=2, help="of each training with statistics and without")
    options = parser.parse_args(arguments)
    if not options.layers_alone:
        _print_speeds(options)
    configure_tf_threads()
    _print_costs_of_statistics(options)


def _print_speeds(options: argparse.Namespace) -> None:
    others = () if options.ours_alone else ("plain", "torch")
    print_heading(f"Training throughput, images a second, medians of {options.rounds} turns")
    with usual_process() as process:
        peak = process.submit(measured_peak).result()
    configure_tf_threads()
    rows = [_row(name, others, options.rounds, options.images, peak) for name in options.presets.split(",")]
    print_table(_COLUMNS, rows)
    print(f"Peak: {peak / 1e9:.0f} GFLOP/s in a float32 matrix product of 2048 x 2048. The ratio is the median of the")
    print("turns' own ratios, ours with live reporting; reporting costs what it is slower than the bare steps.")


def _print_costs_of_statistics(options: argparse.Namespace) -> None:
    print_heading(f"Statistics of the layers, seconds of {options.epochs} epochs, medians of {options.rounds} pairs")
    rows = []
    for name in options.presets.split(","):
        spec, config = PRESETS[name], _comparable(name, options.images, options.epochs)
        measured_training(spec, config, measures_layers=True)  # the first one includes tracing
        pairs = []
        for number in range(options.rounds):
            order = (True, False) if number % 2 else (False, True)
            pairs.append({is_on: measured_training(spec, config, is_on) for is_on in order})
        seconds = {is_on: statistics.median(pair[is_on][0] for pair in pairs) for is_on in (False, True)}
        spent = [[each.seconds for each in pair[True][1]] for pair in pairs]
        # The first and the last one are made before and behind the training.
        shares = [sum(costs[1:-1]) / pair[True][0] for costs, pair in zip(spent, pairs, strict=True)]
        rows.append(
            (
                name,
                f"{seconds[False]:.2f}",
                f"{seconds[True]:.2f}",
                f"{statistics.median(pair[True][0] / pair[False][0] - 1 for pair in pairs):+.1%}",
                f"{statistics.median(len(costs) for costs in spent):g}",
                f"{statistics.median(shares):.2%}",
                f"{1000 * statistics.median(costs[0] + costs[-1] for costs in spent):.0f}",
                f"{1000 * statistics.median(cost for costs in spent for cost in costs):.1f}",
            )
        )
    print_table(_COST_COLUMNS, rows)
    print(
        "The difference is the median of the pairs' own; the share is what the measurements took of the training time."
    )


def _comparable(name: str, images: int, epochs: int) -> TrainingConfig:
    """Returns a preset's settings with as many images and epochs as are wanted, and nothing that ends it sooner."""
    count = min(60_000, 4 * images if _is_dense(PRESETS[name]) else images)
    return dataclasses.replace(
        PRESET_CONFIGS[name], training_images=count, validation="none", target_accuracy=None, epochs=epochs
    )


def _is_dense(spec: NetworkSpec) -> bool:
    return all(layer.kind != "Conv2D" for layer in spec.layers)


def _row(name: str, others: Sequence[str], rounds: int, images: int, peak: float) -> tuple[str, ...]:
    spec, config = PRESETS[name], _comparable(name, images, rounds + 1)
    speeds = _take_turns(spec, config, others)
    ours = statistics.median(speeds["ours"])
    cost = 1 - statistics.median(b / a for a, b in zip(speeds["bare"], speeds["ours"], strict=True))
    rate = ours * operations(spec)
    plain = ratio = torch = ""
    if "plain" in others:
        plain = f"{statistics.median(speeds['plain']):,.0f}"
        ratio = f"{statistics.median(b / a for a, b in zip(speeds['plain'], speeds['ours'], strict=True)):.2f}"
        torch = f"{statistics.median(speeds['torch']):,.0f}" if speeds["torch"] else "not installed"
    return (
        name,
        str(config.batch_size),
        plain,
        torch,
        f"{ours:,.0f}",
        ratio,
        f"{cost:.1%}",
        f"{rate / 1e9:.0f}",
        f"{rate / peak:.0%}",
    )


def _take_turns(spec: NetworkSpec, config: TrainingConfig, others: Sequence[str]) -> dict[str, list[float]]:
    """Returns images a second of every turn. The baselines run while our training is blocked between two epochs."""
    bare_epoch = _bare_epochs(spec, config)
    speeds: dict[str, list[float]] = {"plain": [], "torch": [], "bare": [], "ours": []}

    def take_turns(event: Event) -> None:
        if not isinstance(event, EpochEnd):
            return
        for who in others:
            speed = process.submit(epoch_speed, who, spec, config).result()
            if speed is not None:
                speeds[who].append(speed)
        speeds["bare"].append(config.training_images / bare_epoch())
        speeds["ours"].append(event.images_per_second or 0.0)

    with usual_process() as process:
        train_here(spec, config, take_turns)
    # The first turn of each includes tracing.
    return {name: values[1:] for name, values in speeds.items()}


def _bare_epochs(spec: NetworkSpec, config: TrainingConfig) -> Callable[[], float]:
    """Returns a function that runs one epoch of the engine's steps, reporting nothing, and returns its seconds."""
    train_set, count = load_dataset(config.dataset).train, config.training_images
    images, labels = train_set.images[:count], train_set.labels[:count]
    steps = TrainingSteps(build_network(spec, 1), config, count)

    def epoch() -> float:
        steps.begin_epoch(images, labels, np.random.default_rng(1).permutation(count))
        start = time.perf_counter()
        steps.run(0, steps.steps_per_epoch)
        return time.perf_counter() - start

    return epoch


def operations(spec: NetworkSpec) -> float:
    """Counts the floating-point operations per training image, in convolutions and dense layers alone.

    One forward pass, one gradient of the kernel, and one of the layer's input, which the first layer does not need.
    """
    total, is_first = 0.0, True
    for row in summarise(spec):
        if row.kind in ("Conv2D", "Dense"):
            positions = row.output_shape[0] * row.output_shape[1] if len(row.output_shape) == 3 else 1
            weights = row.parameters - row.output_shape[-1]
            total += 2.0 * positions * weights * (2 if is_first else 3)
            is_first = False
    return total


if __name__ == "__main__":
    main()
