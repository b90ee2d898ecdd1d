"""How the bundled network is trained: the preset `bundled`, in three rounds, on MNIST's training images alone."""

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
from model_lib.training.input_pipeline import EpochImages

if TYPE_CHECKING:
    import keras

# The last training images: nothing is learnt from them; settings and thresholds are chosen on them.
HELD_OUT: Final = 5_000
_STEPS_A_CALL: Final = 20
# The last round reads people's drawings better and MNIST's own images a little worse than the one before it; the
# weights of both are mixed, with as much of the last one as keeps this share of the held-out images right.
WANTED_ACCURACY: Final = 0.997
_MIX_TENTHS: Final = range(10, -1, -1)


@dataclass(frozen=True)
class Round:
    """One rise and fall of the learning rate.

    Args:
        epochs: how many.
        learning_rate: the highest of the round.
        augmentation: a recipe of `model_lib.datasets.augmentation`.
        seed: for the order of the images, dropout and augmentation; in the first round for the first weights too.
    """

    epochs: int
    learning_rate: float
    augmentation: str
    seed: int


# The first makes a usable network within minutes; the third was added when the second still took the long flag of a
# written 1 for the top of a 7.
ROUNDS: Final = (
    Round(5, 0.004, "handwriting", 1),
    Round(14, 0.003, "handwriting", 2),
    Round(10, 0.002, "long_flags", 3),
)


def split_training_images() -> tuple[Split, Split]:
    """Returns the images that are learnt from and the ones that are held out."""
    whole = load_dataset("mnist").train
    return (
        Split(whole.images[:-HELD_OUT], whole.labels[:-HELD_OUT]),
        Split(whole.images[-HELD_OUT:], whole.labels[-HELD_OUT:]),
    )


def train_bundled(
    rounds: Sequence[Round] = ROUNDS,
    say: Callable[[str], None] = print,
    keep: Callable[[keras.Model, int], None] | None = None,
    start: keras.Model | None = None,
) -> keras.Model:
    """Trains the bundled network.

    Args:
        rounds: one after the other, on the same weights.
        say: is given a line after every epoch.
        start: a network to go on with instead of a new one, as after an interruption between two rounds.
        keep: is given the network after every round, with the number of rounds done.

    Returns:
        The trained network.
    """
    learnt, held_out = split_training_images()
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
        steps = TrainingSteps(network, config, len(learnt.labels))
        with EpochImages(learnt, config) as images:
            for epoch in range(config.epochs):
                began = time.monotonic()
                steps.begin_epoch(*images.epoch(epoch))
                loss = 0.0
                for first in range(0, steps.steps_per_epoch, _STEPS_A_CALL):
                    losses, _ = steps.run(first, min(_STEPS_A_CALL, steps.steps_per_epoch - first))
                    loss += float(losses.sum())
                share = _accuracy(network, held_out)
                say(
                    f"round {number}, epoch {epoch + 1} of {config.epochs}: loss {loss / steps.steps_per_epoch:.4f}, "
                    f"held out {share:.2%}, {time.monotonic() - began:.0f} s"
                )
        if keep is not None:
            keep(network, number)
    return network


def mix_rounds(before: keras.Model, last: keras.Model) -> tuple[keras.Model, float]:
    """Mixes the weights of two rounds, number by number; they lie close enough together for that.

    Args:
        before: the network after the last but one round.
        last: the network after the last round.

    Returns:
        The mixture, and the share of `last` in it: the largest tenth with `WANTED_ACCURACY` on the held-out images,
        0 if none reaches it.
    """
    _, held_out = split_training_images()
    network = build_network(PRESETS["bundled"])
    share = 0.0
    for tenth in _MIX_TENTHS:
        share = tenth / 10
        pairs = zip(before.get_weights(), last.get_weights(), strict=True)
        network.set_weights([(1 - share) * old + share * new for old, new in pairs])
        if _accuracy(network, held_out) >= WANTED_ACCURACY:
            break
    return network, share


def _accuracy(network: keras.Model, split: Split) -> float:
    return Evaluation(probabilities(network, split.images), split.labels, "mnist").accuracy
