"""Take it home: what the page offers for each kind of network, and what it says where something is missing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextArea, TextInput

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.export.child import MadeFile
from model_lib.export.exported import ExportError
from model_lib.runs import create_run
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from tests.support.copied_runs import copy_of
from tests.support.fake_evaluations import brought_network
from ui.take_home import files, report
from ui.take_home.item import size_text


def open_page(run: str = "pretrained") -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120)
    app.query_params["run"] = run
    app.run()
    app.switch_page("pages/take_home.py").run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [label for label in _all_labels(app) if label.startswith("Download .")]


def _all_labels(app: AppTest) -> list[str]:
    return [button.label for button in app.get("download_button")]


def test_a_finished_run_has_everything_and_what_takes_long_is_made_on_request(
    trained_run: Run, runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert trained_run.outcome is not None
    accuracy = trained_run.outcome.test_accuracy - 0.002
    monkeypatch.setattr(files, "make_file", lambda network, kind, report: MadeFile(b"x" * 2_500, accuracy, 10_000))
    app = open_page(copy_of(trained_run, runs_folder).id)
    ready = [f"Download {each}" for each in (".py", ".ipynb", ".keras", ".onnx", ".csv", ".zip", ".csv")]
    assert labels(app) == ready
    assert "Download the whole run (.zip)" in _all_labels(app)
    assert not app.error and not app.warning
    app.button(key="make-litert_8bit").click().run()
    while "Download .tflite" not in labels(app):
        time.sleep(0.1)
        app.run()
    assert any(f"{100 * accuracy:.2f} % of the 10,000 test images" in caption.value for caption in app.caption)
    assert any("LiteRT with 8-bit weights** · 2.5 kB" in each.value for each in app.markdown)


def test_a_file_that_loses_much_accuracy_is_warned_of_beside_the_networks_own(
    trained_run: Run, runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "make_file", lambda network, kind, report: MadeFile(b"x", 0.1044, 10_000))
    run = copy_of(trained_run, runs_folder)
    app = open_page(run.id)
    app.button(key="make-litert_8bit").click().run()
    while "Download .tflite" not in labels(app):
        time.sleep(0.1)
        app.run()
    (warning,) = [each.value for each in app.warning]
    assert run.outcome is not None
    assert "10.44 % of the 10,000 test images" in warning
    assert f"the network itself {100 * run.outcome.test_accuracy:.2f} %" in warning


def test_the_ready_made_network_has_no_curves_and_says_what_its_script_leaves_out() -> None:
    app = open_page()
    assert labels(app) == [f"Download {each}" for each in (".py", ".ipynb", ".keras", ".onnx", ".csv")]
    assert app.button(key="none-history").disabled and app.button(key="none-tensorboard").disabled
    assert app.button(key="make-images").label == "Make it"
    assert any("augmentation" in info.value for info in app.info)


def test_a_brought_network_is_trained_anew_with_the_usual_settings_as_the_page_says(runs_folder: Path) -> None:
    app = open_page(brought_network(runs_folder).id)
    assert any("train its layers with the usual settings" in info.value for info in app.info)
    (script,) = [each.value for each in app.code if "keras" in each.value]
    assert f"EPOCHS = {TrainingConfig().epochs}\n" in script and "VALIDATION_IMAGES = 12000\n" in script
    assert "as a run of" not in script and "as a file: how it was trained" in " ".join(script.split())


def test_a_training_under_way_has_script_and_notebook_already(runs_folder: Path) -> None:
    app = open_page(create_run(PRESETS["mlp"], TrainingConfig(), runs_folder).id)
    assert _all_labels(app) == ["Download .py", "Download .ipynb"]
    assert any("still under way" in each.value for each in app.info)
    assert any(button.label == "Watch the training" for button in app.button)


def test_a_file_that_cannot_be_made_is_said_with_a_button_to_try_again(
    trained_run: Run, runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise ExportError("The computer is busy.")

    monkeypatch.setattr(files, "make_file", fail)
    app = open_page(copy_of(trained_run, runs_folder).id)
    app.button(key="make-litert").click().run()
    assert [error.value for error in app.error] == ["The computer is busy."]
    assert any(button.label == "Try again" for button in app.button)


def test_the_page_to_hand_in_has_what_was_typed_right_before_the_click_and_another_page_loses_none_of_it(
    trained_run: Run, runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, str]] = []

    def make(network: object, title: str, name: str, notes: str, report: object) -> bytes:
        made.append((name, notes))
        return b"a page"

    monkeypatch.setattr(report, "_make", make)
    app = open_page(copy_of(trained_run, runs_folder).id)

    def boxes() -> tuple[TextInput, TextArea]:
        return next(each for each in app.text_input if each.label == "Your name"), app.text_area[0]

    for box, text in zip(boxes(), ("Ada", "One\nTwo"), strict=True):
        box.set_value(text)
    app.button(key="make_report").click().run()
    assert made == [("Ada", "One\nTwo")] and "Download the page (.html)" in _all_labels(app)
    assert all(box.disabled for box in boxes())
    app.switch_page("pages/bring_network.py").run()
    app.switch_page("pages/take_home.py").run()
    assert [box.value for box in boxes()] == ["Ada", "One\nTwo"] and "Download the page (.html)" in _all_labels(app)
    app.button(key="change_report").click().run()
    boxes()[1].set_value("Three")
    app.button(key="make_report").click().run()
    assert made[1:] == [("Ada", "Three")] and not app.exception


def test_a_damaged_run_gets_a_message(trained_run: Run, runs_folder: Path) -> None:
    run = copy_of(trained_run, runs_folder)
    (run.folder / "spec.json").write_text("{}")
    app = open_page(run.id)
    assert "damaged" in app.error[0].value
    assert not _all_labels(app)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (999, "999 bytes"), (4_100, "4.1 kB"), (2_340_000, "2.3 MB")]
)
def test_sizes_are_written_in_powers_of_a_thousand(count: int, text: str) -> None:
    assert size_text(count) == text
