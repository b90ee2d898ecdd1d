"""The form of a training's settings. Each one says in a line what it changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from model_lib.config.presets import PRESET_CONFIGS
from model_lib.config.training import (
    EXPLANATIONS,
    LEARNING_RATES,
    MEASURES,
    OPTIMIZERS,
    SCHEDULES,
    VALIDATIONS,
    WHOLE_NUMBERS,
    SettingsError,
    TrainingConfig,
)
from model_lib.datasets.augmentation import RECIPES
from ui.shared.user_digits import own_collection
from ui.shared.wording import as_written
from ui.train.number_box import needed_number, number_box

_OWN_DEFAULTS = TrainingConfig(batch_size=128, epochs=5)
_DATASETS = {"mnist": "MNIST digits", "fashion_mnist": "Fashion-MNIST articles"}
_WITH_OWN = "mnist_with_own"
_OPTIMIZERS = {
    "adam": "Adam",
    "sgd": "SGD with momentum",
    "rmsprop": "RMSprop",
    "adadelta": "Adadelta",
    "adagrad": "Adagrad",
}
_SCHEDULES = {"constant": "stays", "one_cycle": "one cycle: up, then down"}
_VALIDATIONS = {"last": "the last part of the training images", "test": "the test images", "none": "none"}
# What stands above each field, and in messages about it.
_LABELS: Final = {
    "dataset": "Data set",
    "training_images": "Training images",
    "validation": "Validation on",
    "validation_share": "Share held out, per cent",
    "augmentation": "Augmentation",
    "optimizer": "Optimizer",
    "learning_rate": "Learning rate",
    "momentum": "Momentum",
    "schedule": "Learning rate over time",
    "batch_size": "Batch size",
    "seed": "Seed",
    "epochs": "Epochs",
    "target_accuracy": "Stop above this accuracy, per cent",
    "target_measure": "taken on the images for",
    "patience": "Patience, epochs",
    "time_limit_seconds": "Time limit, seconds",
}
_PER_CENT: Final = ("validation_share", "target_accuracy")


def choose_settings(network: str) -> TrainingConfig:
    """Shows all settings, filled in as the preset was published, and returns what they say now.

    Args:
        network: the preset's id; any other name starts from settings that suit most networks.

    Returns:
        The settings, which may be out of range: whoever starts a training checks them and says so.
    """
    usual = PRESET_CONFIGS.get(network, _OWN_DEFAULTS)

    def key(name: str) -> str:
        return f"{network}-{name}"  # one set of widgets a network, so that each keeps its own values

    def number(name: str, value: float | None, step: float = 1, placeholder: str | None = None) -> Any:
        return number_box(
            _LABELS[name],
            value,
            key=key(name),
            is_whole=name in WHOLE_NUMBERS,
            step=step,
            placeholder=placeholder,
            help=EXPLANATIONS[name],
        )

    def per_cent(name: str, share: float | None, step: float, placeholder: str | None = None) -> float | None:
        entered = number(name, None if share is None else round(share * 100, 6), step, placeholder)
        return None if entered is None else entered / 100

    def choice(name: str, options: Sequence[str], words: Callable[[str], str]) -> str:
        first = options.index(getattr(usual, name))
        return st.selectbox(_LABELS[name], options, first, format_func=words, key=key(name), help=EXPLANATIONS[name])

    chosen: dict[str, Any] = {}
    images, steps, end = st.columns(3)
    with images:
        chosen["dataset"] = st.selectbox(
            _LABELS["dataset"],
            _datasets(),
            format_func=_datasets().__getitem__,
            key=key("dataset"),
            help=EXPLANATIONS["dataset"],
        )
        if chosen["dataset"] == _WITH_OWN:
            chosen |= {"dataset": "mnist", "own_digits": own_collection().folder.name}
        chosen["training_images"] = number("training_images", usual.training_images, step=1000)
        chosen["validation"] = choice("validation", VALIDATIONS, _VALIDATIONS.__getitem__)
        if chosen["validation"] == "last":
            chosen["validation_share"] = per_cent("validation_share", usual.validation_share, step=5)
        chosen["augmentation"] = choice(
            "augmentation", list(RECIPES), lambda name: f"{name}: {RECIPES[name].explanation}"
        )
    with steps:
        chosen["optimizer"] = choice("optimizer", OPTIMIZERS, _OPTIMIZERS.__getitem__)
        default_rate = LEARNING_RATES[chosen["optimizer"]]
        rate = usual.rate if chosen["optimizer"] == usual.optimizer else default_rate
        chosen["learning_rate"] = number_box(
            _LABELS["learning_rate"],
            rate,
            step=float(f"{rate / 10:.1g}"),
            key=key(f"learning_rate-{chosen['optimizer']}"),
            placeholder=f"usual: {default_rate:g}",
            help=EXPLANATIONS["learning_rate"],
        )
        if chosen["optimizer"] == "sgd":
            chosen["momentum"] = number("momentum", usual.momentum, step=0.05)
        chosen["schedule"] = choice("schedule", SCHEDULES, _SCHEDULES.__getitem__)
        chosen["batch_size"] = number("batch_size", usual.batch_size)
        chosen["seed"] = number("seed", usual.seed)
    with end:
        chosen["epochs"] = number("epochs", usual.epochs)
        chosen["target_accuracy"] = per_cent("target_accuracy", usual.target_accuracy, 0.5, placeholder="never")
        if chosen["target_accuracy"] is not None:
            chosen["target_measure"] = st.selectbox(
                _LABELS["target_measure"], MEASURES, key=key("target_measure"), help=EXPLANATIONS["target_measure"]
            )
        chosen["patience"] = number("patience", usual.patience, placeholder="endless")
        chosen["time_limit_seconds"] = number(
            "time_limit_seconds", usual.time_limit_seconds, step=10, placeholder="none"
        )
    return dataclasses.replace(usual, **chosen)


def in_words(error: SettingsError) -> str:
    """Says what is wrong with a setting, as Markdown, under the label and in the unit of its field."""
    label, beside = (_LABELS.get(name, name.replace("_", " ")) for name in (error.setting, error.beside))
    if error.beside == "training_images" and error.allowed is not None:
        return (
            f'"{label}" must not exceed the number of images to learn from, {as_written(error.allowed[1])}. '
            f'Received: {as_written(error.received)}. Make it smaller, or "{beside}" larger.'
        )
    if error.beside == "patience":
        return f'"{beside}" needs validation images, but "{label}" is none. Choose some there, or empty "{beside}".'
    if error.beside == "target_measure":
        return (
            f'"{_LABELS["target_accuracy"]}" is {beside} validation, but "{label}" is none. Choose some there, or '
            "take the accuracy on the images for training."
        )
    if error.allowed is None:
        return f'"{label}" cannot be {as_written(error.received)}.'
    factor = 100 if error.setting in _PER_CENT else 1
    allowed = (error.allowed[0] * factor, error.allowed[1] * factor)
    received = error.received * factor if isinstance(error.received, int | float) else error.received
    return needed_number(label, allowed, error.setting in WHOLE_NUMBERS, received)


def _datasets() -> dict[str, str]:
    """Returns the data sets by name; with the visitor's own digits once there are some."""
    count = len(own_collection())
    own = {_WITH_OWN: f"MNIST digits and my own ({count})"} if count else {}
    return _DATASETS | own
