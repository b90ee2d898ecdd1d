"""The Train page: what it shows in each state of a run, and that it refuses what cannot be trained."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.network import NetworkSpec
from model_lib.config.presets import FIRST_TRAINING, PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run, list_runs
from model_lib.storage.events import Evaluated, Started, Steps, append_event
from model_lib.storage.run import Run
from tests.support.copied_runs import copy_of
from tests.support.train_page import open_train as _open
from tests.support.train_page import set_number as _set_number
from ui.train import run_view as live_run
from ui.train import start

pytestmark = pytest.mark.usefixtures("no_workers")


def _text(app: AppTest) -> str:
    kinds: tuple[Any, ...] = (app.markdown, app.error, app.info, app.warning, app.success, app.caption, app.title)
    return " ".join(str(element.value) for kind in kinds for element in kind)


def _standing(app: AppTest) -> str:
    """Returns what the page says of where the training stands; the sidebar has bars of its own."""
    (bar,) = [each.proto.text for each in app.main if each.type == "progress"]
    return str(bar)


def _button(app: AppTest, label: str) -> Any:
    return next(button for button in app.button if button.label == label)


def test_a_newcomer_finds_one_primary_button() -> None:
    app = _open()
    assert app.title[0].value == "Train a network"
    assert [button.label for button in app.button if button.proto.type == "primary"] == ["Start"]


def test_start_makes_a_run_with_what_was_chosen(runs_folder: Path) -> None:
    app = _open()
    app.selectbox(key="chosen_preset").set_value("two_conv").run()
    _set_number(app, "Epochs", 3)
    _button(app, "Start").click().run()
    (run,) = list_runs(runs_folder)
    assert run.spec == PRESETS["two_conv"]
    assert (run.config.epochs, run.config.batch_size, run.config.validation_share) == (3, 300, 0.2)
    assert app.query_params["run"] == run.id


def test_clicks_whose_page_runs_overlap_start_one_training(runs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started, usual = start._Started(), start.runs.start_run

    def slow_start(spec: NetworkSpec, config: TrainingConfig, *others: Any) -> Run:
        time.sleep(0.3)  # meanwhile the next click's page run gets as far
        return usual(spec, config, *others)

    monkeypatch.setattr(start, "state_of", lambda kind: started)
    monkeypatch.setattr(start, "select_run", lambda run: None)
    monkeypatch.setattr(start, "scroll_to", lambda container: None)
    monkeypatch.setattr(start.runs, "start_run", slow_start)
    clicks = [threading.Thread(target=start.start, args=(PRESETS["mlp"], TrainingConfig())) for _ in range(3)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert len(list_runs(runs_folder)) == 1


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [
        ("Epochs", 0, '"Epochs" must be'),
        ("Epochs", 10_000, '"Epochs" must be'),
        ("Learning rate", 0.0, '"Learning rate" must be'),
        ("Learning rate", -1.0, '"Learning rate" must be'),
        ("Learning rate", 1e9, '"Learning rate" must be'),
        ("Batch size", 10_000_000, '"Batch size" must'),
        ("Time limit, seconds", 0.0, '"Time limit, seconds" must be'),
        ("Training images", 5, '"Training images" must be'),
    ],
)
def test_an_impossible_setting_is_explained_and_start_is_off(label: str, value: float, words: str) -> None:
    app = _set_number(_open(), label, value)
    assert words in app.error[0].value
    assert _button(app, "Start").disabled


def test_a_stack_that_cannot_be_built_names_the_layer_and_start_is_off() -> None:
    app = _open()
    app.selectbox(key="chosen_preset").set_value("mlp").run()
    _button(app, "Change its layers").click().run()
    app.selectbox(key="added_kind").set_value("Conv2D").run()
    _button(app, "Add").click().run()
    assert "Layer 4 (Conv2D) needs an image" in app.error[0].value
    assert _button(app, "Start").disabled


def test_layers_can_be_added_moved_changed_and_removed() -> None:
    app = _open()
    app.selectbox(key="chosen_preset").set_value("mlp").run()
    _button(app, "Change its layers").click().run()  # Flatten, Dense(128), Dropout
    app.selectbox(key="added_kind").set_value("Conv2D")  # and a click before the page has run with it
    _button(app, "Add").click().run()
    for _ in range(3):
        app.button(key="Up-3").click().run()
    # 26 x 26 x 32 numbers into 128 units: 32 x 10 + 21,632 x 128 + 128 + 1,290 in all
    assert "**2,770,634 parameters**" in _text(app)
    app.number_input(key="filters-3").set_value(1).run()
    assert "**87,956 parameters**" in _text(app)  # 10 + 676 x 128 + 128 + 1,290
    app.button(key="Remove-3").click().run()
    assert "**101,770 parameters**" in _text(app)
    assert not app.exception


def test_every_preset_shows_its_table_and_can_be_started() -> None:
    app = _open()
    for name in PRESETS:
        app.selectbox(key="chosen_preset").set_value(name).run()
        assert not app.exception
        assert not app.error
        assert not _button(app, "Start").disabled


def test_a_waiting_run_shows_its_place_in_the_queue(runs_folder: Path) -> None:
    create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    second = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    app = _open(run=second.id)
    assert "place 2" in _standing(app)
    assert _button(app, "Cancel")


def test_a_running_run_shows_its_progress(runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    run.set_state("running")
    started = Started(steps_per_epoch=100, epochs=5, images=3200, parameters=1, epoch=0, step=0)
    append_event(run.folder, started)
    append_event(run.folder, Steps(epoch=0, step=0, loss=(2.3,) * 50, accuracy=(0.1,) * 50, seconds=1.0))
    app = _open(run=run.id)
    assert _button(app, "Stop")
    assert _button(app, "Pause")
    assert "Epoch 1 of 5 · step 50 of 100" in _standing(app)
    (bar,) = [each.proto for each in app.main if each.type == "progress"]
    assert bar.value == 10  # per cent of the whole training


def test_a_finished_run_shows_its_results(trained_run: Run, runs_folder: Path) -> None:
    run = copy_of(trained_run, runs_folder)
    app = _open(run=run.id)
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Parameters"] == "101,770"
    assert run.outcome is not None
    assert metrics["Test accuracy"] == f"{100 * run.outcome.test_accuracy:.2f} %"


def test_a_failed_run_says_why(runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    (run.folder / "error.txt").write_text("The loss is no longer a number.\n")
    run.set_state("failed")
    assert "no longer a number" in _text(_open(run=run.id))


@pytest.mark.parametrize("name", ["spec.json", "config.json", "state.json", "events.jsonl"])
def test_a_damaged_run_is_shown_without_a_traceback(runs_folder: Path, name: str) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    (run.folder / name).write_bytes(b"\xff\x00 damaged")
    app = _open(run=run.id)
    assert app.title[0].value == "Train a network"


def test_an_address_that_names_no_run_shows_the_page_all_the_same() -> None:
    assert _open(run="../../etc/passwd", image="test-99999999").title[0].value == "Train a network"


def test_a_run_that_is_deleted_meanwhile_is_no_longer_chosen(runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    app = _open(run=run.id)
    run.delete()
    app.run()
    assert not app.exception
    assert app.query_params["run"] == "pretrained"
    assert "has been deleted" in app.toast[0].value


def test_a_folder_that_cannot_be_written_is_said_in_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    app = _open()
    monkeypatch.setenv("RUNS_FOLDER", str(blocked))
    _button(app, "Start").click().run()
    assert not app.exception
    assert "could not be written" in _text(app)


def test_a_request_to_pause_is_acknowledged_before_it_takes_effect(runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    run.set_state("running")
    app = _open(run=run.id)
    _button(app, "Pause").click().run()
    assert "Pausing." in _standing(app)
    assert _button(app, "Pause").disabled
    _button(app, "Stop").click().run()
    assert "Stopping." in _standing(app)


def test_a_click_counts_in_the_run_that_finds_the_curves_to_be_drawn_less_often(runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    run.set_state("running")

    def page(folder) -> None:  # type: ignore[no-untyped-def]  # its text is run by itself
        import streamlit as st

        from model_lib.storage.run import Run
        from ui.train import run_view

        run = Run(folder)
        state = st.session_state
        state.runs = state.get("runs", 0) + 1
        interval = run_view._interval_seconds(run)
        run_view._live(run, run.config, 99.0 if state.runs == 2 else interval)

    app = AppTest.from_function(page, args=(run.folder,), default_timeout=60).run()
    _button(app, "Pause").click().run()
    assert not app.exception
    assert app.session_state.runs >= 3
    assert run.is_requested("pause")


def test_a_run_that_failed_after_an_epoch_can_be_resumed_and_one_that_diverged_cannot(runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    (run.folder / "checkpoints" / "epoch-001.npz").touch()
    run.fail("The disk is full.")
    app = _open(run=run.id)
    assert "The disk is full." in app.error[0].value
    assert _button(app, "Resume")
    run.fail("The training diverged: ...", "diverged")
    assert "Resume" not in [button.label for button in _open(run=run.id).button]


def test_what_keeps_a_run_waiting_is_said(runs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    monkeypatch.setattr(live_run, "shared_obstacle", lambda: "No training process has joined the scheduler.")
    assert "No training process has joined" in _standing(_open(run=run.id))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"test_loss": 1e9, "why": None}, "The training diverged"),
        ({"test_loss": 2.5, "why": None, "advice": "Nothing was learnt: 9.90%"}, "Nothing was learnt"),
    ],
)
def test_a_training_that_came_to_nothing_says_so(content: dict[str, Any], words: str, runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    append_event(run.folder, Evaluated(test_accuracy=0.098, seconds=1.0, epochs=1, **content))
    run.set_state("finished")
    app = _open(run=run.id)
    assert words in " ".join(str(each.value) for each in (*app.error, *app.warning))


def _charts(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec)["layout"] for chart in app.get("plotly_chart")]


def test_the_axes_have_all_planned_epochs_before_a_run_and_while_it_waits(runs_folder: Path) -> None:
    app = _open()
    assert [chart["xaxis"]["range"] for chart in _charts(app)] == [[0, FIRST_TRAINING.epochs]] * 2
    _set_number(app, "Epochs", 9)
    assert [chart["xaxis"]["range"] for chart in _charts(app)] == [[0, 9]] * 2
    _set_number(app, "Epochs", 0.5)  # which is refused
    assert [chart["xaxis"]["range"] for chart in _charts(app)] == [[0, FIRST_TRAINING.epochs]] * 2
    run = create_run(PRESETS["mlp"], TrainingConfig(epochs=7, batch_size=100, validation="none"), runs_folder)
    app = _open(run=run.id)
    assert [chart["xaxis"]["range"] for chart in _charts(app)] == [[0, 7]] * 2
    assert [chart["yaxis"]["range"] for chart in _charts(app)] == [[0, 3], [0, 100]]
    app.segmented_control(key="curve_axis").set_value("steps").run()
    assert [chart["xaxis"]["range"] for chart in _charts(app)] == [[0, 7 * 600]] * 2
    app.segmented_control(key="curve_zoom").set_value("from 90 %").run()
    assert [chart["yaxis"]["range"] for chart in _charts(app)] == [[0, 0.5], [90, 100]]


def test_the_same_things_stand_in_the_same_places_before_a_run_and_during_it(runs_folder: Path) -> None:
    def kinds(app: AppTest) -> list[str]:
        elements = [each.type for each in app.main if each.type not in ("button", "flex_container", "grid_container")]
        return elements[elements.index("header") :]

    before = kinds(_open())
    assert before == ["header", "progress", "button_group", "button_group", "plotly_chart", "plotly_chart"]
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    for state in ("queued", "running", "paused"):
        run.set_state(state)
        assert kinds(_open(run=run.id))[: len(before)] == before  # below it the network, once it is paused


def test_the_first_training_is_the_one_that_a_newcomer_starts(runs_folder: Path) -> None:
    _button(_open(), "Start").click().run()
    (run,) = list_runs(runs_folder)
    assert run.spec == PRESETS["lightning"]
    assert run.config == FIRST_TRAINING


def test_the_word_while_a_process_loads_tensorflow_comes_with_its_progress(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    monkeypatch.setattr(
        live_run, "shared_obstacle", lambda: "Loading TensorFlow, about 20 s the first time (5 s so far)."
    )
    monkeypatch.setattr(live_run, "shared_start_progress", lambda: 0.25)
    app = _open(run=run.id)
    assert _standing(app).startswith("Loading TensorFlow, about 20 s the first time")
    (bar,) = [each.proto for each in app.main if each.type == "progress"]
    assert bar.value == 25
