"""Every setting has a control on the Train page, made from its metadata, and the control sets it."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.setting import Setting
from model_lib.config.training import OPTIMIZERS, SETTINGS, TrainingConfig
from model_lib.datasets.augmentation import RECIPES
from model_lib.datasets.user_digits import UserDigitSet, digits_root

# A tick beside the data set, once there are digits of one's own, and a list below it; they have a test below.
_WITHOUT_CONTROL = {"own_digits", "replay"}


def _form() -> None:
    import streamlit as st

    from model_lib.config.presets import PRESET_CONFIGS
    from ui.train.settings_form import choose_settings

    config = choose_settings("mlp", PRESET_CONFIGS["mlp"], st.container())
    st.json(config.as_dict())


def _open() -> AppTest:
    app = AppTest.from_function(_form, default_timeout=60).run()
    assert not app.exception
    return app


def _control(app: AppTest, setting: Setting) -> Any:
    return next((each for each in [*app.number_input, *app.selectbox] if each.label == setting.label), None)


def _chosen(app: AppTest) -> dict[str, Any]:
    assert not app.exception
    return json.loads(app.json[0].value)


def _show(app: AppTest, setting: Setting) -> None:
    """Chooses what the setting has an effect beside."""
    app.selectbox(key="mlp-validation").set_value("last").run()
    _control(app, SETTINGS["target_accuracy"]).set_value(90).run()
    for optimizer, recipe in itertools.product(OPTIMIZERS, RECIPES):
        if setting.used_if(TrainingConfig(target_accuracy=0.9, optimizer=optimizer, augmentation=recipe)):
            app.selectbox(key="mlp-optimizer").set_value(optimizer).run()
            app.selectbox(key="mlp-augmentation").set_value(recipe).run()
            return
    raise AssertionError(f"no optimizer and no recipe uses {setting.name}")


@pytest.mark.parametrize(
    "setting",
    [each for each in SETTINGS.values() if each.name not in _WITHOUT_CONTROL],
    ids=lambda setting: setting.name,
)
def test_a_setting_has_a_control_that_sets_it(setting: Setting) -> None:
    app = _open()
    _show(app, setting)
    control = _control(app, setting)
    assert control is not None, f"`{setting.name}` has no control: give it a `group` of the form"
    assert control.help == setting.help
    if setting.choices:
        wanted: Any = next(word for word in reversed(setting.choices) if word != _chosen(app)[setting.name])
        control.set_value(wanted).run()
    else:
        assert setting.range is not None
        wanted = setting.range[1]
        control.set_value(wanted * 100 if setting.is_share else wanted).run()
    assert _chosen(app)[setting.name] == wanted


def test_another_data_set_brings_its_number_of_images() -> None:
    app = _open()
    app.selectbox(key="mlp-dataset").set_value("pen_digits").run()
    assert _chosen(app)["training_images"] == 4_996
    app.selectbox(key="mlp-dataset").set_value("mnist_and_pen_digits").run()
    assert _chosen(app)["training_images"] == 64_996
    app.selectbox(key="mlp-dataset").set_value("mnist").run()
    assert _chosen(app)["training_images"] == 60_000


def test_own_digits_can_be_mixed_into_every_set_of_digits() -> None:
    owner = "0123456789ab"
    UserDigitSet(digits_root() / owner).add(np.eye(28, dtype=np.uint8) * 255, 1)
    app = AppTest.from_function(_form, default_timeout=60)
    app.query_params["digits"] = owner
    app.run()
    for name in SETTINGS["dataset"].choices:
        app.selectbox(key="mlp-dataset").set_value(name).run()
        ticks = [each for each in app.checkbox if each.label == "Mix in my own digits (1)"]
        assert len(ticks) == (name != "fashion_mnist"), "there they would be labelled as clothes"
        assert _chosen(app)["own_digits"] in ("", owner)
        if ticks:
            ticks[0].set_value(True).run()
        assert (_chosen(app)["dataset"], _chosen(app)["own_digits"]) == (name, owner if ticks else "")
        lists = [each for each in app.selectbox if each.label == SETTINGS["replay"].label]
        assert len(lists) == len(ticks)
        if lists:
            lists[0].set_value("none").run()
        assert _chosen(app)["replay"] == ("none" if ticks else "all")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_setting_without_effect_beside_the_others_has_no_control(optimizer: str) -> None:
    app = _open()
    app.selectbox(key="mlp-optimizer").set_value(optimizer).run()
    shown = {name for name in ("momentum", "beta_1", "beta_2") if _control(app, SETTINGS[name]) is not None}
    assert shown == {"adam": {"beta_1", "beta_2"}, "sgd": {"momentum"}}.get(optimizer, set())
    assert _control(app, SETTINGS["target_measure"]) is None


def test_what_a_pen_does_can_be_set_only_where_digits_are_written_with_other_hands() -> None:
    app = _open()
    names = ("augmentation_strength", "allographs", "broken_strokes", "tremor_px")

    def shown(dataset: str, recipe: str) -> list[str]:
        app.selectbox(key="mlp-dataset").set_value(dataset).run()
        app.selectbox(key="mlp-augmentation").set_value(recipe).run()
        return [name for name in names if _control(app, SETTINGS[name]) is not None]

    assert shown("mnist", "none") == []
    assert shown("mnist", "gentle") == ["augmentation_strength"]
    assert shown("mnist", "handwriting") == list(names)
    assert shown("pen_digits", "long_flags") == list(names)
    assert shown("fashion_mnist", "handwriting") == ["augmentation_strength"]


def test_what_was_changed_in_the_fold_is_said_below_it_and_what_is_open_is_not() -> None:
    app = _open()
    assert app.caption[-1].value == "More settings: none of them is changed."
    _control(app, SETTINGS["epochs"]).set_value(7).run()
    app.selectbox(key="mlp-dataset").set_value("pen_digits").run()  # which has fewer images, and brings its number
    assert app.caption[-1].value == "Changed: Data set: " + SETTINGS["dataset"].choices["pen_digits"]
    app.selectbox(key="mlp-dataset").set_value("mnist").run()
    _control(app, SETTINGS["batch_size"]).set_value(1000).run()
    app.selectbox(key="mlp-validation").set_value("last").run()
    _control(app, SETTINGS["validation_share"]).set_value(29).run()
    words = SETTINGS["validation"].choices["last"]
    changes = f"Validation on: {words} · Validation share, per cent: 29 % · Batch size: 1,000"
    assert app.caption[-1].value == f"Changed: {changes}"
