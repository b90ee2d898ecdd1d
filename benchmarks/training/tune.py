"""Evaluates settings on validation images, so that the test set is used only for final results.

python -m benchmarks.training.tune --preset lightning --seeds 3 epochs=2 batch_size=256

Trains on the first 50,000 training images, or the first `training_images`, and validates on the last 10,000. Besides
the presets there is "sprint" of `benchmarks.training.race`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.report import percent, print_heading, print_table
from benchmarks.training.race import SPRINT, SPRINT_CONFIG
from model_lib.config.network import NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS
from model_lib.config.training import TrainingConfig, check_config
from model_lib.datasets.loading import Split, load_dataset
from model_lib.engine.inference import probabilities
from model_lib.engine.threads import configure_tf_threads
from model_lib.engine.train_step import TrainingSteps
from model_lib.evaluation.evaluation import Evaluation
from model_lib.networks import PRESETS, build_network
from model_lib.training.input_pipeline import InputPipeline

_LEARNT = 50_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="lightning")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("settings", nargs="*", help="name=value, for example epochs=2 or augmentation=gentle")
    options = parser.parse_args(arguments)
    changes = dict(setting.split("=", 1) for setting in options.settings)
    specs, configs = {**PRESETS, "sprint": SPRINT}, {**PRESET_CONFIGS, "sprint": SPRINT_CONFIG}
    config = dataclasses.replace(configs[options.preset], **{name: _value(text) for name, text in changes.items()})
    check_config(config)
    configure_tf_threads()
    print_heading(f"{options.preset} on held-out images, {' '.join(options.settings) or 'as it is'}")
    results = [_train(specs[options.preset], config, seed) for seed in range(1, options.seeds + 1)]
    accuracies, seconds, processor_seconds = zip(*results, strict=True)
    rows = [
        ("accuracy", percent(accuracies, 3), percent(min(accuracies)), percent(max(accuracies))),
        _seconds_row("seconds", seconds),
        _seconds_row("seconds of processor time", processor_seconds),
    ]
    print_table(("", "mean", "lowest", "highest"), rows)


def _seconds_row(name: str, seconds: Sequence[float]) -> tuple[str, ...]:
    return name, f"{np.mean(seconds):.1f}", f"{min(seconds):.1f}", f"{max(seconds):.1f}"


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _train(spec: NetworkSpec, config: TrainingConfig, seed: int) -> tuple[float, float, float]:
    """Returns the accuracy on the held-out images, and the seconds that the training took by both clocks."""
    config = dataclasses.replace(config, seed=seed)
    train_set = load_dataset(config.dataset).train
    count = min(_LEARNT, config.training_images)
    learnt = Split(train_set.images[:count], train_set.labels[:count])
    network = build_network(spec, seed)
    steps = TrainingSteps(network, config, count)
    start, processor_start = time.perf_counter(), time.process_time()
    with InputPipeline(learnt, config) as epoch_images:
        for epoch in range(config.epochs):
            steps.begin_epoch(*epoch_images.epoch(epoch))
            steps.run(0, steps.steps_per_epoch)
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - processor_start
    held_out = probabilities(network, train_set.images[_LEARNT:]), train_set.labels[_LEARNT:]
    return Evaluation(*held_out, config.dataset).accuracy, seconds, processor_seconds


if __name__ == "__main__":
    main()
