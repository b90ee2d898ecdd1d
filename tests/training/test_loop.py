"""Trainings on real digits, in this process: what they reach, how they end, and that nothing is lost on the way."""

from __future__ import annotations

import dataclasses
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeVar

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.datasets.loading import Dataset, DatasetError, load_dataset
from model_lib.datasets.user_digits import UserDigitSet, digits_root
from model_lib.evaluation.evaluation import EvaluationError, load_evaluation
from model_lib.runs import create_run
from model_lib.storage.checkpoints import load_network, load_training_state
from model_lib.storage.events import EpochEnd, Evaluated, Event, Started, Steps, read_events
from model_lib.storage.history import History
from model_lib.storage.run import Run, RunError
from model_lib.training import loop as training
from model_lib.training.loop import train
from tests.support.copied_runs import copy_of

EventType = TypeVar("EventType", bound=Event)
_SMALL = TrainingConfig(training_images=2000, batch_size=50, epochs=2, validation="last", validation_share=0.2)
_DROPOUT = PRESETS["mlp"]  # has dropout, so that resuming must also restore the RNG


def _trained(folder: Path, **changes: Any) -> Run:
    run = create_run(_DROPOUT, dataclasses.replace(_SMALL, **changes), folder)
    train(run)
    return run


def _events(run: Run, kind: type[EventType]) -> list[EventType]:
    return [event for event in read_events(run.folder)[0] if isinstance(event, kind)]


