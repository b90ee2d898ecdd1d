"""Ordinary `.keras` files, written by Keras in ways that people do, are read and answer as Keras does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from model_lib.datasets.loading import load_dataset
from model_lib.inference.session import InferenceNetwork
from model_lib.own_networks.keeping import (
    accuracy_by_white,
    delete_network,
    keep_network,
    kept_networks,
    restore_network,
)
from model_lib.own_networks.reading import read_network
from model_lib.storage.run_folders import list_runs

K = keras.layers
IMAGES = load_dataset("mnist").test.images[:200].astype(np.float32) / 255


def _sequential() -> Any:
    return keras.Sequential([keras.Input((28, 28)), K.Flatten(), K.Dense(20, "relu"), K.Dense(10, "softmax")])


def _functional() -> Any:
    image = keras.Input((28, 28, 1))
    maps = K.MaxPooling2D()(K.Conv2D(4, 3, activation="relu")(image))
    return keras.Model(image, K.Dense(10, activation="softmax")(K.Flatten()(maps)))


def _rescaling() -> Any:
    return keras.Sequential(
        [keras.Input((28, 28, 1)), K.Rescaling(1 / 255), K.Conv2D(3, 3), K.ReLU(), K.GlobalAveragePooling2D(),
         K.Dense(10, activation="softmax")]
    )  # fmt: skip


def _logits() -> Any:
    return keras.Sequential([keras.Input((28, 28)), K.Flatten(), K.Dense(10)])


def _named() -> Any:
    layers = [K.Dense(9, "tanh", name="dense_7"), K.Dense(8, "elu", name="first"), K.Dense(10, "softmax", name="dense")]
    return keras.Sequential([keras.Input((784,)), *layers], name="my_network")


def _mixed(policy: str = "mixed_bfloat16") -> Any:
    return keras.Sequential(
        [keras.Input((28, 28)), K.Flatten(), K.Dense(20, "relu", dtype=policy), K.Dense(10, dtype=policy),
         K.Activation("softmax", dtype="float32")]
    )  # fmt: skip


def _compiled() -> Any:
    network = _sequential()
    loss = keras.losses.SparseCategoricalCrossentropy()
    network.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss, metrics=["accuracy"])
    network.fit(IMAGES[:32], np.zeros(32), verbose=0)
    return network


def _row() -> Any:
    row = keras.Input((784,))
    hidden = K.Dropout(0.2)(K.Dense(16, activation="gelu", use_bias=False)(row))
    return keras.Model(row, K.Softmax()(K.Dense(10)(hidden)))


def _normalised() -> Any:
    return keras.Sequential(
        [keras.Input((28, 28, 1)), K.Conv2D(4, (3, 3), strides=2, padding="same", use_bias=False),
         K.BatchNormalization(scale=False), K.Activation("relu"), K.AveragePooling2D(2), K.Flatten(),
         K.Dense(6, "silu"), K.BatchNormalization(), K.Dense(10, "softmax", use_bias=False)]
    )  # fmt: skip


def _reshape_first() -> Any:
    return keras.Sequential(
        [keras.Input((28, 28)), K.Reshape((28, 28, 1)), K.Conv2D(3, 5, activation="sigmoid"), K.Flatten(),
         K.Dense(10, "softmax")]
    )  # fmt: skip


_NETWORKS = (
    _sequential, _functional, _rescaling, _logits, _named, _mixed, _compiled, _row, _normalised, _reshape_first,
)  # fmt: skip


def _saved(network: Any, folder: Path) -> bytes:
    random = np.random.default_rng(1)
    for variable in network.variables:
        if variable.name in ("bias", "beta", "moving_mean"):
            variable.assign(random.normal(0, 0.3, variable.shape))
    network.save(folder / "network.keras")
    return (folder / "network.keras").read_bytes()


@pytest.mark.parametrize("make", _NETWORKS, ids=lambda make: make.__name__.strip("_"))
def test_an_ordinary_file_answers_as_keras_does(make: Callable[[], Any], tmp_path: Path) -> None:
    network = make()
    content = _saved(network, tmp_path)
    images = IMAGES.reshape(-1, *network.input_shape[1:])
    if make is _mixed:  # it rounds between its layers where it was made, and here it does not
        weights, network = network.get_weights(), _mixed("float32")
        network.set_weights(weights)
    expected = np.asarray(network(images, training=False), np.float32)
    if make is _logits:
        expected = np.asarray(keras.ops.softmax(expected))
    read = read_network(content)
    answers = InferenceNetwork(read.spec(1.0), read.weights).predict(IMAGES)
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    if make is _logits:
        assert any("softmax was added" in note for note in read.notes)


@pytest.mark.parametrize(("policy", "most"), [("mixed_float16", 0.003), ("mixed_bfloat16", 0.03)])
def test_a_network_in_mixed_precision_has_its_own_weights_and_the_page_says_how_far_its_answers_are(
    policy: str, most: float, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(1)
    network = _mixed(policy)
    read = read_network(_saved(network, tmp_path))
    for own, there in zip(read.weights, network.get_weights(), strict=True):
        np.testing.assert_array_equal(own, there)
    (note,) = read.notes
    assert policy in note and f"more than {most}" in note
    answers = InferenceNetwork(read.spec(1.0), read.weights).predict(IMAGES)
    assert np.abs(answers - np.asarray(network(IMAGES, training=False), np.float32)).max() <= most


def test_a_network_that_learnt_from_pixels_up_to_255_is_recognised_kept_deleted_and_brought_back(
    tmp_path: Path,
) -> None:
    data = load_dataset("mnist")
    network = keras.Sequential(
        [keras.Input((28, 28)), K.Rescaling(1 / 255), K.Flatten(), K.Dense(32, "tanh"), K.Dense(10, "softmax")]
    )
    network.compile("adam", "sparse_categorical_crossentropy")
    network.fit(data.train.images[:4000].astype(np.float32), data.train.labels[:4000], epochs=2, verbose=0)
    network.save(tmp_path / "network.keras")
    read = read_network((tmp_path / "network.keras").read_bytes())
    accuracies = accuracy_by_white(read, data.train)
    assert accuracies[255.0] > 0.8 > accuracies[1.0]

    root = tmp_path / "runs"
    run = keep_network(read, 255.0, "mine", "me", lambda folder: None, root=root)
    assert [each.run for each in kept_networks("me", root)] == [run] == list_runs(root)
    assert not kept_networks("another", root)
    assert run.state == "finished" and run.outcome is not None
    expected = np.asarray(network(data.test.images.astype(np.float32), training=False)).argmax(axis=1)
    assert run.outcome.test_accuracy == pytest.approx(float((expected == data.test.labels).mean()), abs=2e-4)
    delete_network(run, "me")
    assert not list_runs(root)
    restore_network(run, "me")
    assert list_runs(root) == [run]
