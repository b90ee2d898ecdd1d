"""A run is trained on: the form names it, Start goes on from its weights, the result says what was gained and lost."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.training import SETTINGS, TrainingConfig
from model_lib.datasets.user_digits import UserDigitSet
from model_lib.predictions import load_pretrained
from model_lib.runs import create_run, list_runs, start_from
from model_lib.storage.checkpoints import load_checkpoint, save_checkpoint
from model_lib.storage.events import EpochEnd, Evaluated, Measured, Started, State, append_event
from model_lib.storage.lineage import ancestors_of, load_start
from model_lib.storage.run import Run
from tests.pages.test_my_digits import OWNER, keep_test_images
from tests.support.sample_networks import DENSE, network_with_random_weights
from tests.support.train_page import click, open_train

pytestmark = pytest.mark.usefixtures("no_workers")

_CONFIG = TrainingConfig(schedule="one_cycle", learning_rate=0.02, training_images=2000, epochs=2, target_accuracy=0.9)
_REPLAY = SETTINGS["replay"].label


def _ended(root: Path, state: State = "finished", losses: tuple[float, ...] = (0.5, 0.4), **settings: Any) -> Run:
    """Writes a run with a checkpoint of each epoch."""
    run = create_run(DENSE, dataclasses.replace(_CONFIG, **settings), root)
    append_event(run.folder, Started(steps_per_epoch=50, epochs=2, images=1600, parameters=1, epoch=0, step=0))
    for epoch in range(len(losses) + 1):
        save_checkpoint(run.folder, epoch, network_with_random_weights(DENSE, epoch).get_weights())
    for epoch, loss in enumerate(losses, 1):
        scores = {"loss": loss, "accuracy": 0.8, "validation_loss": loss, "validation_accuracy": 0.8}
        append_event(run.folder, EpochEnd(epoch=epoch, seconds=1.0, **scores))
    run.set_state(state)
    return run


def _choose(app: AppTest, label: str, value: Any) -> AppTest:
    next(each for each in app.selectbox if each.label == label).set_value(value).run()
    assert not app.exception
    return app


def _texts(app: AppTest) -> str:
    elements = (*app.markdown, *app.caption, *app.warning, *app.error, *app.info, *app.table)
    return "\n".join(str(element.value) for element in elements)


def _changes(app: AppTest) -> Any:
    """Returns the table of accuracies before and after."""
    (table,) = [each.value for each in app.table if "after" in each.value]
    return table


def _new_run(root: Path, *known: Run) -> Run:
    (new,) = set(list_runs(root)) - set(known)
    return new


def test_the_form_names_the_run_and_start_goes_on_from_its_last_weights(runs_folder: Path) -> None:
    run = _ended(runs_folder)
    app = click(open_train(run=run.id), "Train on")
    assert f"**Train on from {run.title}.**" in _texts(app)
    assert "Weights after the last epoch, 2, which has the lowest validation loss." in _texts(app)
    assert "Changed from" in _texts(app) and "Learning rate 0.02 → 0.002" in _texts(app)
    assert "They cannot be changed here: the trained weights belong to them." in _texts(app)
    assert "Change its layers" not in [button.label for button in app.button]
    assert app.query_params["train_on"] == run.id
    click(app, "Start")
    new = _new_run(runs_folder, run)
    wanted = dataclasses.replace(_CONFIG, learning_rate=0.002, schedule="constant", target_accuracy=None)
    assert (new.spec, new.config) == (run.spec, wanted)
    assert [(each.id, each.epochs) for each in ancestors_of(new)] == [(run.id, 2)]
    for weight, last in zip(load_start(new.folder) or (), load_checkpoint(run.folder, 2) or (), strict=True):
        np.testing.assert_array_equal(weight, last)
    assert app.query_params["run"] == new.id


def test_the_weights_can_be_those_of_the_lowest_validation_loss(runs_folder: Path) -> None:
    run = _ended(runs_folder, losses=(0.4, 0.5))
    app = click(open_train(run=run.id), "Train on")
    weights = next(each for each in app.selectbox if each.label == "Weights after")
    assert weights.options == ["the last epoch, 2", "epoch 1, which has the lowest validation loss"]
    click(_choose(app, "Weights after", 1), "Start")
    assert [each.epochs for each in ancestors_of(_new_run(runs_folder, run))] == [1]


def test_a_link_opens_the_form_and_another_network_leaves_it(runs_folder: Path) -> None:
    run = _ended(runs_folder)
    app = open_train(train_on=run.id)
    assert f"**Train on from {run.title}.**" in _texts(app)
    app.selectbox(key="chosen_preset").set_value("mlp").run()
    assert "Train on from" not in _texts(app)
    assert "train_on" not in app.query_params
    run.delete()
    app.run()
    assert "The run to train on does not exist any more." in app.toast[0].value


def test_a_run_trained_on_can_be_had_again_with_one_change_and_with_another_seed(runs_folder: Path) -> None:
    parent = _ended(runs_folder)
    child = create_run(DENSE, _CONFIG, runs_folder, start_from(parent))
    child.set_state("finished")
    title = parent.title
    parent.delete()
    app = click(open_train(run=child.id), "Again with one change")
    assert f"from the same trained weights: those of {title}." in _texts(app)
    assert "Change its layers" not in [button.label for button in app.button]
    click(app, "Start")
    again = _new_run(runs_folder, child)
    seed = _new_run(runs_folder, child, again) if click(open_train(run=child.id), "Again with another seed") else child
    for new in (again, seed):
        assert ancestors_of(new) == ancestors_of(child)
        for weight, first in zip(load_start(new.folder) or (), load_start(child.folder) or (), strict=True):
            np.testing.assert_array_equal(weight, first)
    assert (again.config, seed.config.seed) == (child.config, 2)


def test_two_clicks_on_start_make_one_run_and_another_epoch_another_one(runs_folder: Path) -> None:
    run = _ended(runs_folder, losses=(0.4, 0.5))
    app = click(click(click(open_train(run=run.id), "Train on"), "Start"), "Start")
    first = _new_run(runs_folder, run)
    click(_choose(app, "Weights after", 1), "Start")
    assert ancestors_of(_new_run(runs_folder, run, first))[0].epochs == 1


def test_a_run_without_a_whole_epoch_cannot_be_trained_on_and_says_why(runs_folder: Path) -> None:
    app = open_train(run=_ended(runs_folder, "stopped", losses=()).id)
    (button,) = [each for each in app.button if each.label == "Train on"]
    assert button.disabled
    assert "before its first whole epoch" in button.proto.help


def test_a_run_that_diverged_offers_to_go_on_from_its_last_whole_epoch(runs_folder: Path) -> None:
    run = _ended(runs_folder)
    run.fail("The training diverged.", "diverged")
    app = open_train(run=run.id)
    assert "Train on, below, goes on from the last one with a tenth of the learning rate." in _texts(app)
    click(click(app, "Train on"), "Start")
    assert _new_run(runs_folder, run).config.learning_rate == 0.002


def test_the_ready_made_network_can_be_trained_on(runs_folder: Path) -> None:
    app = click(open_train(run="pretrained"), "Train on from the ready-made network")
    assert "**Train on from Ready-made network (pretrained).**" in _texts(app)
    click(app, "Start")
    new = _new_run(runs_folder)
    assert (new.spec.name, new.config.dataset) == ("bundled", "mnist_and_pen_digits")
    for weight, first in zip(load_start(new.folder) or (), load_pretrained().weights, strict=True):
        np.testing.assert_array_equal(weight, first)
    button = next(each for each in app.button if each.label == "Ready-made network (pretrained)")
    button.click().run()
    assert app.query_params["run"] == "pretrained"


@pytest.mark.parametrize("count", [0, 19, 24])
def test_own_digits_need_to_be_enough_and_the_page_says_where_to_draw_them(
    count: int, runs_folder: Path, tmp_path: Path
) -> None:
    keep_test_images(UserDigitSet(tmp_path / "digits" / OWNER), count)
    run = _ended(runs_folder)
    app = click(open_train(run=run.id, digits=OWNER), "Train on")
    if not count:
        assert "needs at least 20 of them, better some of each of 0 to 9. There are 0." in _texts(app)
        assert "Draw digits" in [link.proto.label for link in app.get("page_link")]
        return
    next(box for box in app.checkbox if box.label.startswith("Mix in my own digits")).check().run()
    assert not app.error
    _choose(app, _REPLAY, "none")
    start = next(each for each in app.button if each.label == "Start")
    if count < 20:
        assert "at least 20" in app.error[0].value and "There are 19." in app.error[0].value
        assert {"Draw digits", "My digits"} <= {link.proto.label for link in app.get("page_link")}
        assert start.disabled
        assert not _choose(app, _REPLAY, "all").error
        return
    assert not app.error
    assert "are held out to test it." in _texts(app)
    click(app, "Start")
    config = _new_run(runs_folder, run).config
    assert (config.own_digits, config.replay) == (OWNER, "none")


def _measured(run: Run, on: str, before: float, after: float, images: int = 10_000) -> None:
    for stage, accuracy in (("before", before), ("after", after)):
        append_event(run.folder, Measured(stage=stage, on=on, images=images, accuracy=accuracy, loss=1.0))


def _child(parent: Run, **settings: Any) -> Run:
    run = create_run(DENSE, dataclasses.replace(_CONFIG, **settings), parent.folder.parent, start_from(parent))
    append_event(run.folder, Started(steps_per_epoch=50, epochs=2, images=1600, parameters=1, epoch=0, step=0))
    append_event(run.folder, Evaluated(test_loss=1.0, test_accuracy=0.9, seconds=1.0, epochs=2))
    run.set_state("finished")
    return run


def test_the_result_has_both_accuracies_and_names_catastrophic_forgetting(runs_folder: Path) -> None:
    parent = _ended(runs_folder)
    child = _child(parent, dataset="pen_digits")
    _measured(child, "pen_digits", 0.8, 0.95, 2_498)
    _measured(child, "mnist", 0.97, 0.9)
    app = open_train(run=child.id)
    table = _changes(app)
    assert table["before"].tolist() == ["80.00 %", "97.00 %"]
    assert table["after"].tolist() == ["95.00 %", "90.00 %"]
    assert table["change"].tolist() == ["+15.00 points", "-7.00 points"]
    assert table["accuracy on"].tolist() == [
        "**Other people's digits** (2,498), trained on such images now only",
        "**MNIST's test images** (10,000), trained on such images before only",
    ]
    (warning,) = app.warning
    assert "97.00 % before, 90.00 % now" in warning.value and "catastrophic forgetting" in warning.value


def test_a_change_within_chance_is_not_called_forgetting(runs_folder: Path) -> None:
    child = _child(_ended(runs_folder), dataset="pen_digits")
    _measured(child, "mnist", 0.97, 0.968)  # the interval of 97 % of 10,000 is 96.65 to 97.32 %
    assert not open_train(run=child.id).warning


@pytest.mark.parametrize(
    ("on", "has_seen", "words"),
    [
        ("own_digits", False, "which no training here has seen"),
        ("own_digits", True, "they are not new to this network"),
        ("own_digits_trained", False, "says nothing about new ones"),
    ],
)
def test_it_is_said_whether_own_digits_are_new_to_the_network(
    on: str, has_seen: bool, words: str, runs_folder: Path
) -> None:
    parent = _ended(runs_folder, own_digits=OWNER if has_seen else "")
    child = _child(parent, own_digits=OWNER, replay="none")
    _measured(child, on, 0.5, 0.75, 12)
    app = open_train(run=child.id)
    assert words in _texts(app)
    assert _changes(app)["after"].tolist() == ["75.00 % (9 of 12)"]


def test_a_run_names_all_before_it_and_leads_to_those_that_are_left(runs_folder: Path) -> None:
    first = _ended(runs_folder)
    second = _child(first)
    save_checkpoint(second.folder, 1, network_with_random_weights(DENSE, 5).get_weights())
    third, title = _child(second), first.title
    first.delete()
    app = open_train(run=third.id)
    assert f"and that from {title}, after 2 epochs (deleted since)" in _texts(app)
    click(app, f"{second.title}, after 1 epoch")
    assert app.query_params["run"] == second.id


def test_damaged_parents_leave_the_page_whole(runs_folder: Path) -> None:
    child = _child(_ended(runs_folder))
    file = child.folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"parents": "nobody"}))
    (child.folder / "earlier.npz").write_bytes(b"no archive")
    assert not open_train(run=child.id).exception
