"""Weight decay is Keras's own, decoupled from the gradient, for every optimizer."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.training import OPTIMIZERS, TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import build_network

_TRAIN = load_dataset("mnist").train
_IMAGES, _LABELS = _TRAIN.images[:60], _TRAIN.labels[:60]
_SPEC = NetworkSpec("decayed", (LayerSpec("Conv2D", filters=3), LayerSpec("BatchNormalization"), LayerSpec("Flatten")))


def _keras_optimizer(config: TrainingConfig) -> keras.optimizers.Optimizer:
    names = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop", "adadelta": "Adadelta", "adagrad": "Adagrad"}
    options = {"momentum": config.momentum} if config.optimizer == "sgd" else {}
    optimizer = getattr(keras.optimizers, names[config.optimizer])
    return optimizer(learning_rate=config.rate, weight_decay=config.weight_decay, **options)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_step_shrinks_the_weights_as_keras_does(optimizer: str) -> None:
    config = TrainingConfig(
        optimizer=optimizer,  # type: ignore[arg-type]
        learning_rate=0.003,
        weight_decay=0.5,
        batch_size=20,
        precision="float32",
    )
    ours, theirs = build_network(_SPEC, seed=3), build_network(_SPEC, seed=3)
    theirs.compile(_keras_optimizer(config), "sparse_categorical_crossentropy", jit_compile=False)
    steps = TrainingSteps(ours, config, len(_IMAGES))
    steps.begin_epoch(_IMAGES, _LABELS, np.arange(len(_IMAGES)))
    for step in range(3):
        steps.run(step, 1)
        rows = slice(20 * step, 20 * (step + 1))
        theirs.train_on_batch(_IMAGES[rows][..., np.newaxis].astype(np.float32) / 255, _LABELS[rows])
        for variable, own, other in zip(theirs.variables, ours.get_weights(), theirs.get_weights(), strict=False):
            message = f"{variable.path} after step {step + 1}"
            np.testing.assert_allclose(own, other, atol=1e-5, rtol=1e-4, err_msg=message)
