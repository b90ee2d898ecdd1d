"""The forms of the Train page: a message names the field as the page does, and a removed layer can be put back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.runs import create_run, list_runs
from tests.support.app_server import PROJECT
from ui.train.settings_form import in_words

pytestmark = pytest.mark.usefixtures("no_workers")


def _open(**address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    app.selectbox(key="chosen_preset").set_value("mlp").run()
    assert not app.exception
    return app


def _editor() -> AppTest:
    """Opens the editor with Flatten, Dense(128) and Dropout(0.2), numbered 0 to 2."""
    app = _open()
    return _button(app, "Change its layers").click().run()


def _button(app: AppTest, label: str) -> Any:
    return next(button for button in app.button if button.label == label)


def _number(app: AppTest, label: str) -> Any:
    return next(entry for entry in app.number_input if entry.label == label)


def _enter(app: AppTest, label: str, value: float | None) -> AppTest:
    _number(app, label).set_value(value).run()
    assert not app.exception
    return app


def _layers(app: AppTest) -> list[str]:
    """Returns the headings of the layers' boxes."""
    headings = [str(element.value) for element in app.markdown]
    return [heading.strip("*") for heading in headings if heading.startswith("**") and ". " in heading[:6]]


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [
        (
            "Stop above this accuracy, per cent",
            101,
            '"Stop above this accuracy, per cent" must be a number from 10 to 100. Received: 101.',
        ),
        ("Training images", 70_000, '"Training images" must be a whole number from 100 to 60,000. Received: 70,000.'),
        ("Training images", 1000.5, '"Training images" must be a whole number from 100 to 60,000. Received: 1,000.5.'),
        (
            "Training images",
            100,
            '"Batch size" must not exceed the number of images to learn from, 100. Received: 300.',
        ),
        ("Epochs", None, '"Epochs" must be a whole number from 1 to 50. The box is empty.'),
        ("Epochs", 1.5, '"Epochs" must be a whole number from 1 to 50. Received: 1.5.'),
        ("Batch size", None, '"Batch size" must be a whole number from 1 to 10,000. The box is empty.'),
        ("Batch size", 1e18, "from 1 to 10,000. Received: 1,000,000,000,000,000,000."),
        ("Random seed", None, '"Random seed" must be a whole number from 0 to 2,147,483,647. The box is empty.'),
        ("Random seed", 0.5, '"Random seed" must be a whole number from 0 to 2,147,483,647. Received: 0.5.'),
        ("Learning rate", 0, '"Learning rate" must be a number from 0.0000001 to 100. Received: 0.'),
        ("Time limit, seconds", 0, '"Time limit, seconds" must be a number from 1 to 86,400. Received: 0.'),
        (
            "Early stopping (patience), epochs",
            0,
            '"Early stopping (patience), epochs" must be a whole number from 1 to 50. Received: 0.',
        ),
    ],
)
def test_an_impossible_setting_is_named_as_its_field_is(label: str, value: float | None, words: str) -> None:
    app = _open()
    app.selectbox(key="mlp-validation").set_value("test").run()
    _enter(app, "Batch size", 300)
    _enter(app, label, value)
    (message,) = [error.value for error in app.error]
    assert words in message
    assert "_" not in message
    assert _button(app, "Start").disabled


def test_a_share_is_named_in_the_per_cent_of_its_field() -> None:
    app = _open()
    app.selectbox(key="mlp-validation").set_value("last").run()
    words = '"Validation share, per cent" must be a number from 1 to 90.'
    _enter(app, "Validation share, per cent", 91)
    assert app.error[0].value == f"{words} Received: 91."
    _enter(app, "Validation share, per cent", None)
    assert app.error[0].value == f"{words} The box is empty."


