"""Settings out of their range are refused with what was expected; the rest passes."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from model_lib.settings import EXPLANATIONS, LEARNING_RATES, SettingsError, TrainingConfig, check_config, learnt_images


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epochs": 0}, "`epochs` must be a whole number from 1 to 50. Received: epochs=0."),
        ({"epochs": 10_000}, "Received: epochs=10000."),
        ({"learning_rate": 0.0}, "`learning_rate` must be a number"),
        ({"learning_rate": -0.1}, "Received: learning_rate=-0.1."),
        ({"learning_rate": 1e9}, "`learning_rate` must be a number"),
        ({"learning_rate": float("nan")}, "`learning_rate` must be a number"),
        ({"batch_size": 500, "training_images": 100}, "must not exceed the number of images to learn from, 80"),
        ({"time_limit_seconds": 0}, "`time_limit_seconds` must be"),
        ({"training_images": 99}, "`training_images` must be"),
        ({"seed": -1}, "`seed` must be"),
        ({"optimizer": "magic"}, "`optimizer` must be one of adam"),
        ({"validation": "none", "patience": 3}, "`validation` must not be none"),
        ({"augmentation": "magic"}, "`augmentation` must be one of"),
    ],
)
def test_an_impossible_setting_is_named_with_what_was_expected(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as raised:
        check_config(TrainingConfig(**settings))
    assert words in str(raised.value)
    assert raised.value.setting in settings


def test_settings_survive_being_written_and_read() -> None:
    config = TrainingConfig(optimizer="sgd", patience=3, time_limit_seconds=60.0)
    assert TrainingConfig.from_dict(config.as_dict()) == config


def test_a_setting_of_a_newer_version_is_passed_over() -> None:
    assert TrainingConfig.from_dict({"epochs": 3, "not_yet_known": 1}) == TrainingConfig(epochs=3)


def test_every_setting_is_explained_in_one_line() -> None:
    assert set(EXPLANATIONS) == set(TrainingConfig().as_dict())
    assert all("\n" not in text and text.endswith(".") for text in EXPLANATIONS.values())


@pytest.mark.parametrize(("name", "keras_name"), [("adam", "Adam"), ("sgd", "SGD"), ("rmsprop", "RMSprop")])
def test_the_usual_learning_rates_are_kerass(name: str, keras_name: str) -> None:
    rate = float(getattr(keras.optimizers, keras_name)().learning_rate)
    assert LEARNING_RATES[name] == pytest.approx(rate)  # type: ignore[index]


def test_adadelta_starts_at_one_where_it_learns() -> None:
    assert TrainingConfig(optimizer="adadelta").rate == 1.0


@pytest.mark.parametrize(("validation", "count"), [("last", 48_000), ("test", 60_000), ("none", 60_000)])
def test_the_last_fifth_is_held_out_only_if_wished(validation: str, count: int) -> None:
    assert learnt_images(TrainingConfig(validation=validation)) == count  # type: ignore[arg-type]
