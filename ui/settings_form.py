"""The form of a training's settings. Each one says in a line what it changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from model_lib.augmentation import RECIPES
from model_lib.presets import PRESET_CONFIGS
from model_lib.settings import (
    EXPLANATIONS,
    LEARNING_RATES,
    MEASURES,
    OPTIMIZERS,
    SCHEDULES,
    VALIDATIONS,
    TrainingConfig,
)
from ui.own_digits import own_collection

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

    def number(label: str, name: str, value: Any, **options: Any) -> Any:
        return st.number_input(label, value=value, key=key(name), help=EXPLANATIONS[name], **options)

    def choice(label: str, name: str, options: Sequence[str], words: Callable[[str], str]) -> str:
        first = options.index(getattr(usual, name))
        return st.selectbox(label, options, first, format_func=words, key=key(name), help=EXPLANATIONS[name])

    chosen: dict[str, Any] = {}
    images, steps, end = st.columns(3)
    with images:
        chosen["dataset"] = st.selectbox(
            "Data set", _datasets(), format_func=_datasets().get, key=key("dataset"), help=EXPLANATIONS["dataset"]
        )
        if chosen["dataset"] == _WITH_OWN:
            chosen |= {"dataset": "mnist", "own_digits": own_collection().folder.name}
        chosen["training_images"] = number("Training images", "training_images", usual.training_images, step=1000)
        chosen["validation"] = choice("Validation on", "validation", VALIDATIONS, _VALIDATIONS.__getitem__)
        if chosen["validation"] == "last":
            percent = number(
                "Share held out, per cent", "validation_share", round(usual.validation_share * 100), step=5
            )
            chosen["validation_share"] = (percent or 0) / 100
        chosen["augmentation"] = choice(
            "Augmentation", "augmentation", list(RECIPES), lambda name: f"{name}: {RECIPES[name].explanation}"
        )
    with steps:
        chosen["optimizer"] = choice("Optimizer", "optimizer", OPTIMIZERS, _OPTIMIZERS.__getitem__)
        rate = usual.rate if chosen["optimizer"] == usual.optimizer else LEARNING_RATES[chosen["optimizer"]]
        chosen["learning_rate"] = st.number_input(
            "Learning rate",
            value=rate,
            format="%.5f",
            step=rate / 10,
            key=key(f"learning_rate-{chosen['optimizer']}"),
            help=EXPLANATIONS["learning_rate"],
        )
        if chosen["optimizer"] == "sgd":
            chosen["momentum"] = number("Momentum", "momentum", usual.momentum, step=0.05)
        chosen["schedule"] = choice("Learning rate over time", "schedule", SCHEDULES, _SCHEDULES.__getitem__)
        chosen["batch_size"] = number("Batch size", "batch_size", usual.batch_size, step=1)
        chosen["seed"] = number("Seed", "seed", usual.seed, step=1)
    with end:
        chosen["epochs"] = number("Epochs", "epochs", usual.epochs, step=1)
        target = number(
            "Stop above this accuracy, per cent",
            "target_accuracy",
            None if usual.target_accuracy is None else usual.target_accuracy * 100,
            step=0.5,
            placeholder="never",
        )
        chosen["target_accuracy"] = None if target is None else target / 100
        if target is not None:
            chosen["target_measure"] = st.selectbox(
                "taken on the images for", MEASURES, key=key("target_measure"), help=EXPLANATIONS["target_measure"]
            )
        chosen["patience"] = number("Patience, epochs", "patience", usual.patience, step=1, placeholder="endless")
        chosen["time_limit_seconds"] = number(
            "Time limit, seconds", "time_limit_seconds", usual.time_limit_seconds, step=10.0, placeholder="none"
        )
    # An emptied box of a setting that must have a value counts as out of range, not as the usual value.
    required = ("training_images", "batch_size", "epochs", "seed", "learning_rate", "momentum")
    chosen |= {name: 0 if name != "seed" else -1 for name in required if name in chosen and chosen[name] is None}
    return dataclasses.replace(usual, **chosen)


def _datasets() -> dict[str, str]:
    """Returns the data sets by name; with the visitor's own digits once there are some."""
    count = len(own_collection())
    own = {_WITH_OWN: f"MNIST digits and my own ({count})"} if count else {}
    return _DATASETS | own