def test_stopping_by_validation_images_that_are_not_there_names_both_fields() -> None:
    app = _open()  # a preset without validation images
    _enter(app, "Early stopping (patience), epochs", 3)
    problem = '"Early stopping (patience), epochs" needs validation images, but "Validation on" is none.'
    assert problem in app.error[0].value
    _enter(app, "Early stopping (patience), epochs", None)
    assert not app.error
    _enter(app, "Stop above this accuracy, per cent", 99)
    app.selectbox(key="mlp-target_measure").set_value("validation").run()
    message = app.error[0].value
    assert message.startswith('"Stop above this accuracy, per cent" is measured on validation images, but')
    assert '"Validation on" is none' in message


def test_a_text_in_a_message_is_shown_as_it_stands() -> None:
    error = SettingsError("no field shows it", "dataset", "**bold** `code` :red[x]\n# title")
    assert in_words(error) == "\"Data set\" cannot be `**bold** 'code' :red[x] # title`."


@pytest.mark.parametrize("name", PRESETS)
def test_a_form_that_nobody_touched_starts_the_published_training(name: str, runs_folder: Path) -> None:
    app = _open()
    app.selectbox(key="chosen_preset").set_value(name).run()
    _button(app, "Start").click().run()
    (run,) = list_runs(runs_folder)
    wanted = PRESET_CONFIGS[name]
    assert run.config.as_dict() == wanted.as_dict() | {"learning_rate": wanted.rate}


def test_a_limit_of_a_preset_can_be_taken_away() -> None:
    app = _open()
    app.selectbox(key="chosen_preset").set_value("cnn_3x3").run()
    assert _number(app, "Stop above this accuracy, per cent").value == 99.5
    _enter(app, "Stop above this accuracy, per cent", None)
    assert _number(app, "Stop above this accuracy, per cent").value is None
    assert "Accuracy measured on" not in {each.label for each in app.selectbox}
    assert not app.error


def test_an_emptied_learning_rate_is_the_optimizers_usual_one(runs_folder: Path) -> None:
    app = _open()
    app.selectbox(key="chosen_preset").set_value("lightning").run()
    _enter(app, "Learning rate", None)
    assert _number(app, "Learning rate").proto.placeholder == "usual: 0.001"
    _button(app, "Start").click().run()
    (run,) = list_runs(runs_folder)
    assert run.config.rate == 0.001  # Keras's own for Adam; the preset has 0.005


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "The box is empty."),
        (1.5, "Received: 1.5."),
        (1e18, "Received: 1,000,000,000,000,000,000."),
        (0, "Received: 0."),
    ],
)
def test_an_impossible_option_names_its_layer_and_its_box(value: float | None, words: str) -> None:
    app = _enter(_editor(), "units", 64)
    _enter(app, "units", value)
    (message,) = [error.value for error in app.error]
    assert message == f'Layer 2 (Dense): "units" must be a whole number from 1 to 4,096. {words}'
    assert _button(app, "Start").disabled


def test_a_second_click_on_the_same_add_button_adds_nothing() -> None:
    app = _editor()
    first = _button(app, "Add")
    first.click().run()
    assert len(_layers(app)) == 4
    # The second click of a double click is sent before the browser shows the new button.
    states = app._tree.get_widget_states()
    states.widgets.append(WidgetState(id=first.proto.id, trigger_value=True))
    app._run(states)
    assert len(_layers(app)) == 4
    _button(app, "Add").click().run()
    assert len(_layers(app)) == 5


def test_an_emptied_step_is_the_usual_one() -> None:
    app = _editor()
    app.selectbox(key="added_kind").set_value("MaxPooling2D").run()
    _button(app, "Add").click().run()
    for _ in range(3):
        app.button(key="Up-3").click().run()
    _enter(app, "strides", 3)
    assert app.table[0].value["output shape"][0] == "9 x 9 x 1"  # (28 - 2) // 3 + 1
    _enter(app, "strides", None)
    assert app.table[0].value["output shape"][0] == "14 x 14 x 1"  # blocks of 2 x 2, side by side


