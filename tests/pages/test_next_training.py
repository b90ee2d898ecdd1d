"""A run that has ended is where the next training begins: the same with one change, or with another random seed."""

from __future__ import annotations

import dataclasses
import json
import threading
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from model_lib import runs
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.training import TrainingConfig
from model_lib.datasets.user_digits import UserDigitSet
from model_lib.runs import create_run, list_runs
from model_lib.storage.events import State
from model_lib.storage.run import Run, RunError
from model_lib.storage.run_folders import unused_seed
from tests.pages.test_my_digits import OWNER, keep_test_images
from tests.support.fake_evaluations import brought_network
from tests.support.sample_networks import DENSE
from tests.support.train_page import click as _click
from tests.support.train_page import open_train as _open
from tests.support.train_page import set_number as _set_number
from ui.train import start

pytestmark = pytest.mark.usefixtures("no_workers")

_OWN = NetworkSpec("own", (LayerSpec("Flatten"), LayerSpec("Dense", units=7)), title="Own network")
_CONFIG = TrainingConfig(
    optimizer="sgd", learning_rate=0.02, momentum=0.5, batch_size=50, epochs=2, validation_share=1 / 3, seed=4
)


def _ended(root: Path, spec: NetworkSpec = _OWN, state: State = "finished", **settings: Any) -> Run:
    run = create_run(spec, dataclasses.replace(_CONFIG, **settings), root)
    run.set_state(state)
    return run


def _labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def _caption(app: AppTest) -> str:
    """Returns what stands below the form about changes."""
    starts = ("Changed", "Nothing is changed", "More settings:")
    (text,) = [str(caption.value) for caption in app.caption if str(caption.value).startswith(starts)]
    return text


def _again(run: Run) -> AppTest:
    return _click(_open(run=run.id), "Again with one change")


def _new_run(root: Path, *known: Run) -> Run:
    (new,) = set(list_runs(root)) - set(known)
    return new


def _edit_file(run: Run, name: str, **changes: Any) -> None:
    file = run.folder / name
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_the_form_is_filled_with_the_run_and_start_would_repeat_it(runs_folder: Path) -> None:
    run = _ended(runs_folder)
    app = _again(run)
    assert f"As in {run.title}" in app.selectbox(key="chosen_preset").options
    assert _caption(app).startswith(f"Nothing is changed yet from {run.title}: Start would give the same result again")
    _click(app, "Start")
    new = _new_run(runs_folder, run)
    assert (new.spec, new.spec.title, new.config) == (run.spec, run.spec.title, run.config)


def test_what_differs_from_the_run_stands_below_the_form_with_old_and_new_value(runs_folder: Path) -> None:
    run = _ended(runs_folder, learning_rate=None)
    app = _set_number(_again(run), "Epochs", 10)
    assert _caption(app) == f"Changed from {run.title}: Epochs 2 → 10"
    _set_number(app, "Learning rate", 0.5)
    _set_number(app, "Validation share, per cent", 20)
    assert _caption(app) == (
        f"Changed from {run.title}: Validation share, per cent 33.333333 % → 20 % · Learning rate 0.01 → 0.5 · "
        "Epochs 2 → 10"
    )
    _click(app, "Start")
    new = _new_run(runs_folder, run)
    assert (new.config.epochs, new.config.learning_rate, new.config.momentum) == (10, 0.5, 0.5)


def test_a_second_click_begins_with_the_settings_of_the_run_once_more(runs_folder: Path) -> None:
    app = _set_number(_again(_ended(runs_folder)), "Epochs", 10)
    assert _caption(_click(app, "Again with one change")).startswith("Nothing is changed yet")


def test_another_network_leaves_the_run_and_the_list_leads_back(runs_folder: Path) -> None:
    run = _ended(runs_folder)
    app = _set_number(_again(run), "Epochs", 10)
    assert app.query_params["again"] == run.id
    entry = app.selectbox(key="chosen_preset").value
    app.selectbox(key="chosen_preset").set_value("mlp").run()
    assert _caption(app) == "More settings: none of them is changed."
    assert "again" not in app.query_params
    app.selectbox(key="chosen_preset").set_value(entry).run()
    assert f"from {run.title}" in _caption(app)


def test_a_link_opens_the_form_with_the_run(runs_folder: Path) -> None:
    run = _ended(runs_folder)
    assert f"from {run.title}" in _caption(_open(again=run.id))


def test_the_run_is_still_in_the_form_after_another_page(runs_folder: Path) -> None:
    run = _ended(runs_folder)
    app = _again(run)
    app.switch_page("pages/my_digits.py").run()
    app.switch_page("pages/train.py").run()
    assert f"from {run.title}" in _caption(app)


