"""Nearest training images by the last hidden layer, against Keras and scikit-learn; and evaluations made anew."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import Dataset, Split, load_dataset
from model_lib.evaluation import evaluate as fresh_evaluation
from model_lib.evaluation.evaluate import evaluate_network, evaluate_run
from model_lib.evaluation.evaluation import EVALUATION_FILE, load_evaluation
from model_lib.interpretability import nearest_neighbors as neighbours
from model_lib.interpretability.nearest_neighbors import hidden_layer
from model_lib.networks import build_network
from model_lib.predictions import PRETRAINED_FOLDER, load_pretrained_keras
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
_WIDE = NetworkSpec("wide", (LayerSpec("Conv2D", filters=4), LayerSpec("Flatten")))


def _hidden(network: keras.Model, images: np.ndarray) -> np.ndarray:
    inner = keras.Model(network.inputs, network.layers[-2].output)
    return inner.predict(images.astype(np.float32)[..., np.newaxis] / 255, verbose=0).reshape(len(images), -1)


def test_the_nearest_images_are_those_that_scikit_learn_finds() -> None:
    network = build_network(PRESETS["mlp"], seed=1)
    layer = hidden_layer(network, _FEW, 1200)
    assert layer.train.shape == (1200, 128)
    assert not layer.is_projected
    values = _hidden(network, _FEW.train.images[:1200])
    oracle = NearestNeighbors(n_neighbors=10).fit(values)
    distances, indices = oracle.kneighbors(_hidden(network, _FEW.test.images))
    for place in range(60):
        nearest, apart = layer.nearest_to_test_image(place)
        np.testing.assert_allclose(apart, distances[place], rtol=1e-3)
        assert set(nearest) == set(indices[place])


def test_a_wide_layer_is_projected_and_keeps_distances_nearly() -> None:
    network = build_network(_WIDE, seed=1)
    layer = hidden_layer(network, _FEW, 300)
    assert layer.is_projected
    assert layer.train.shape == (300, neighbours.MAX_WIDTH)
    values = _hidden(network, _FEW.train.images[:300])
    assert values.shape[1] > neighbours.MAX_WIDTH
    exact = np.linalg.norm(values[1:] - values[0], axis=1)
    projected = np.linalg.norm(layer.train[1:] - layer.train[0], axis=1)
    assert np.abs(projected / exact - 1).mean() < 0.1


def test_a_training_image_is_its_own_nearest_neighbour_and_progress_reaches_the_end() -> None:
    twice = Dataset("mnist", "", _MNIST.class_names, _FEW.train, Split(_FEW.train.images[:5], _FEW.train.labels[:5]))
    shares: list[float] = []
    layer = hidden_layer(build_network(PRESETS["mlp"], seed=1), twice, 1500, shares.append)
    assert [int(layer.nearest_to_test_image(place, 1)[0][0]) for place in range(5)] == [0, 1, 2, 3, 4]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_fewer_training_images_than_asked_for_are_all_returned() -> None:
    layer = hidden_layer(build_network(PRESETS["mlp"], seed=1), _FEW, 4)
    assert sorted(layer.nearest_to_test_image(0, 10)[0]) == [0, 1, 2, 3]


def test_an_evaluation_made_anew_is_what_keras_predicts() -> None:
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


def test_a_damaged_evaluation_of_an_ended_run_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh_evaluation, "load_dataset", lambda name: _FEW)
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
    monkeypatch.setattr(fresh_evaluation, "load_dataset", lambda name: _FEW)
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