def _outcome(run: Run) -> Evaluated:
    assert run.outcome is not None
    return run.outcome


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on 2,000 images that has come to its end."""
    return _trained(tmp_path_factory.mktemp("runs"))


def test_two_epochs_on_all_images_read_97_per_cent(tmp_path: Path) -> None:
    run = _trained(tmp_path, training_images=60_000, batch_size=32, validation="none")
    assert run.state == "finished"
    assert run.outcome is not None
    assert run.outcome.test_accuracy > 0.965


def test_a_finished_run_holds_what_every_page_reads(finished: Run) -> None:
    evaluation = load_evaluation(finished.folder)
    network = keras.models.load_model(finished.folder / "network.keras")
    test = load_dataset("mnist").test
    probabilities = network(test.images[:200].astype(np.float32) / 255, training=False).numpy()
    assert evaluation.probabilities.shape == (10_000, 10)
    np.testing.assert_allclose(evaluation.probabilities[:200], probabilities, atol=2e-3)
    assert (evaluation.labels == test.labels).all()
    outcome = _outcome(finished)
    assert outcome.test_accuracy == pytest.approx((evaluation.probabilities.argmax(1) == test.labels).mean())


def test_a_finished_run_is_tested_on_people_from_whom_it_has_not_learnt(finished: Run) -> None:
    network = keras.models.load_model(finished.folder / "network.keras")
    test = load_dataset("pen_digits").test
    answers = network.predict(test.images[..., np.newaxis] / np.float32(255), verbose=0).argmax(axis=1)
    assert _outcome(finished).other_test_accuracy == pytest.approx(accuracy_score(test.labels, answers), abs=2e-3)
    evaluation = load_evaluation(finished.folder, "pen_digits")
    np.testing.assert_array_equal(evaluation.labels, test.labels)
    np.testing.assert_array_equal(evaluation.writers, test.writers)


def test_pen_digits_are_learnt_from_twenty_people_and_tested_on_ten_and_on_mnist(tmp_path: Path) -> None:
    run = _trained(tmp_path, dataset="pen_digits", training_images=4_996, validation="none", epochs=3)
    assert load_evaluation(run.folder).labels.shape == (2_498,)
    assert load_evaluation(run.folder, "mnist").labels.shape == (10_000,)
    assert _outcome(run).test_accuracy > 0.85
    assert 0.5 < (_outcome(run).other_test_accuracy or 0) < _outcome(run).test_accuracy


def test_a_network_that_learns_from_more_people_reads_more_people(tmp_path: Path) -> None:
    small = {"validation": "none", "epochs": 3, "training_images": 13_000}
    alone, mixed = (_outcome(_trained(tmp_path, dataset=name, **small)) for name in ("mnist", "mnist_and_pen_digits"))
    assert (mixed.other_test_accuracy or 0) > (alone.other_test_accuracy or 1) + 0.02
    assert mixed.test_accuracy > 0.9


def test_a_training_ends_well_where_other_test_images_are_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_pen_digits(name: str) -> Dataset:
        if name == "pen_digits":
            raise DatasetError("damaged")
        return load_dataset(name)

    monkeypatch.setattr(training, "cached_dataset", no_pen_digits)
    run = _trained(tmp_path, epochs=1)
    assert run.state == "finished"
    assert _outcome(run).other_test_accuracy is None
    assert "not tested on pen_digits" in (run.folder / "log.txt").read_text()


def test_every_step_and_every_epoch_is_reported_once(finished: Run) -> None:
    # 2,000 images, a fifth held out, 50 a batch: 32 steps an epoch.
    losses = [loss for event in _events(finished, Steps) for loss in event.loss]
    assert len(losses) == 64
    assert [event.epoch for event in _events(finished, EpochEnd)] == [1, 2]
    history = History(finished.folder).update()
    assert history.steps_done == history.total_steps == 64


def test_the_epochs_accuracy_is_the_mean_over_its_images(finished: Run) -> None:
    shares = [share for event in _events(finished, Steps) if event.epoch == 0 for share in event.accuracy]
    assert _events(finished, EpochEnd)[0].accuracy == pytest.approx(np.mean(shares), abs=1e-3)


def test_the_validation_is_kerass_own(finished: Run) -> None:
    network = load_network(finished, 2)
    network.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    train_set = load_dataset("mnist").train
    images, labels = train_set.images[1600:2000].astype(np.float32) / 255, train_set.labels[1600:2000]
    loss, accuracy = network.evaluate(images[..., np.newaxis], labels, verbose=0)
    event = _events(finished, EpochEnd)[1]
    assert event.validation_loss == pytest.approx(loss, rel=1e-3)
    assert event.validation_accuracy == pytest.approx(accuracy)


def test_every_epochs_weights_are_kept_and_the_untrained_ones_too(finished: Run) -> None:
    assert finished.epochs_done == [0, 1, 2]
    first, last = load_network(finished, 0).get_weights()[0], load_network(finished, 2).get_weights()[0]
    assert not np.allclose(first, last)


def test_a_run_paused_in_the_middle_of_an_epoch_ends_as_if_it_had_not_been(
    finished: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "REPORT_SECONDS", 0.001)  # else these small epochs are over in one report
    run = create_run(_DROPOUT, _SMALL, tmp_path)

    def pause_in_the_second_epoch(event: Event) -> None:
        if isinstance(event, Steps) and event.epoch == 1 and not run.is_requested("pause"):
            run.pause()

    assert train(run, pause_in_the_second_epoch) == "paused"
    state = load_training_state(run.folder)
    assert state is not None
    assert state.position.epoch == 1
    assert 0 < state.position.step < 32
    run.prepare_again()
    assert train(run) == "finished"
    for whole, resumed in zip(load_network(finished, 2).get_weights(), load_network(run, 2).get_weights(), strict=True):
        np.testing.assert_allclose(resumed, whole, atol=1e-5)
    assert History(run.folder).update().steps_done == 64


def test_a_stopped_run_keeps_and_evaluates_its_network(tmp_path: Path) -> None:
    run = create_run(_DROPOUT, _SMALL, tmp_path)

    def stop_after_the_first_epoch(event: Event) -> None:
        if isinstance(event, EpochEnd):
            run.stop()

    assert train(run, stop_after_the_first_epoch) == "stopped"
    assert run.outcome is not None
    assert run.outcome.epochs == 1
    assert run.outcome.test_accuracy > 0.5
    assert (run.folder / "network.keras").exists()
    assert load_evaluation(run.folder).accuracy == run.outcome.test_accuracy

    def is_cut_off(event: Event) -> None:
        if isinstance(event, EpochEnd):
            raise KeyboardInterrupt

    run.prepare_again()
    with pytest.raises(KeyboardInterrupt):
        train(run, is_cut_off)
    # Of another network than the one whose weights it has now.
    assert not (run.folder / "network.keras").exists()
    with pytest.raises(EvaluationError):
        load_evaluation(run.folder)


def test_training_ends_when_the_target_accuracy_is_exceeded_with_that_reason(tmp_path: Path) -> None:
    run = _trained(tmp_path, epochs=10, target_accuracy=0.6)
    outcome = _outcome(run)
    assert outcome.epochs < 10
    assert "exceeds the wanted 60.00 %" in outcome.why


def test_training_ends_when_patience_ends(tmp_path: Path) -> None:
    # So large a rate switches all units off for good: the loss stays where it is.
    run = _trained(tmp_path, optimizer="sgd", learning_rate=100.0, momentum=0.0, epochs=12, patience=2)
    assert run.state == "finished"
    losses = [event.validation_loss for event in _events(run, EpochEnd)]
    assert len(losses) < 12
    assert min(losses[-2:]) >= min(losses[:-2])
    assert "has not improved for 2 epochs" in _outcome(run).why


def test_training_ends_at_the_time_limit(tmp_path: Path) -> None:
    run = _trained(tmp_path, training_images=60_000, epochs=50, time_limit_seconds=1.0)
    outcome = _outcome(run)
    assert "time limit of 1 seconds" in outcome.why
    assert outcome.epochs < 50


def test_a_loss_that_is_no_number_ends_the_run_and_is_explained(tmp_path: Path) -> None:
    linear = LayerSpec("Dense", units=64, activation="linear")  # without ReLU nothing keeps the numbers from growing
    spec = NetworkSpec("linear", (LayerSpec("Flatten"), linear, linear))
    config = dataclasses.replace(_SMALL, optimizer="sgd", learning_rate=100.0, momentum=0.9, epochs=20)
    run = create_run(spec, config, tmp_path)
    assert train(run) == "failed"
    assert run.state == "failed"
    assert "no longer a number" in (run.error or "")
    assert "smaller learning rate than 100" in (run.error or "")


def test_a_run_whose_worker_died_is_not_trained_again_without_resume(tmp_path: Path) -> None:
    run = create_run(_DROPOUT, _SMALL, tmp_path)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    run.set_state("running")
    record = (run.folder / "state.json").read_text()
    (run.folder / "state.json").write_text(record.replace(str(os.getpid()), str(dead.pid)))
    assert train(run) == "interrupted"
    assert not _events(run, Started)


def test_a_full_disk_is_reported_and_leaves_other_runs_intact(finished: Run, tmp_path: Path) -> None:
    def no_file_above_200_kb() -> None:
        # The system itself refuses to write, as a full disk does.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    command = [sys.executable, "-m", "model_lib.train", "--runs", str(tmp_path), "--training-images", "500"]
    ended = subprocess.run(command, preexec_fn=no_file_above_200_kb, capture_output=True, text=True, timeout=100)
    assert ended.returncode == 1
    assert "could not be written: File too large" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert finished.state == "finished"


def test_more_training_images_than_there_are_fail_the_run_with_their_number(tmp_path: Path) -> None:
    run = create_run(_DROPOUT, _SMALL, tmp_path)
    # As older versions of the app have accepted it.
    file = run.folder / "config.json"
    file.write_text(file.read_text().replace('"training_images": 2000', '"training_images": 70000'))
    assert train(run) == "failed"
    assert "60,000" in (run.error or "")


def test_a_visitors_own_digits_join_the_training_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITS_FOLDER", str(tmp_path / "digits"))
    collection = UserDigitSet(digits_root() / "0123456789ab")
    test = load_dataset("mnist").test
    for index in range(10):
        collection.add(test.images[index], int(test.labels[index]))
    run = _trained(tmp_path / "runs", own_digits="0123456789ab")
    # 1,600 images of MNIST and ten own ones eighteen times each: a tenth of the whole
    assert _events(run, Started)[0].images == 1600 + 180


def test_a_name_that_leads_out_of_the_folder_of_own_digits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="own_digits"):
        _trained(tmp_path, own_digits="../../etc")


_DEEP_LINEAR = NetworkSpec(
    "deep_linear",
    (LayerSpec("Flatten"), *(LayerSpec("Dense", units=64, activation="linear") for _ in range(12))),
)


@pytest.mark.parametrize("validation", ["none", "last"])
def test_a_network_whose_answers_are_not_numbers_has_failed_and_diverged(tmp_path: Path, validation: str) -> None:
    config = dataclasses.replace(_SMALL, epochs=1, validation=validation, optimizer="adam", learning_rate=100.0)
    run = create_run(_DEEP_LINEAR, config, tmp_path)
    assert train(run) == "failed"
    assert "The training diverged" in (run.error or "")
    assert "smaller learning rate than 100" in (run.error or "")
    assert not (run.folder / "evaluation.npz").exists()
    assert not run.can_resume


def test_answers_of_infinite_weights_fail_the_run_though_its_loss_is_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_a_number(network: keras.Model, images: np.ndarray, batch: int = 500) -> np.ndarray:
        answers = np.full((len(images), 10), 0.1, np.float32)
        answers[3] = np.nan
        return answers

    monkeypatch.setattr(training, "probabilities", not_a_number)
    run = _trained(tmp_path, validation="none", epochs=1)
    assert run.state == "failed"
    assert "answers to 1 of 10,000 images are no longer numbers" in (run.error or "")


def test_a_training_no_better_than_a_constant_prediction_gets_advice(tmp_path: Path) -> None:
    run = _trained(tmp_path, optimizer="sgd", learning_rate=100.0, epochs=1)
    if run.state == "finished":  # whether the loss overflows is a matter of chance
        outcome = _outcome(run)
        assert outcome.test_accuracy < 0.12
        assert "diverged" in outcome.advice
        assert "learning rate than 100" in outcome.advice
    else:
        assert "diverged" in (run.error or "")


def test_a_training_better_than_a_constant_prediction_gets_no_advice(finished: Run) -> None:
    assert _outcome(finished).advice is None


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose process is gone after one whole epoch. To copy, not to change."""
    run = create_run(_DROPOUT, _SMALL, tmp_path_factory.mktemp("runs"))

    def die(event: Event) -> None:
        if isinstance(event, Steps) and event.epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(run, die)
    run.set_state("interrupted")
    return run


