"""Measurements in a training: they leave it as it is, survive its interruption, and say where it diverged."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.diagnostics import schedule
from model_lib.diagnostics.log import read_statistics
from model_lib.diagnostics.statistics import PROBABILITIES
from model_lib.runs import create_run
from model_lib.storage.checkpoints import load_checkpoint
from model_lib.storage.events import Event, Steps
from model_lib.storage.run import Run
from model_lib.training import loop as training
from model_lib.training.loop import train

_SMALL = TrainingConfig(training_images=2000, batch_size=50, epochs=2, validation="none")
_LINEAR = NetworkSpec(
    "linear", (LayerSpec("Flatten"), *(LayerSpec("Dense", units=64, activation="linear") for _ in range(2)))
)


@pytest.fixture(autouse=True)
def _many_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets these short trainings have time for measurements, and places for them."""
    monkeypatch.setattr(schedule, "TIME_SHARE", 1e9)
    monkeypatch.setattr(training, "REPORT_SECONDS", 0.001)


def _weights(run: Run, epoch: int) -> list[np.ndarray]:
    weights = load_checkpoint(run.folder, epoch)
    assert weights is not None
    return weights


def _steps(run: Run) -> list[int]:
    return [each.step for each in read_statistics(run.folder)]


def test_a_training_is_the_same_bit_for_bit_whether_it_is_measured_or_not(tmp_path: Path) -> None:
    measured, plain = (create_run(PRESETS["mlp"], _SMALL, tmp_path) for _ in range(2))
    assert train(measured) == train(plain, measures_layers=False) == "finished"
    assert len(_steps(measured)) > 5
    assert _steps(plain) == []
    for ours, without in zip(_weights(measured, 2), _weights(plain, 2), strict=True):
        np.testing.assert_array_equal(ours, without)


def test_the_log_begins_with_the_untrained_network_and_ends_with_the_trained_one(tmp_path: Path) -> None:
    run = create_run(PRESETS["mlp"], _SMALL, tmp_path)
    train(run)
    measured = read_statistics(run.folder)
    assert measured[0].step == 0
    assert measured[-1].step == 80  # 2,000 images, 50 a batch, twice
    assert _steps(run) == sorted(set(_steps(run)))
    for each, epoch in ((measured[0], 0), (measured[-1], 2)):
        bias = _weights(run, epoch)[1]
        np.testing.assert_allclose(each.layers[0].biases, np.quantile(bias, PROBABILITIES), rtol=1e-3, atol=1e-6)


def test_the_fixed_batch_is_of_the_training_images(tmp_path: Path) -> None:
    run = create_run(PRESETS["mlp"], dataclasses.replace(_SMALL, training_images=100, batch_size=20), tmp_path)
    train(run)
    measured = read_statistics(run.folder)
    assert {each.images for each in measured} == {100}
    weights = [np.asarray(each, np.float64) for each in _weights(run, 2)]
    train_set = load_dataset("mnist").train
    hidden = np.maximum(train_set.images[:100].reshape(100, -1) / 255 @ weights[0] + weights[1], 0)
    assert measured[-1].layers[0].dead == np.count_nonzero(hidden.max(axis=0) == 0)


def test_a_killed_training_that_resumes_has_no_step_twice(tmp_path: Path) -> None:
    run = create_run(PRESETS["mlp"], _SMALL, tmp_path)

    def die(event: Event) -> None:
        if isinstance(event, Steps) and event.epoch == 1 and event.step > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(run, die)
    run.set_state("interrupted")
    before = _steps(run)
    assert max(before) > 60
    run.prepare_again()
    assert train(run) == "finished"
    after = _steps(run)
    assert after == sorted(set(after))
    assert [step for step in before if step < 40] == [step for step in after if step < 40]
    assert after[-1] == 80


@pytest.mark.parametrize("rate", [1.0, 100.0])
def test_a_training_that_diverged_says_at_which_step_and_in_which_layer(tmp_path: Path, rate: float) -> None:
    config = dataclasses.replace(_SMALL, optimizer="sgd", learning_rate=rate)
    run = create_run(_LINEAR, config, tmp_path)
    assert train(run) == "failed"
    error = run.error or ""
    assert run.has_diverged
    assert "The gradient exploded after " in error
    assert "most of all in " in error
    assert "smaller learning rate" in error
    measured = read_statistics(run.folder)
    # Each of the last steps is there, up to the one whose loss is no number, and the gradient grows.
    assert _steps(run) == list(range(len(measured)))
    assert measured[-1].loss is None
    norms = [each.gradient_norm or 0.0 for each in measured[:-1]]
    assert norms[-1] > 1000 * norms[0]


def test_a_training_that_diverges_within_the_usual_time_share_says_so_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    run = create_run(_LINEAR, dataclasses.replace(_SMALL, optimizer="sgd", learning_rate=1.0), tmp_path)
    assert train(run) == "failed"
    assert "The gradient exploded after " in (run.error or "")


def test_a_training_whose_predictions_are_not_numbers_measures_its_last_steps(tmp_path: Path) -> None:
    deep = NetworkSpec("deep", (LayerSpec("Flatten"), *(LayerSpec("Dense", activation="linear"),) * 12))
    config = dataclasses.replace(_SMALL, epochs=1, batch_size=2000, learning_rate=100.0)
    run = create_run(deep, config, tmp_path)  # one step, whose own loss is a number
    assert train(run) == "failed"
    assert "answers to" in (run.error or "")
    assert _steps(run) == [0, 1]