def test_the_layers_of_the_run_are_shown_and_can_be_the_change(runs_folder: Path) -> None:
    run = _ended(runs_folder, dataclasses.replace(_OWN, pixel_scale=255.0))
    app = _again(run)
    assert "**5,575 parameters**" in [each.value for each in app.markdown]  # 784 x 7 + 7 + 7 x 10 + 10
    _click(app, "Change its layers")
    assert _caption(app).startswith(f"Nothing is changed yet from {run.title}")
    next(each for each in app.number_input if each.label == "units").set_value(9).run()
    assert _caption(app) == f"Changed from {run.title}: Layers"
    run.delete()  # what was taken into the editor stays
    _click(app, "Start")
    new = _new_run(runs_folder)
    assert (new.spec.layers[1].units, new.spec.pixel_scale, new.config) == (9, 255.0, _CONFIG)


def test_layers_of_a_ready_made_network_come_without_the_settings_of_a_run(runs_folder: Path) -> None:
    app = _click(_again(_ended(runs_folder)), "Change its layers")
    app.selectbox(key="chosen_preset").set_value("mlp").run()
    _click(app, "Change its layers")
    assert _caption(app) == "More settings: none of them is changed."
    assert next(each for each in app.number_input if each.label == "Epochs").value == 5


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_every_run_that_has_ended_offers_it(state: State, runs_folder: Path) -> None:
    assert "Again with one change" in _labels(_open(run=_ended(runs_folder, state=state).id))


@pytest.mark.parametrize("state", ["queued", "running", "paused"])
def test_a_run_that_has_not_ended_does_not_offer_it(state: State, runs_folder: Path) -> None:
    assert not any(label.startswith("Again") for label in _labels(_open(run=_ended(runs_folder, state=state).id)))


def test_a_stopped_run_does_not_promise_the_same_result(runs_folder: Path) -> None:
    assert "Start would begin the same training again" in _caption(_again(_ended(runs_folder, state="stopped")))


@pytest.mark.parametrize("chosen", ["again", "mlp"])
def test_a_run_deleted_meanwhile_leaves_the_list_with_a_message(chosen: str, runs_folder: Path) -> None:
    run = _ended(runs_folder)
    app = _again(run)
    if chosen != "again":
        app.selectbox(key="chosen_preset").set_value(chosen).run()
    run.delete()
    app.run()
    assert not app.exception
    assert "The run to train again does not exist any more. Choose a network in the list." in [
        toast.value for toast in app.toast
    ]
    assert not any(option.startswith("As in") for option in app.selectbox(key="chosen_preset").options)
    assert app.selectbox(key="chosen_preset").value == ("first" if chosen == "again" else chosen)
    assert "again" not in app.query_params
    assert not app.run().toast


@pytest.mark.parametrize("name", ["nothing", "../..", "..", "x" * 5000, "\0"])
def test_an_address_that_names_no_run_says_so(name: str) -> None:
    app = _open(again=name)
    assert "does not exist any more" in app.toast[0].value
    assert app.selectbox(key="chosen_preset").value == "first"


@pytest.mark.parametrize("name", ["spec.json", "config.json"])
def test_a_run_that_cannot_be_read_is_not_offered_and_a_link_to_it_says_so(name: str, runs_folder: Path) -> None:
    run = _ended(runs_folder)
    (run.folder / name).write_text("{")
    assert not any(label.startswith("Again") for label in _labels(_open(run=run.id)))
    assert "cannot be read by this version" in _open(again=run.id).toast[0].value


def test_settings_of_another_version_are_left_out_and_named(runs_folder: Path) -> None:
    run = _ended(runs_folder)
    _edit_file(run, "config.json", dataset="`runes`", training_images=900_000, flux_capacitor=True)
    app = _again(run)
    words = " ".join(str(warning.value) for warning in app.warning)
    assert "Its data set, `'runes'`, is unknown to this version" in words
    assert "It was trained on 900,000 images; here are 60,000." in words
    assert "begin the same training again" in _caption(app)
    _click(app, "Start")
    new = _new_run(runs_folder, run)
    assert (new.config.dataset, new.config.training_images, new.config.momentum) == ("mnist", 60_000, 0.5)


def test_a_title_is_shown_as_it_is_written(runs_folder: Path) -> None:
    run = _ended(runs_folder, dataclasses.replace(_OWN, title="**:red[loud]** `"))
    assert f"from `{run.title.replace('`', chr(39))}`" in _caption(_again(run))