def test_a_layer_keeps_whole_numbers_whole(runs_folder: Path) -> None:
    app = _enter(_editor(), "units", 64)
    _button(app, "Start").click().run()
    (run,) = list_runs(runs_folder)
    units = json.loads((run.folder / "spec.json").read_text(encoding="utf-8"))["layers"][1]["units"]
    assert (units, type(units)) == (64, int)


def test_a_removed_layer_is_put_back_in_its_place_with_what_stood_in_it() -> None:
    app = _enter(_editor(), "units", 64)
    app.button(key="Remove-1").click().run()
    assert _layers(app) == ["1. Flatten", "2. Dropout"]
    assert app.table[0].value["parameters"].tolist() == ["0", "0", "7,850"]  # 785 x 10
    _button(app, "Undo").click().run()
    assert _layers(app) == ["1. Flatten", "2. Dense", "3. Dropout"]
    assert _number(app, "units").value == 64
    assert "Undo" not in {button.label for button in app.button}


def test_layers_are_put_back_one_by_one_in_any_order() -> None:
    app = _editor()
    for number in (1, 0, 2):
        app.button(key=f"Remove-{number}").click().run()
    assert "no layers" in app.error[0].value
    app.button(key="Undo-0").click().run()
    assert _layers(app) == ["1. Flatten"]
    app.button(key="Undo-2").click().run()
    app.button(key="Undo-1").click().run()
    assert _layers(app) == ["1. Flatten", "2. Dense", "3. Dropout"]


def test_a_layer_moves_past_the_place_of_a_removed_one() -> None:
    app = _editor()
    app.button(key="Remove-1").click().run()
    app.button(key="Up-2").click().run()
    assert _layers(app) == ["1. Dropout", "2. Flatten"]
    app.button(key="Down-2").click().run()
    assert _layers(app) == ["1. Flatten", "2. Dropout"]
    app.button(key="Down-2").click().run()
    assert _layers(app) == ["1. Flatten", "2. Dropout"]


def _clicks_that_arrive_late() -> None:
    """A page on which layer 1 is removed, and clicks for it and for layers that never were arrive afterwards."""
    import streamlit as st

    from model_lib.config.presets import PRESETS
    from ui.train import network_form

    if "chosen_preset" not in st.session_state:
        network_form._edit(PRESETS["mlp"].layers)
        for number in (1, 1, 99):
            network_form._remove(number)
        for number in (1, 99):
            network_form._move(number, -1)
            network_form._move(number, 1)
    st.write(", ".join(layer.kind for layer in network_form.choose_layers(network_form.choose_network()).layers))


def test_a_click_for_a_layer_that_is_gone_changes_nothing() -> None:
    app = AppTest.from_function(_clicks_that_arrive_late).run()
    assert not app.exception
    assert app.markdown[-1].value == "Flatten, Dropout"


def test_a_network_with_a_damaged_option_is_explained_on_its_runs_page(runs_folder: Path) -> None:
    run = create_run(NetworkSpec("own", (LayerSpec("Flatten"), LayerSpec("Dense"))), TrainingConfig(), runs_folder)
    (run.folder / "spec.json").write_text(
        '{"name": "own", "layers": [{"kind": "Flatten"}, {"kind": "Dense", "activation": "**loud** :red[x]"}]}'
    )
    run.set_state("failed")
    app = _open(run=run.id)
    messages = [error.value for error in app.error]
    assert 'Layer 2 (Dense): "activation" cannot be `**loud** :red[x]`.' in messages


def test_a_box_is_filled_again_until_the_browser_has_sent_what_stands_in_it() -> None:
    app = _open()
    # The first run's messages are lost when a click breaks it off: the browser knows of no box.
    app._run(WidgetStates())
    box = _number(app, "Batch size").proto
    assert (box.set_value, box.value) == (True, 32)
    # Then the browser has it; to set it again would overwrite what is being typed.
    _enter(app, "Random seed", 7)
    assert not _number(app, "Batch size").proto.set_value
    _enter(app, "Batch size", None)
    app.run()
    assert _number(app, "Batch size").value is None
    assert not _number(app, "Batch size").proto.set_value
