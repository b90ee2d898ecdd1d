"""Running a network on the test set."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import TEST_WRITERS, Dataset, Split, load_dataset
from model_lib.evaluation import evaluate
from model_lib.evaluation.evaluate import evaluate_network, evaluate_run
from model_lib.evaluation.evaluation import EVALUATION_FILE, load_evaluation
from model_lib.networks import build_network
from model_lib.predictions import PRETRAINED_FOLDER, load_pretrained_keras, pretrained_writers
from model_lib.runs import create_run
from model_lib.storage.checkpoints import save_checkpoint
from model_lib.storage.run import RunError

_MNIST = load_dataset("mnist")
_FEW = Dataset(
    "mnist",
    _MNIST.title,
    _MNIST.class_names,
    Split(_MNIST.train.images[:1500], _MNIST.train.labels[:1500]),
    Split(_MNIST.test.images[:60], _MNIST.test.labels[:60]),
)


def test_an_evaluation_is_what_keras_predicts() -> None:
    network = build_network(PRESETS["cnn_3x3"], seed=1)
    evaluation = evaluate_network(network, _FEW)
    expected = network.predict(_FEW.test.images.astype(np.float32)[..., np.newaxis] / 255, verbose=0)
    np.testing.assert_allclose(evaluation.probabilities, expected, atol=1e-5)
    np.testing.assert_array_equal(evaluation.labels, _FEW.test.labels)


def test_the_bundled_evaluation_is_of_the_bundled_network() -> None:
    evaluation = load_evaluation(PRETRAINED_FOLDER)
    expected = load_pretrained_keras().predict(_MNIST.test.images[:500, ..., np.newaxis] / np.float32(255), verbose=0)
    np.testing.assert_allclose(
        evaluation.probabilities[:500], expected, atol=1e-4, err_msg="run `python -m model_lib.pretrained evaluate`"
    )
    np.testing.assert_array_equal(evaluation.labels, _MNIST.test.labels)


def test_the_bundled_evaluation_on_other_peoples_digits_is_of_the_bundled_network() -> None:
    evaluation, test = load_evaluation(PRETRAINED_FOLDER, "pen_digits"), load_dataset("pen_digits").test
    expected = load_pretrained_keras().predict(test.images[:500, ..., np.newaxis] / np.float32(255), verbose=0)
    np.testing.assert_allclose(
        evaluation.probabilities[:500], expected, atol=1e-4, err_msg="run `python -m model_lib.pretrained evaluate`"
    )
    np.testing.assert_array_equal(evaluation.labels, test.labels)
    np.testing.assert_array_equal(evaluation.writers, test.writers)


def test_the_bundled_network_has_learnt_from_no_test_writer() -> None:
    assert pretrained_writers().isdisjoint(TEST_WRITERS)


def test_a_run_of_an_older_version_is_tested_on_other_people_and_that_is_kept(tmp_path: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), tmp_path)
    network = build_network(PRESETS["mlp"], seed=4)
    save_checkpoint(run.folder, 1, network.get_weights())
    run.set_state("finished")
    evaluation, test = evaluate_run(run, other="pen_digits"), load_dataset("pen_digits").test
    answers = network.predict(test.images[..., np.newaxis] / np.float32(255), verbose=0).argmax(axis=1)
    assert evaluation.accuracy == pytest.approx(accuracy_score(test.labels, answers), abs=1e-3)
    np.testing.assert_array_equal(load_evaluation(run.folder, "pen_digits").probabilities, evaluation.probabilities)
    assert not (run.folder / EVALUATION_FILE).exists()


def test_mnist_and_pen_digits_are_tested_on_mnist() -> None:
    assert (
        evaluate_network(build_network(PRESETS["mlp"]), dataclasses.replace(_FEW, name="mnist_and_pen_digits")).dataset
        == "mnist"
    )


def test_a_damaged_evaluation_of_an_ended_run_is_rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "load_dataset", lambda name: _FEW)
    run = create_run(PRESETS["mlp"], TrainingConfig(), tmp_path)
    network = build_network(PRESETS["mlp"], seed=4)
    save_checkpoint(run.folder, 1, network.get_weights())
    (run.folder / EVALUATION_FILE).write_bytes(b"no zip")
    run.set_state("finished")
    evaluation = evaluate_run(run)
    np.testing.assert_array_equal(load_evaluation(run.folder).probabilities, evaluation.probabilities)
    np.testing.assert_allclose(evaluation.probabilities, evaluate_network(network, _FEW).probabilities, atol=1e-6)


def test_a_checkpoint_of_a_run_under_way_is_evaluated_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "load_dataset", lambda name: _FEW)
    run = create_run(PRESETS["mlp"], TrainingConfig(), tmp_path)
    networks = [build_network(PRESETS["mlp"], seed=seed) for seed in (1, 2)]
    for epoch, network in enumerate(networks, start=1):
        save_checkpoint(run.folder, epoch, network.get_weights())
    run.set_state("running")
    answers = evaluate_run(run, 1).probabilities
    np.testing.assert_allclose(answers, evaluate_network(networks[0], _FEW).probabilities, atol=1e-6)
    assert not (run.folder / EVALUATION_FILE).exists()


def test_a_run_without_weights_says_so(tmp_path: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), tmp_path)
    with pytest.raises(RunError, match="first epoch"):
        evaluate_run(run)
