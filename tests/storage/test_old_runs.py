"""Run folders of November 2026, written before they had a format number, open with today's code."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from model_lib.config.fine_tuning import fine_tuning_config
from model_lib.datasets.loading import load_dataset
from model_lib.evaluation.evaluation import load_evaluation
from model_lib.runs import create_run, list_runs, start_from
from model_lib.storage.checkpoints import load_network
from model_lib.storage.history import History
from model_lib.storage.run import Run
from model_lib.training.loop import train

_FOLDER = Path(__file__).parent.parent / "data" / "runs_of_2026_11"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A copy of the folder of runs: today's code may write into it."""
    return Path(shutil.copytree(_FOLDER, tmp_path / "runs"))


@pytest.fixture
def paused(runs: Path) -> Run:
    return list_runs(runs)[0]


@pytest.fixture
def finished(runs: Path) -> Run:
    return list_runs(runs)[1]


def test_old_runs_have_their_titles_states_networks_and_settings(paused: Run, finished: Run) -> None:
    assert finished.title == "Small dense network · 13:51 · 7c79"
    assert (finished.state, paused.state) == ("finished", "paused")
    assert [(layer.kind, layer.units) for layer in finished.spec.layers if layer.kind == "Dense"] == [("Dense", 8)]
    assert (finished.config.epochs, paused.config.epochs) == (2, 3)
    assert finished.config.learning_rate == 0.01
    assert finished.epochs_done == [0, 1, 2]
    assert paused.can_resume


def test_the_curves_of_an_old_run_are_those_in_its_file(finished: Run) -> None:
    history = History(finished.folder).update()
    assert history.steps_done == history.total_steps == 64
    steps, losses = history.curve("loss")
    assert steps.tolist() == list(range(1, 65))
    assert losses[[0, -1]].tolist() == [2.30411, 0.3928]
    assert history.curve("accuracy")[1][[0, -1]].tolist() == [0.1, 0.86]
    assert history.epoch_curve("accuracy")[1].tolist() == [0.47375, 0.7375]
    assert history.epoch_curve("validation_accuracy")[1].tolist() == [0.615, 0.8375]
    assert history.seconds == 0.888


def test_the_evaluation_and_the_weights_of_an_old_run_are_those_of_its_network(finished: Run) -> None:
    evaluation = load_evaluation(finished.folder)
    assert evaluation.accuracy == 0.789
    saved = keras.models.load_model(finished.folder / "network.keras")
    for loaded, weight in zip(load_network(finished).get_weights(), saved.get_weights(), strict=True):
        np.testing.assert_array_equal(loaded, weight)
    images = load_dataset("mnist").test.images[:200, :, :, np.newaxis].astype(np.float32) / 255
    np.testing.assert_allclose(evaluation.probabilities[:200], saved.predict(images, verbose=0), atol=2e-3)


def test_a_run_paused_by_an_old_version_resumes_in_the_middle_of_its_epoch(paused: Run) -> None:
    assert History(paused.folder).update().steps_done == 46
    paused.prepare_again()
    assert train(paused) == "finished"
    history = History(paused.folder).update()
    # 14 steps of the second epoch had been made; the curves go on behind them.
    assert history.steps_done == history.total_steps == 96
    assert paused.epochs_done == [0, 1, 2, 3]
    assert load_evaluation(paused.folder).accuracy > 0.789


def test_an_old_run_can_be_trained_on(finished: Run) -> None:
    config = dataclasses.replace(fine_tuning_config(finished.config), epochs=1)
    child = create_run(finished.spec, config, finished.folder.parent, start_from(finished))
    assert train(child) == "finished"
    np.testing.assert_array_equal(load_network(child, 0).get_weights()[0], load_network(finished, 2).get_weights()[0])
    measures = History(child.folder).update().measures
    assert measures["mnist"]["before"].accuracy == pytest.approx(0.789, abs=0.001)
    assert History(finished.folder).update().measures == {}
