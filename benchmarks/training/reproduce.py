"""The six published networks, trained as published through the app's engine, beside a plain Keras script.

python -m benchmarks.training.reproduce --presets mlp,cnn_3x3 --seeds 1 --without-plain
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.report import percent, print_heading, print_table
from benchmarks.training.baselines import compiled, usual_process
from benchmarks.training.engine_run import last, train_here
from model_lib.config.network import NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS
from model_lib.config.training import TrainingConfig, learnt_images
from model_lib.datasets.loading import Dataset, load_dataset
from model_lib.engine.threads import configure_tf_threads
from model_lib.networks import PRESETS
from model_lib.storage.events import EpochEnd, Evaluated

# Test accuracy as published; for cnn_3x3 the training accuracy at which it stopped.
PUBLISHED = {
    "mlp": "97.7 %",
    "mlp_batchnorm": "none stated",
    "cnn_5x5": "98.7 %",
    "cnn_3x3": "stops at 99.5 %",
    "mnist_cnn": "99.25 %",
    "two_conv": "99.26 %",
}
_COLUMNS = ("preset", "published", "who", "epochs", "seconds", "training accuracy", "test accuracy", "each seed")


@dataclass(frozen=True)
class Result:
    """What one training came to; accuracies 0 to 1."""

    epochs: int
    seconds: float
    training_accuracy: float
    test_accuracy: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", default=",".join(PUBLISHED), help="separated by commas")
    parser.add_argument("--seeds", type=int, default=3, help="how many trainings of each")
    parser.add_argument("--without-plain", action="store_true", help="leaves the plain script out, which takes longest")
    options = parser.parse_args(arguments)
    print_heading(f"Published networks, {options.seeds} seed(s) each")
    configure_tf_threads()
    rows: list[tuple[str, ...]] = []
    with usual_process() as process:
        contestants = {"plain Keras": lambda *kind: process.submit(_plain, *kind).result(), "ours": _ours}
        if options.without_plain:
            del contestants["plain Keras"]
        for name in options.presets.split(","):
            for who, contestant in contestants.items():
                results = []
                for seed in range(1, options.seeds + 1):
                    config = dataclasses.replace(PRESET_CONFIGS[name], seed=seed)
                    results.append(contestant(PRESETS[name], config))
                    print(f"{name}, {who}, seed {seed}: {results[-1]}", flush=True)
                rows.append((name, PUBLISHED[name], who, *_cells(results)))
    print()
    print_table(_COLUMNS, rows)


def _cells(results: Sequence[Result]) -> tuple[str, ...]:
    return (
        ", ".join(str(result.epochs) for result in results),
        f"{np.mean([result.seconds for result in results]):.1f}",
        percent([result.training_accuracy for result in results]),
        percent([result.test_accuracy for result in results]),
        ", ".join(f"{100 * result.test_accuracy:.2f}" for result in results),
    )


def _ours(spec: NetworkSpec, config: TrainingConfig) -> Result:
    events = train_here(spec, config)
    outcome = last(events, Evaluated)
    return Result(outcome.epochs, outcome.seconds, last(events, EpochEnd).accuracy, outcome.test_accuracy)


def _plain(spec: NetworkSpec, config: TrainingConfig) -> Result:
    dataset = load_dataset(config.dataset)
    network = compiled(spec, config, config.seed)
    count = learnt_images(config)
    images, labels = dataset.train.images / np.float32(255), dataset.train.labels
    validation = _validation(dataset, config, count)
    accuracy, epoch, start = 0.0, 0, time.perf_counter()
    while epoch < config.epochs and not (config.target_accuracy and accuracy > config.target_accuracy):
        history = network.fit(
            images[:count],
            labels[:count],
            batch_size=config.batch_size,
            validation_data=validation,
            initial_epoch=epoch,
            epochs=epoch + 1,
            verbose=0,
        )
        accuracy = history.history["accuracy"][-1]
        epoch += 1
    seconds = time.perf_counter() - start
    _, test_accuracy = network.evaluate(dataset.test.images / np.float32(255), dataset.test.labels, verbose=0)
    return Result(epoch, seconds, accuracy, test_accuracy)


def _validation(dataset: Dataset, config: TrainingConfig, count: int) -> tuple[np.ndarray, np.ndarray] | None:
    if config.validation == "none":
        return None
    if config.validation == "test":
        return dataset.test.images / np.float32(255), dataset.test.labels
    return dataset.train.images[count:] / np.float32(255), dataset.train.labels[count:]


if __name__ == "__main__":
    main()
