"""Nearest training images by penultimate features, against Keras and scikit-learn."""

from __future__ import annotations

import keras
import numpy as np
from sklearn.neighbors import NearestNeighbors

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import Dataset, Split, load_dataset
from model_lib.evaluation import evaluate as evaluate
from model_lib.interpretability import nearest_neighbors as neighbours
from model_lib.interpretability.layer_outputs import FeatureReader
from model_lib.interpretability.nearest_neighbors import neighbor_index
from model_lib.networks import build_network

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
    layer = neighbor_index(FeatureReader(network), _FEW, 1200)
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
    layer = neighbor_index(FeatureReader(network), _FEW, 300)
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
    layer = neighbor_index(FeatureReader(build_network(PRESETS["mlp"], seed=1)), twice, 1500, shares.append)
    assert [int(layer.nearest_to_test_image(place, 1)[0][0]) for place in range(5)] == [0, 1, 2, 3, 4]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_fewer_training_images_than_asked_for_are_all_returned() -> None:
    layer = neighbor_index(FeatureReader(build_network(PRESETS["mlp"], seed=1)), _FEW, 4)
    assert sorted(layer.nearest_to_test_image(0, 10)[0]) == [0, 1, 2, 3]
