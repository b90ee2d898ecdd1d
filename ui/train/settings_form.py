"""The form of a training's settings, made from their metadata: a control, a label and a line of help each."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any, Final

import streamlit as st

from model_lib.config.network import NetworkSpec
from model_lib.config.setting import Setting
from model_lib.config.training import LEARNING_RATES, SETTINGS, SettingsError, TrainingConfig, with_dataset
from model_lib.datasets.image_set_names import is_image_set, split_name, unsplit
from model_lib.datasets.image_sets import FEWEST_TO_TRAIN
from model_lib.datasets.loading import DIGIT_NAMES, class_names
from ui.shared.hand_over.training_settings import take_settings
from ui.shared.streamlit_workarounds import Container
from ui.shared.user_digits import own_image_sets, title_in_markdown
from ui.shared.wording import as_written, in_markdown
from ui.train.augmentation_examples import show_examples
from ui.train.number_box import needed_number, number_box
from ui.train.own_digits import choose_own_digits
from ui.train.repeated_run import RepeatedRun, repeated_run

_COLUMNS: Final = ("images", "steps", "end")
_FOLDED: Final = "more"
# Wide enough for the longest label, and for most of what can be chosen.
_COLUMN_PX: Final = 260
_DATA_PX: Final = 420
# Beside the button that starts; all others are folded up.
_OPEN: Final = {"epochs": 160, "learning_rate": 160}


def choose_settings(
    network: str,
    usual: TrainingConfig,
    row: Container,
    spec: NetworkSpec | None = None,
    data_place: Container | None = None,
) -> TrainingConfig:
    """Shows all settings, filled in, with examples; returns their values.

    Args:
        network: id of the chosen entry. Each has widgets of its own, so that each keeps its own values.
        usual: the settings that the form starts from.
        row: takes the first settings; the others go into a fold, below which stands what was changed in it, or, where
            the form repeats a run, all that differs from that run.
        spec: the network of the form, to be compared with that of such a run.
        data_place: takes the data set where the form goes on from a run: other data are what that is mostly for.

    Returns:
        The settings, unchecked: see `check_config`.
    """
    _take_over(network, usual)
    config, repeated = usual, repeated_run(network)
    if repeated is None or not repeated.is_trained_on:
        data_place = None
    # With a key the fold stays as the visitor left it.
    with st.expander("More settings", key="more_settings"):
        columns = _cells()
        groups = {group: [column] for group, column in zip(_COLUMNS, columns, strict=True)}
        groups[_FOLDED] = _cells()
        for group, places in groups.items():
            place = itertools.cycle(places)
            for setting in SETTINGS.values():
                if setting.group == group and setting.name not in _OPEN and setting.used_if(config):
                    cell = data_place.container(width=_DATA_PX) if data_place and setting.name == "dataset" else None
                    with cell or next(place):
                        config = dataclasses.replace(config, **_control(setting, usual, config, network))
        with columns[0]:
            show_examples(config)
    with row:  # last: the usual learning rate depends on the optimizer
        for name in _OPEN:
            config = dataclasses.replace(config, **_control(SETTINGS[name], usual, config, network))
    if repeated is None:
        st.caption(_changes_in_words(usual, config))
    else:
        st.caption(_differences_in_words(repeated, spec or repeated.spec, config))
        for left_out in repeated.left_out:
            st.warning(left_out, icon=":material/info:")
    return config


def _take_over(network: str, usual: TrainingConfig) -> None:
    """Puts the settings that another page or the address handed over into the form, as if they were entered there."""
    settings = take_settings()
    for name, value in settings.items():
        setting, key = SETTINGS[name], f"{network}-{name}"
        if setting.range is not None and value is not None:
            value = float(round(value * 100, 6) if setting.is_share else value)
        # These two have a box for each optimizer and each data set.
        if name == "learning_rate":
            key += f"-{settings.get('optimizer', usual.optimizer)}"
        if name == "training_images" and settings.get("dataset", usual.dataset) != usual.dataset:
            key += f"-{settings['dataset']}"
        st.session_state[key] = value


def _cells() -> list[Container]:
    """Returns as many places as there are columns, below each other where the window is narrow."""
    grid = st.grid(len(_COLUMNS), min_column_width=_COLUMN_PX)
    return [grid.cell() for _ in _COLUMNS]


def _changes_in_words(usual: TrainingConfig, config: TrainingConfig) -> str:
    """Says, as Markdown, which of the folded settings are not what the form started from."""
    start = dataclasses.replace(with_dataset(usual, config.dataset), dataset=usual.dataset)
    changes = [
        f"{setting.label}: {_value_in_words(setting, getattr(config, setting.name))}"
        for setting in SETTINGS.values()
        if setting.name not in _OPEN
        and setting.used_if(config)
        and getattr(config, setting.name) != getattr(start, setting.name)
    ]
    return f"Changed: {' · '.join(changes)}" if changes else "More settings: none of them is changed."


def _differences_in_words(repeated: RepeatedRun, spec: NetworkSpec, config: TrainingConfig) -> str:
    """Says, as Markdown, what differs from the run that is repeated, with the old and the new value."""
    old, new = (dataclasses.replace(each, learning_rate=each.rate) for each in (repeated.config, config))
    title = in_markdown(repeated.title)
    differences = ["Layers"] if spec.layers != repeated.spec.layers else []
    differences += [
        f"{setting.label} {_value_in_words(setting, before)} → {_value_in_words(setting, after)}"
        for setting in SETTINGS.values()
        if setting.used_if(config) and (before := getattr(old, setting.name)) != (after := getattr(new, setting.name))
    ]
    if differences:
        return f"Changed from {title}: {' · '.join(differences)}"
    if repeated.is_trained_on:
        return f"Nothing is changed from the settings of {title}: Start trains its network on as before."
    outcome = "would give the same result again" if repeated.is_same_result else "would begin the same training again"
    return f"Nothing is changed yet from {title}: Start {outcome} (same random seed)."


def _value_in_words(setting: Setting, value: Any) -> str:
    if value is None:
        return setting.placeholder or "none"
    if is_image_set(value):
        return title_in_markdown(unsplit(value))
    if setting.choices:
        return setting.choices[value]
    if setting.range is None:  # the visitor's own digits, by the name of their folder
        return "mixed in" if value else "not mixed in"
    return f"{as_written(round(value * 100, 6))} %" if setting.is_share else as_written(value)


def _control(setting: Setting, usual: TrainingConfig, config: TrainingConfig, network: str) -> dict[str, Any]:
    """Shows the control of one setting and returns what it changes.

    Args:
        setting: which one.
        usual: the settings that the form starts from.
        config: the settings as far as they are chosen above.
        network: id of the chosen entry.
    """
    value, key = getattr(usual, setting.name), f"{network}-{setting.name}"
    if setting.name == "dataset":
        repeated = repeated_run(network)
        return _choose_dataset(setting, usual, key, repeated is not None and repeated.is_trained_on)
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
        width=_OPEN.get(setting.name, "stretch"),
    )
    if setting.is_share and entered is not None:
        # A third has no decimals that a box could show.
        return {setting.name: value if entered == shown else entered / 100}
    return {setting.name: entered}


def _choose_dataset(setting: Setting, usual: TrainingConfig, key: str, is_trained_on: bool) -> dict[str, Any]:
    """Offers the data sets, the visitor's own image sets too, and beside digits the visitor's own digits."""
    sets = {split_name(each.name): each.title for each in own_image_sets().sets() if each.images >= FEWEST_TO_TRAIN}
    words = {**setting.choices, **sets}
    options = list(words)
    chosen = st.selectbox(
        setting.label,
        options,
        options.index(usual.dataset) if usual.dataset in options else 0,  # a set may have been deleted meanwhile
        format_func=lambda name: words.get(name, name),
        key=key,
        help=setting.help,
    )
    if chosen in sets:
        st.caption(
            "Your image set: a fifth of each label is held out for the test. Everybody here who opens the run sees "
            "these images."
        )
    if class_names(chosen) != DIGIT_NAMES:
        return {"dataset": chosen, "own_digits": "", "replay": "all"}
    return {"dataset": chosen} | choose_own_digits(usual, f"{key}-own", is_trained_on)


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
        width=_OPEN["learning_rate"],
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
            f'"{SETTINGS["target_accuracy"].label}" is measured on validation images, but "{label}" is none. '
            "Choose some there, or measure the accuracy on the training images."
        )
    if error.allowed is None:
        return f'"{label}" cannot be {as_written(error.received)}.'
    factor = 100 if setting.is_share else 1
    allowed = (error.allowed[0] * factor, error.allowed[1] * factor)
    received = error.received * factor if isinstance(error.received, int | float) else error.received
    return needed_number(label, allowed, setting.is_whole, received)
