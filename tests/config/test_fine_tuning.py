"""What a training that goes on from trained weights begins with, and what it is of."""

from __future__ import annotations

from typing import Any

import pytest

from model_lib.config.fine_tuning import fine_tuning_config, trained_on
from model_lib.config.training import TrainingConfig, check_config


@pytest.mark.parametrize(
    ("settings", "rate"),
    [
        ({}, 0.0001),
        ({"learning_rate": 0.02}, 0.002),
        ({"optimizer": "adadelta"}, 0.1),
        ({"learning_rate": 1e-7}, 1e-7),  # the least that a setting takes
    ],
)
def test_the_rate_is_a_tenth_and_constant_and_no_target_ends_the_training_at_once(
    settings: dict[str, Any], rate: float
) -> None:
    before = TrainingConfig(schedule="one_cycle", target_accuracy=0.9, epochs=7, **settings)
    config = fine_tuning_config(before)
    check_config(config)
    assert (config.learning_rate, config.schedule, config.target_accuracy) == (rate, "constant", None)
    assert (config.epochs, config.optimizer) == (7, before.optimizer)


@pytest.mark.parametrize(
    ("settings", "data"),
    [
        ({}, ("mnist",)),
        ({"dataset": "mnist_and_pen_digits"}, ("mnist", "pen_digits")),
        ({"own_digits": "0123456789ab"}, ("mnist", "own_digits")),
        ({"own_digits": "0123456789ab", "replay": "equal"}, ("mnist", "own_digits")),
        ({"own_digits": "0123456789ab", "replay": "none"}, ("own_digits",)),
        ({"replay": "none"}, ("mnist",)),
    ],
)
def test_a_training_is_of_its_data_set_and_of_own_digits(settings: dict[str, Any], data: tuple[str, ...]) -> None:
    assert trained_on(TrainingConfig(**settings)) == data
