"""Fine-tuning: the settings that a training begins with when it goes on from trained weights, and what it is of."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from model_lib.config.training import SETTINGS, TrainingConfig

# Large steps would undo what the weights have. F. Chollet, "Transfer learning & fine-tuning" (keras.io/guides), wants a
# very low learning rate; a tenth of that of the training before is our choice.
_RATE_SHARE: Final = 0.1
# As it stands in `trained_on` beside names of data sets.
OWN_DIGITS: Final = "own_digits"


def fine_tuning_config(config: TrainingConfig) -> TrainingConfig:
    """Returns the settings to go on with after a training.

    Args:
        config: the settings of that training.

    Returns:
        The same with a tenth of its learning rate, constant, since one cycle would begin with a peak again; and without
        a target accuracy, which may have been reached.
    """
    low, high = SETTINGS["learning_rate"].range or (0.0, config.rate)
    rate = min(high, max(low, float(f"{config.rate * _RATE_SHARE:.6g}")))
    return replace(config, learning_rate=rate, schedule="constant", target_accuracy=None)


def trained_on(config: TrainingConfig) -> tuple[str, ...]:
    """Returns what a training with these settings is trained on.

    Returns:
        Names of data sets, those that are two at once taken apart, and "own_digits" for the visitor's own.
    """
    parts = ("mnist", "pen_digits") if config.dataset == "mnist_and_pen_digits" else (config.dataset,)
    if not config.own_digits:
        return parts
    return (OWN_DIGITS,) if config.replay == "none" else (*parts, OWN_DIGITS)