def _without(name: str, file: Path) -> None:
    with np.load(file) as arrays:
        kept = {key: arrays[key] for key in arrays.files if key != name}
    np.savez(file, **kept)


def _of_another_network(file: Path) -> None:
    with np.load(file) as arrays:
        changed = {key: np.zeros((7, 7)) if key.startswith("weight_") else arrays[key] for key in arrays.files}
    np.savez(file, **changed)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:1000]),
        lambda file: file.write_bytes(b"no archive" * 100),
        lambda file: _without("weight_1", file),
        lambda file: _without("state_mean_0", file),
        lambda file: _without("state_steps_done", file),
        lambda file: _without("epoch", file),
        lambda file: _of_another_network(file),
    ],
    ids=["gone", "empty", "cut", "no archive", "no weight", "no mean", "no steps", "no epoch", "another network"],
)
def test_a_run_resumes_from_its_newest_intact_checkpoint_if_its_training_state_is_damaged(
    interrupted: Run, tmp_path: Path, damage: Any
) -> None:
    run = copy_of(interrupted, tmp_path)
    with np.load(run.folder / "checkpoints" / "epoch-001.npz") as arrays:
        weights = [arrays[f"weight_{place}"] for place in range(len(arrays.files))]
    damage(run.folder / "progress.npz")
    for ours, whole in zip(load_network(run).get_weights(), weights, strict=True):
        np.testing.assert_array_equal(ours, whole)
    run.prepare_again()
    assert train(run) == "finished"
    assert _events(run, Started)[-1].epoch == 1
    assert run.epochs_done == [0, 1, 2]
    assert _outcome(run).test_accuracy > 0.5


