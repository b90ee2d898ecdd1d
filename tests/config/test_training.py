"""Settings out of their range are refused with what was expected; the rest passes."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any

import pytest

from model_lib.config.setting import Setting
from model_lib.config.splits import held_out_images
from model_lib.config.training import (
    LEARNING_RATES,
    SETTINGS,
    SettingsError,
    TrainingConfig,
    check_config,
    learnt_images,
    with_dataset,
)
from model_lib.datasets import loading as datasets
from model_lib.datasets.augmentation import RECIPES
from model_lib.datasets.loading import TRAINING_IMAGES, DatasetError, load_dataset


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
        ({"training_images": 70_000}, "`training_images` must be a whole number from 100 to 60,000. Received:"),
        ({"training_images": 70_000, "dataset": "fashion_mnist"}, "a whole number from 100 to 60,000. Received:"),
        ({"training_images": 1.5}, "Received: training_images=1.5."),
        ({"epochs": None}, "Received: epochs=None."),
        ({"validation_share": None}, "Received: validation_share=None."),
        ({"training_images": 5_000, "dataset": "pen_digits"}, "a whole number from 100 to 4,996. Received:"),
        ({"dataset": "letters"}, "mnist_and_pen_digits. Received: dataset='letters'."),
        ({"seed": -1}, "`seed` must be a whole number from 0 to 2,147,483,647."),
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


def test_a_number_out_of_its_range_comes_with_the_range_and_what_was_received() -> None:
    with pytest.raises(SettingsError) as raised:
        check_config(TrainingConfig(target_accuracy=1.01))
    error = raised.value
    assert (error.setting, error.received, error.allowed) == ("target_accuracy", 1.01, (0.1, 1.0))


@pytest.mark.parametrize(
    ("settings", "setting", "beside"),
    [
        ({"batch_size": 500, "training_images": 100}, "batch_size", "training_images"),
        ({"validation": "none", "patience": 3}, "validation", "patience"),
        (
            {"validation": "none", "target_accuracy": 0.99, "target_measure": "validation"},
            "validation",
            "target_measure",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_both_named(settings: dict[str, Any], setting: str, beside: str) -> None:
    with pytest.raises(SettingsError) as raised:
        check_config(TrainingConfig(**settings))
    assert (raised.value.setting, raised.value.beside) == (setting, beside)


def test_settings_are_checked_without_reading_an_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MNIST_FILE", tmp_path / "nowhere.npz")
    check_config(TrainingConfig(training_images=60_000))
    with pytest.raises(SettingsError, match="60,000"):
        check_config(TrainingConfig(training_images=60_001))


@pytest.mark.parametrize("name", TRAINING_IMAGES)
def test_the_number_of_training_images_is_that_of_the_files(name: str) -> None:
    try:
        dataset = load_dataset(name)
    except DatasetError:
        if name != "fashion_mnist":  # the only one that is not in the repository
            raise
        pytest.skip(f"{name} is not on this machine")
    assert len(dataset.train.labels) == TRAINING_IMAGES[name]


@pytest.mark.parametrize("settings", [{"training_images": 70_000}, {"dataset": "letters"}])
def test_settings_that_an_older_version_began_with_can_still_be_read(settings: dict[str, Any]) -> None:
    config = TrainingConfig.from_dict(settings)
    assert config == TrainingConfig(**settings)
    with pytest.raises(SettingsError):
        check_config(config)


@pytest.mark.parametrize("settings", [{"epochs": 0}, {"epochs": None}, {"optimizer": "magic"}])
def test_settings_that_no_version_took_are_not_read(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        TrainingConfig.from_dict(settings)


@pytest.mark.parametrize("name", TRAINING_IMAGES)
def test_another_data_set_takes_as_large_a_part_of_its_images(name: str) -> None:
    whole = with_dataset(TrainingConfig(epochs=2), name)
    check_config(whole)
    assert (whole.dataset, whole.training_images, whole.epochs) == (name, TRAINING_IMAGES[name], 2)
    half = with_dataset(TrainingConfig(training_images=30_000), name)
    assert half.training_images == TRAINING_IMAGES[name] // 2


def test_settings_survive_being_written_and_read() -> None:
    config = TrainingConfig(optimizer="sgd", patience=3, time_limit_seconds=60.0)
    assert TrainingConfig.from_dict(config.as_dict()) == config


def test_a_setting_of_a_newer_version_is_passed_over() -> None:
    assert TrainingConfig.from_dict({"epochs": 3, "not_yet_known": 1}) == TrainingConfig(epochs=3)


def test_every_field_is_a_setting() -> None:
    assert list(SETTINGS) == list(TrainingConfig().as_dict())


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_setting_has_a_line_of_help_and_one_kind_of_limit(setting: Setting) -> None:
    assert setting.help[:1].isupper() or setting.help[:1].isdigit()
    assert setting.help.endswith(".") and "\n" not in setting.help
    assert (setting.range is not None) + bool(setting.choices) + bool(setting.pattern) == 1


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_setting_takes_its_default_and_its_ends_and_nothing_beyond(setting: Setting) -> None:
    assert setting.allows(getattr(TrainingConfig(), setting.name))
    assert setting.allows(None) == setting.is_optional
    assert not setting.allows("no such word")
    assert not setting.allows(True)
    if setting.range is not None:
        low, high = setting.range
        assert low < high
        assert setting.allows(low) and setting.allows(high)
        beyond = 1 if setting.is_whole else 1e-9
        assert not setting.allows(low - beyond) and not setting.allows(high + beyond)
        assert setting.allows((low + high) / 2 + 0.01) != setting.is_whole
    for word in setting.choices:
        assert setting.allows(word)


@pytest.mark.parametrize("name", ["validation", "optimizer", "schedule", "target_measure", "precision"])
def test_the_words_of_a_setting_are_those_of_its_type(name: str) -> None:
    assert tuple(SETTINGS[name].choices) == typing.get_args(typing.get_type_hints(TrainingConfig)[name])


def test_every_data_set_and_every_recipe_can_be_chosen() -> None:
    assert set(SETTINGS["dataset"].choices) == set(TRAINING_IMAGES)
    assert set(SETTINGS["augmentation"].choices) == set(RECIPES)


@pytest.mark.parametrize(("name", "keras_name"), [("adam", "Adam"), ("sgd", "SGD"), ("rmsprop", "RMSprop")])
def test_the_usual_learning_rates_are_kerass(name: str, keras_name: str) -> None:
    import keras  # seconds, for this test alone

    rate = float(getattr(keras.optimizers, keras_name)().learning_rate)
    assert LEARNING_RATES[name] == pytest.approx(rate)  # type: ignore[index]


def test_adadelta_starts_at_one_where_it_learns() -> None:
    assert TrainingConfig(optimizer="adadelta").rate == 1.0


@pytest.mark.parametrize(("validation", "count"), [("last", 48_000), ("test", 60_000), ("none", 60_000)])
def test_the_last_fifth_is_held_out_only_if_wished(validation: str, count: int) -> None:
    assert learnt_images(TrainingConfig(validation=validation)) == count  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "held_out"),
    [
        ({}, range(48_000, 60_000)),
        ({"training_images": 1_000, "validation_share": 0.25}, range(750, 1_000)),
        ({"validation": "test"}, range(0)),
        ({"validation": "none"}, range(0)),
    ],
)
def test_the_held_out_images_are_the_last_of_those_that_are_used(settings: dict[str, Any], held_out: range) -> None:
    assert held_out_images(TrainingConfig(**settings)) == held_out


@pytest.mark.parametrize("name", RECIPES)
def test_settings_of_a_run_from_before_augmentation_had_any_mean_the_recipe_as_it_is(name: str) -> None:
    assert TrainingConfig.from_dict({"augmentation": name}).recipe == RECIPES[name]


def test_the_share_of_other_habits_is_that_of_every_digit_that_has_one() -> None:
    recipe = TrainingConfig(augmentation="handwriting", allographs=0.25).recipe
    assert (recipe.extra_strokes, recipe.slashed_zeros, recipe.hooked_nines) == (0.25, 0.25, 0.25)
    none = TrainingConfig(augmentation="handwriting", allographs=0.0).recipe
    assert (none.extra_strokes, none.slashed_zeros, none.hooked_nines) == (0, 0, 0)


def test_half_the_strength_turns_half_as_far() -> None:
    recipe = TrainingConfig(augmentation="handwriting", augmentation_strength=0.5).recipe
    assert (recipe.rotation_degrees, recipe.elastic_px, recipe.thicker) == (7.5, 0.55, 0.6)


@pytest.mark.parametrize(
    "settings", [{"augmentation": "gentle"}, {"augmentation": "handwriting", "dataset": "fashion_mnist"}]
)
def test_a_setting_of_the_pen_changes_nothing_where_the_form_does_not_show_it(settings: dict[str, Any]) -> None:
    config = TrainingConfig(**settings, allographs=1.0, broken_strokes=1.0, tremor_px=1.0)
    assert not SETTINGS["tremor_px"].used_if(config)
    assert config.recipe == TrainingConfig(**settings).recipe
