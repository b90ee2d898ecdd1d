"""The images of one training: loaded, split as its settings say, with the visitor's own digits mixed in."""

from __future__ import annotations

from dataclasses import dataclass

from model_lib.config.training import TrainingConfig, learnt_images
from model_lib.datasets.loading import Split, cached_dataset
from model_lib.datasets.user_digits import UserDigitSet, digits_root
from model_lib.training.input_pipeline import mix_in


class TrainingError(Exception):
    """A training that cannot continue; the message is for the visitor."""


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """The images of one training.

    Args:
        training: to train on, the visitor's own digits included.
        validation: to validate on after every epoch; may be empty.
        test: for the evaluation at the end.
    """

    training: Split
    validation: Split
    test: Split


def load_training_data(config: TrainingConfig) -> TrainingData:
    """Loads the data set and splits it as the settings say.

    Raises:
        DatasetError, UserDigitError: if images are missing or damaged.
        TrainingError: if there are fewer training images than the settings ask for.
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
    if config.own_digits:
        training = mix_in(training, UserDigitSet(digits_root() / config.own_digits).as_split())
    validation = Split(images[validation_start:validation_end], labels[validation_start:validation_end])
    return TrainingData(
        training=training,
        validation=dataset.test if config.validation == "test" else validation,
        test=dataset.test,
    )
