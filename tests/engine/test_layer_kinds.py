"""Every kind of layer is trained as Keras trains it, by an operation of the engine's own or by its fallback."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from model_lib.config.layer_kinds import KINDS
from model_lib.config.network import LayerSpec, Padding
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.engine.inference import probabilities
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import build_network
from tests.support.sample_networks import network_around

_TRAIN = load_dataset("mnist").train
_IMAGES, _LABELS = _TRAIN.images[:40], _TRAIN.labels[:40]


def _keras_step(network: keras.Model, config: TrainingConfig) -> float:
    network.compile(keras.optimizers.SGD(config.rate), "sparse_categorical_crossentropy", jit_compile=False)
    loss = network.train_on_batch(_IMAGES[..., np.newaxis].astype(np.float32) / 255, _LABELS)
    return float(np.ravel(loss)[0])


_PADDED = [(kind, "same") for kind in KINDS if "padding" in LayerSpec(kind).options()]


@pytest.mark.parametrize(("kind", "padding"), [*((kind, "valid") for kind in KINDS), *_PADDED])
def test_a_step_through_a_layer_of_any_kind_is_kerass(kind: str, padding: Padding) -> None:
    config = TrainingConfig(optimizer="sgd", momentum=0.0, learning_rate=0.1, batch_size=40, precision="float32")
    spec = network_around(dataclasses.replace(LayerSpec(kind), padding=padding, pool_size=3, strides=2, rate=0.0))
    ours, theirs = build_network(spec, seed=3), build_network(spec, seed=3)
    steps = TrainingSteps(ours, config, len(_IMAGES))
    steps.begin_epoch(_IMAGES, _LABELS, np.arange(len(_IMAGES)))
    losses, _ = steps.run(0, 1)
    assert float(losses[0]) == pytest.approx(_keras_step(theirs, config), rel=1e-4)
    for variable, own, other in zip(theirs.variables, ours.get_weights(), theirs.get_weights(), strict=False):
        np.testing.assert_allclose(own, other, atol=1e-5, rtol=1e-3, err_msg=variable.path)
    expected = theirs(_IMAGES.astype(np.float32) / 255, training=False)
    np.testing.assert_allclose(probabilities(ours, _IMAGES), expected, atol=1e-4)
