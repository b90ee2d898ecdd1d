"""Cached steps keep no state from one training to the next."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.training import OPTIMIZERS, TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.engine.step_cache import prepared_steps
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import build_network

_SPEC = NetworkSpec(
    "small",
    (
        LayerSpec("Conv2D", filters=4, kernel_size=5, strides=2),
        LayerSpec("BatchNormalization"),
        LayerSpec("Dropout", rate=0.25),
        LayerSpec("Flatten"),
    ),
)
_TRAIN = load_dataset("mnist").train
_COUNT = 200


def _train(network: Any, steps: TrainingSteps) -> list[np.ndarray]:
    steps.begin_epoch(_TRAIN.images[:_COUNT], _TRAIN.labels[:_COUNT], np.arange(_COUNT))
    steps.run(0, 4)
    return list(network.get_weights())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_second_training_equals_that_of_a_new_network(optimizer: str) -> None:
    config = TrainingConfig(optimizer=optimizer, batch_size=50, epochs=2, seed=1)
    for seed in (1, 2, 1):
        config = dataclasses.replace(config, seed=seed)
        new = build_network(_SPEC, seed)
        expected = _train(new, TrainingSteps(new, config, _COUNT))
        with prepared_steps(_SPEC, config, _COUNT) as (network, steps):
            for ours, theirs in zip(_train(network, steps), expected, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_steps_are_reused_by_the_next_training_but_never_by_two_at_once() -> None:
    config = TrainingConfig(batch_size=50, epochs=1)
    with prepared_steps(_SPEC, config, _COUNT) as (first, _), prepared_steps(_SPEC, config, _COUNT) as (second, _):
        assert first is not second
    with prepared_steps(_SPEC, dataclasses.replace(config, seed=7), _COUNT) as (third, _):
        assert third in (first, second)
