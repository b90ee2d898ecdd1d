"""Trains the bundled network: preset `bundled`, three rounds, MNIST's training set only."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from model_lib.config.presets import PRESET_CONFIGS
from model_lib.datasets.loading import Split, load_dataset
from model_lib.engine.inference import probabilities
from model_lib.engine.train_step import TrainingSteps
from model_lib.evaluation.evaluation import Evaluation
from model_lib.networks import PRESETS, build_network
from model_lib.training.input_pipeline import InputPipeline

if TYPE_CHECKING:
    import keras

# Size of the validation split, the last training images: settings and thresholds are chosen on it.
HELD_OUT: Final = 5_000
_STEPS_PER_CALL: Final = 20
# The last round improves on drawings and loses a little on MNIST. The weights of the last two rounds are averaged, with
# the largest weight of the last one that keeps this accuracy on the validation split.
WANTED_ACCURACY: Final = 0.997
_WEIGHT_TENTHS: Final = range(10, -1, -1)


@dataclass(frozen=True)
class Round:
    """One cycle of the learning-rate schedule.

    Args:
        epochs: number of epochs.
        learning_rate: peak of the schedule.
        augmentation: name of a recipe of `model_lib.datasets.augmentation`.
        seed: of shuffling, dropout and augmentation; in the first round also of the initialisation.
    """

    epochs: int
    learning_rate: float
    augmentation: str
    seed: int


# The first yields a usable network within minutes; the third was added since the second still confused a 1 with a long
# flag with a 7.
ROUNDS: Final = (
    Round(5, 0.004, "handwriting", 1),
    Round(14, 0.003, "handwriting", 2),
    Round(10, 0.002, "long_flags", 3),
)


def split_training_images() -> tuple[Split, Split]:
    """Splits MNIST's training set into training and validation split."""
    whole = load_dataset("mnist").train
    return (
        Split(whole.images[:-HELD_OUT], whole.labels[:-HELD_OUT]),
        Split(whole.images[-HELD_OUT:], whole.labels[-HELD_OUT:]),
    )


def train_bundled(
    rounds: Sequence[Round] = ROUNDS,
    log: Callable[[str], None] = print,
    keep: Callable[[keras.Model, int], None] | None = None,
    start: keras.Model | None = None,
) -> keras.Model:
    """Trains the bundled network.

    Args:
        rounds: consecutive, on the same weights.
        log: called with a line after every epoch.
        keep: called with the network and the number of rounds done after every round.
        start: initial weights, to resume between two rounds; None for a fresh initialisation.

    Returns:
        The trained network.
    """
    training, held_out = split_training_images()
    network = build_network(PRESETS["bundled"], rounds[0].seed)
    if start is not None:
        network.set_weights(start.get_weights())
    for number, one_round in enumerate(rounds, start=1):
        config = replace(
            PRESET_CONFIGS["bundled"],
            epochs=one_round.epochs,
            learning_rate=one_round.learning_rate,
            augmentation=one_round.augmentation,
            seed=one_round.seed,
        )
        steps = TrainingSteps(network, config, len(training.labels))
        with InputPipeline(training, config) as images:
            for epoch in range(config.epochs):
                began = time.monotonic()
                steps.begin_epoch(*images.epoch(epoch))
                loss = 0.0
                for first in range(0, steps.steps_per_epoch, _STEPS_PER_CALL):
                    losses, _ = steps.run(first, min(_STEPS_PER_CALL, steps.steps_per_epoch - first))
                    loss += float(losses.sum())
                held_out_accuracy = _accuracy(network, held_out)
                log(
                    f"round {number}, epoch {epoch + 1} of {config.epochs}: loss {loss / steps.steps_per_epoch:.4f}, "
                    f"held out {held_out_accuracy:.2%}, {time.monotonic() - began:.0f} s"
                )
        if keep is not None:
            keep(network, number)
    return network


def average_rounds(before: keras.Model, last: keras.Model) -> tuple[keras.Model, float]:
    """Averages the weights of two rounds, which lie in the same basin.

    Args:
        before: after the penultimate round.
        last: after the last round.

    Returns:
        The averaged network, and the weight of `last`: the largest tenth with `WANTED_ACCURACY` on the validation
        split, 0 if none reaches it.
    """
    _, held_out = split_training_images()
    weight = 0.0
    for tenth in _WEIGHT_TENTHS:
        weight = tenth / 10
        network = average_weights(before, last, weight)
        if _accuracy(network, held_out) >= WANTED_ACCURACY:
            break
    return network, weight


def average_weights(before: keras.Model, after: keras.Model, weight: float) -> keras.Model:
    """Averages the weights of two networks of the preset `bundled`, of which one goes on from the other.

    Args:
        before: the earlier one.
        after: the later one.
        weight: of the later one, 0 to 1.
    """
    network = build_network(PRESETS["bundled"])
    pairs = zip(before.get_weights(), after.get_weights(), strict=True)
    network.set_weights([(1 - weight) * old + weight * new for old, new in pairs])
    return network


def _accuracy(network: keras.Model, split: Split) -> float:
    return Evaluation(probabilities(network, split.images), split.labels, "mnist").accuracy
