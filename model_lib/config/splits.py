"""How the settings of a training split the training images of a data set."""

from __future__ import annotations

from model_lib.config.training import TrainingConfig, learnt_images


def held_out_images(config: TrainingConfig) -> range:
    """Returns the indices of the training images that are held out for validation; none unless it is "last"."""
    first = learnt_images(config)
    return range(first, config.training_images if config.validation == "last" else first)
