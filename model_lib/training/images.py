"""The images of one training: to train on, to validate on, to test on, and the visitor's own digits among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model_lib.config.training import TrainingConfig, learnt_images
from model_lib.datasets.loading import Split, cached_dataset
from model_lib.datasets.own_split import split_own_digits, too_few_digits
from model_lib.datasets.user_digits import UserDigitSet, digits_root
from model_lib.training.input_pipeline import mix_in, mix_in_equally


class TrainingError(Exception):
    """A training that cannot continue; the message is for the visitor."""


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """The images of one training.

    Args:
        training: to train on, the visitor's own digits included.
        validation: to validate on after every epoch; may be empty.
        test: for the evaluation at the end.
        own_trained: the visitor's digits among the training images, each once; empty if there are none.
        own_held_out: those of the visitor's digits that are no training images; may be empty.
    """

    training: Split
    validation: Split
    test: Split
    own_trained: Split
    own_held_out: Split


def load_images(config: TrainingConfig, holds_out: bool = False) -> TrainingData:
    """Loads the data set and splits it as the settings say.

    Args:
        config: the settings.
        holds_out: whether a quarter of the visitor's digits is held out also where they are mixed into the whole data
            set, and not only where they are most of the training images.

    Raises:
        DatasetError, UserDigitError: if images are missing or damaged.
        TrainingError: if there are fewer training images, or digits of the visitor, than the settings ask for.
    """
    dataset = cached_dataset(config.dataset)
    available = len(dataset.train.labels)
    if config.training_images > available:
        raise TrainingError(
            f"`training_images` must be at most {available:,} for {dataset.title}. "
            f"Received: training_images={config.training_images:,}."
        )
    validation_start = learnt_images(config)
    validation_end = config.training_images if config.validation == "last" else validation_start
    images, labels = dataset.train.images, dataset.train.labels
    training = Split(images[:validation_start], labels[:validation_start])
    trained, held_out = _own_digits(config, holds_out)
    if config.own_digits:
        training = _with_own_digits(training, trained, config)
    validation = Split(images[validation_start:validation_end], labels[validation_start:validation_end])
    return TrainingData(
        training=training,
        validation=dataset.test if config.validation == "test" else validation,
        test=dataset.test,
        own_trained=trained,
        own_held_out=held_out,
    )


def _own_digits(config: TrainingConfig, holds_out: bool) -> tuple[Split, Split]:
    """Returns the visitor's digits to train on and those held out."""
    none = Split(np.empty((0, 28, 28), np.uint8), np.empty(0, np.uint8))
    if not config.own_digits:
        return none, none
    digits = UserDigitSet(digits_root() / config.own_digits)
    if config.replay == "all" and not holds_out:
        return digits.as_split(), none
    whole = digits.digits()
    split = split_own_digits(whole)
    if config.replay != "all" and (problem := too_few_digits(len(whole))):
        raise TrainingError(f"{problem} Draw some more on the page Draw, and keep them under My digits.")
    return split.training, split.held_out


def _with_own_digits(training: Split, own: Split, config: TrainingConfig) -> Split:
    if config.replay == "none":
        return own
    return mix_in(training, own) if config.replay == "all" else mix_in_equally(training, own, config.seed)