def test_a_network_that_was_brought_begins_with_the_usual_settings_and_has_no_other_seed(runs_folder: Path) -> None:
    app = _open(run=brought_network(runs_folder).id)
    assert app.button(key="again-seed").disabled
    app = _click(app, "Again with one change")
    assert any("brought as a file" in warning.value for warning in app.warning)
    _click(app, "Start")
    (new,) = [run for run in list_runs(runs_folder) if not run.was_brought]
    usual = TrainingConfig()
    assert (new.config.epochs, new.config.validation) == (usual.epochs, usual.validation)


def test_digits_that_somebody_else_drew_are_left_out(runs_folder: Path) -> None:
    stranger = "c" * 12
    run = _ended(runs_folder, own_digits=stranger)
    app = _again(run)
    assert "Hand-drawn digits were mixed in" in app.warning[0].value
    assert stranger not in " ".join(str(element.value) for element in (*app.caption, *app.warning))
    _click(app, "Start")
    assert _new_run(runs_folder, run).config.own_digits == ""


def test_the_visitors_own_digits_are_mixed_in_again(runs_folder: Path, tmp_path: Path) -> None:
    keep_test_images(UserDigitSet(tmp_path / "digits" / OWNER), 3)
    run = _ended(runs_folder, own_digits=OWNER)
    app = _click(_open(run=run.id, digits=OWNER), "Again with one change")
    (tick,) = [box for box in app.checkbox if box.label.startswith("Mix in my own digits")]
    assert tick.value
    assert not app.warning
    tick.uncheck().run()
    assert _caption(app).endswith("own digits mixed in → not mixed in")


def test_another_seed_starts_the_same_training_with_the_next_unused_seed_and_shows_it(runs_folder: Path) -> None:
    run = _ended(runs_folder)
    others = [
        _ended(runs_folder, seed=5, learning_rate=0.02),
        _ended(runs_folder, seed=6, epochs=3),  # other settings
        _ended(runs_folder, DENSE, seed=6),  # another network
    ]
    (others[1].folder / "spec.json").write_text("{")  # and it cannot be read
    app = _click(_open(run=run.id), "Again with another seed")
    new = _new_run(runs_folder, run, *others)
    assert (new.spec, new.config) == (run.spec, dataclasses.replace(run.config, seed=6))
    assert app.query_params["run"] == new.id
    assert app.header[0].value == new.title
    assert "Cancel" in _labels(app)


def test_after_the_highest_seed_comes_the_lowest(runs_folder: Path) -> None:
    run = _ended(runs_folder, seed=2**31 - 1)
    _ended(runs_folder, seed=0)
    assert unused_seed(run.spec, run.config, runs_folder) == 1


def test_two_clicks_for_another_seed_start_one_training_and_a_later_click_the_next(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _ended(runs_folder)
    app = _open(run=run.id)
    # Broken off before the new run is chosen, as by the second click: that one still finds the button.
    with monkeypatch.context() as broken:
        broken.setattr(start, "select_run", lambda run: None)
        broken.setattr(start, "scroll_to", lambda container: None)
        broken.setattr(st, "rerun", lambda: None)
        _click(app, "Again with another seed")
    _click(app, "Again with another seed")
    first = _new_run(runs_folder, run)
    assert app.query_params["run"] == first.id
    app.selectbox(key="sidebar_run").set_value(run.id).run()
    _click(app, "Again with another seed")
    assert _new_run(runs_folder, run, first).config.seed == 6


def test_overlapping_clicks_for_another_seed_start_one_training(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, started = _ended(runs_folder), start._Started()
    monkeypatch.setattr(start, "state_of", lambda kind: started)
    monkeypatch.setattr(start, "select_run", lambda run: None)
    monkeypatch.setattr(start, "scroll_to", lambda container: None)
    clicks = [threading.Thread(target=start.start_with_another_seed, args=(run,)) for _ in range(3)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert _new_run(runs_folder, run).config.seed == 5


def test_another_seed_is_off_where_the_same_training_cannot_be_had(runs_folder: Path) -> None:
    app = _open(run=_ended(runs_folder, own_digits="c" * 12).id)
    (button,) = [each for each in app.button if each.label == "Again with another seed"]
    assert button.disabled
    assert "not among your own digits" in button.proto.help


def test_another_seed_says_why_it_could_not_start(runs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> Run:
        raise RunError("The run could not be written.")

    monkeypatch.setattr(runs, "start_run", full)
    app = _click(_open(run=_ended(runs_folder).id), "Again with another seed")
    assert "could not be written" in app.error[0].value