def test_a_run_without_any_whole_checkpoint_begins_anew(interrupted: Run, tmp_path: Path) -> None:
    run = copy_of(interrupted, tmp_path)
    (run.folder / "progress.npz").write_bytes(b"damaged")
    for file in (run.folder / "checkpoints").glob("*.npz"):
        file.write_bytes(b"damaged")
    run.prepare_again()
    assert train(run) == "finished"
    assert _events(run, Started)[-1].epoch == 0


def test_training_continues_after_its_checkpoints_are_deleted(tmp_path: Path) -> None:
    run = create_run(_DROPOUT, _SMALL, tmp_path)

    def delete(event: Event) -> None:
        if isinstance(event, Steps):
            shutil.rmtree(run.folder / "checkpoints", ignore_errors=True)

    assert train(run, delete) == "finished"
    assert run.epochs_done == [2]


def test_a_run_that_failed_on_a_full_disk_is_resumed_once_there_is_room(tmp_path: Path, monkeypatch: Any) -> None:
    run = create_run(_DROPOUT, dataclasses.replace(_SMALL, epochs=4), tmp_path)
    save = training.save_checkpoint

    def full(folder: Path, epoch: int, weights: Any) -> None:
        if epoch == 3:
            raise OSError(28, "No space left on device")
        save(folder, epoch, weights)

    with monkeypatch.context() as patched:
        patched.setattr(training, "save_checkpoint", full)
        assert train(run) == "failed"
    assert "No space left" in (run.error or "")
    assert run.can_resume
    run.prepare_again()
    assert train(run) == "finished"
    assert run.error is None
    assert run.epochs_done == [0, 1, 2, 3, 4]
    assert _events(run, Started)[-1].epoch == 2


def test_a_run_that_failed_before_its_first_checkpoint_is_not_resumed(tmp_path: Path) -> None:
    run = create_run(_DROPOUT, _SMALL, tmp_path)
    run.fail("no memory")
    assert not run.can_resume
    with pytest.raises(RunError, match="after its first epoch"):
        run.prepare_again()
