"""The form of a training's settings, made from their metadata: a control, a label and a line of help each."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any, Final

import streamlit as st

from model_lib.config.presets import PRESET_CONFIGS
from model_lib.config.setting import Setting
from model_lib.config.training import LEARNING_RATES, SETTINGS, SettingsError, TrainingConfig, with_dataset
from model_lib.datasets.loading import DIGIT_NAMES, class_names
from ui.shared.user_digits import own_collection
from ui.shared.wording import as_written
from ui.train.augmentation_examples import show_examples
from ui.train.number_box import needed_number, number_box

_OWN_DEFAULTS: Final = TrainingConfig(batch_size=128, epochs=5)
_COLUMNS: Final = ("images", "steps", "end")
_FOLDED: Final = "more"


def choose_settings(network: str) -> TrainingConfig:
    """Shows all settings, filled in as the preset was published, with examples; returns their values.

    Args:
        network: the preset's id; any other name starts from settings that suit most networks.

    Returns:
        The settings, unchecked: see `check_config`.
    """
    usual = config = PRESET_CONFIGS.get(network, _OWN_DEFAULTS)
    columns = st.columns(len(_COLUMNS))
    groups = {group: [column] for group, column in zip(_COLUMNS, columns, strict=True)}
    groups[_FOLDED] = st.expander("More settings").columns(len(_COLUMNS))
    for group, places in groups.items():
        place = itertools.cycle(places)
        for setting in SETTINGS.values():
            if setting.group == group and setting.used_if(config):
                with next(place):
                    config = dataclasses.replace(config, **_control(setting, usual, config, network))
    with columns[0]:
        show_examples(config)
    return config


def _control(setting: Setting, usual: TrainingConfig, config: TrainingConfig, network: str) -> dict[str, Any]:
    """Shows the control of one setting and returns what it changes.

    Args:
        setting: which one.
        usual: the settings that the form starts from.
        config: the settings as far as they are chosen above.
        network: each has its own widgets, so that each keeps its own values.
    """
    value, key = getattr(usual, setting.name), f"{network}-{setting.name}"
    if setting.name == "dataset":
        return _choose_dataset(setting, value, key)
    if setting.name == "training_images" and config.dataset != usual.dataset:
        value, key = with_dataset(usual, config.dataset).training_images, f"{key}-{config.dataset}"
    if setting.name == "learning_rate":
        return {"learning_rate": _choose_rate(setting, usual, config.optimizer, key)}
    if setting.choices:
        words, options = setting.choices, list(setting.choices)
        start = options.index(value)
        return {
            setting.name: st.selectbox(
                setting.label, options, start, format_func=words.__getitem__, key=key, help=setting.help
            )
        }
    shown = round(value * 100, 6) if setting.is_share and value is not None else value
    entered = number_box(
        setting.label,
        shown,
        key=key,
        is_whole=setting.is_whole,
        step=setting.step,
        placeholder=setting.placeholder,
        help=setting.help,
    )
    return {setting.name: entered / 100 if setting.is_share and entered is not None else entered}


def _choose_dataset(setting: Setting, value: str, key: str) -> dict[str, Any]:
    """Offers the data sets and, beside those of digits, the visitor's own digits once there are some."""
    words, options = setting.choices, list(setting.choices)
    chosen = st.selectbox(
        setting.label, options, options.index(value), format_func=words.__getitem__, key=key, help=setting.help
    )
    own = own_collection()
    if not len(own) or class_names(chosen) != DIGIT_NAMES:
        return {"dataset": chosen}
    explanation = SETTINGS["own_digits"].help
    is_mixed = st.checkbox(f"Mix in my own digits ({len(own)})", key=f"{key}-own", help=explanation)
    return {"dataset": chosen, "own_digits": own.folder.name if is_mixed else ""}


def _choose_rate(setting: Setting, usual: TrainingConfig, optimizer: str, key: str) -> float | None:
    """Offers the learning rate that suits the chosen optimizer."""
    default = LEARNING_RATES[optimizer]  # type: ignore[index]
    rate = usual.rate if optimizer == usual.optimizer else default
    return number_box(
        setting.label,
        rate,
        step=float(f"{rate / 10:.1g}"),
        key=f"{key}-{optimizer}",
        placeholder=f"usual: {default:g}",
        help=setting.help,
    )


def in_words(error: SettingsError) -> str:
    """Says what is wrong with a setting, as Markdown, under the label and in the unit of its field."""
    setting, label = SETTINGS[error.setting], SETTINGS[error.setting].label
    beside = SETTINGS[error.beside].label if error.beside else ""
    if error.beside == "training_images" and error.allowed is not None:
        return (
            f'"{label}" must not exceed the number of images to learn from, {as_written(error.allowed[1])}. '
            f'Received: {as_written(error.received)}. Make it smaller, or "{beside}" larger.'
        )
    if error.beside == "patience":
        return f'"{beside}" needs validation images, but "{label}" is none. Choose some there, or empty "{beside}".'
    if error.beside == "target_measure":
        return (
            f'"{SETTINGS["target_accuracy"].label}" is {beside} validation, but "{label}" is none. Choose some there, '
            "or take the accuracy on the images for training."
        )
    if error.allowed is None:
        return f'"{label}" cannot be {as_written(error.received)}.'
    factor = 100 if setting.is_share else 1
    allowed = (error.allowed[0] * factor, error.allowed[1] * factor)
    received = error.received * factor if isinstance(error.received, int | float) else error.received
    return needed_number(label, allowed, setting.is_whole, received)
