"""Probabilities by the engine against Keras's own call."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import keras
import numpy as np
import pytest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.engine.inference import probabilities
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import PRESETS, build_network
from tests.support.keras_training import IMAGES, run_epochs, small_config

_SPEC = NetworkSpec("small", (LayerSpec("Conv2D", filters=4), LayerSpec("BatchNormalization"), LayerSpec("Flatten")))


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_probabilities_are_those_of_the_keras_network(name: str) -> None:
    network = build_network(PRESETS[name], seed=1)
    images = IMAGES.astype(np.float32) / 255
    expected = network(images, training=False)
    np.testing.assert_allclose(probabilities(network, images, batch_size=32), expected, atol=1e-5)
    np.testing.assert_allclose(probabilities(network, IMAGES), expected, atol=1e-5)


def test_a_trained_network_is_saved_and_opened_by_keras_with_the_same_answers(tmp_path: Path) -> None:
    network = build_network(_SPEC, seed=2)
    run_epochs(TrainingSteps(network, small_config(precision="bfloat16"), 70), 1)
    answers = probabilities(network, IMAGES)
    network.save(tmp_path / "network.keras")
    opened = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_allclose(opened(IMAGES.astype(np.float32) / 255, training=False), answers, atol=1e-6)


def test_a_network_that_nobody_uses_any_more_is_freed() -> None:
    network = build_network(_SPEC, seed=1)
    probabilities(network, IMAGES)
    reference = weakref.ref(network)
    del network
    gc.collect()
    assert reference() is None
