"""Two epochs on 70 real digits, by the engine's steps and by Keras's own `train_on_batch`, to be compared."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np

from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.engine.train_step import TrainingSteps

_TRAIN = load_dataset("mnist").train
IMAGES, LABELS = _TRAIN.images[:70], _TRAIN.labels[:70]


def small_config(**settings: object) -> TrainingConfig:
    """Returns settings whose last batch of an epoch of `IMAGES` is smaller than the others."""
    return dataclasses.replace(TrainingConfig(batch_size=32, precision="float32", epochs=2), **settings)


def order_of(epoch: int) -> np.ndarray:
    """Returns the order of the images in an epoch, (70,)."""
    return np.random.default_rng(epoch).permutation(len(IMAGES))


def run_epochs(steps: TrainingSteps, epochs: int) -> tuple[np.ndarray, np.ndarray]:
    """Trains by the engine's steps; returns loss and number of correct images of each step."""
    results = []
    for epoch in range(epochs):
        steps.begin_epoch(IMAGES, LABELS, order_of(epoch))
        results.append(steps.run(0, steps.steps_per_epoch))
    losses, correct = zip(*results, strict=True)
    return np.concatenate(losses), np.concatenate(correct)


def train_with_keras(network: keras.Model, config: TrainingConfig, epochs: int) -> tuple[np.ndarray, np.ndarray]:
    """Trains by Keras, on the same batches; returns the same."""
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
    network.compile(optimizer=_optimizer(config), loss=loss, metrics=["accuracy"], jit_compile=False)
    losses, correct = [], []
    for epoch in range(epochs):
        for start in range(0, len(IMAGES), config.batch_size):
            rows = order_of(epoch)[start : start + config.batch_size]
            targets = keras.utils.to_categorical(LABELS[rows], 10)
            images = IMAGES[rows][..., np.newaxis].astype(np.float32) / 255
            network.reset_metrics()
            one_loss, one_accuracy = network.train_on_batch(images, targets)
            losses.append(float(one_loss))
            correct.append(round(float(one_accuracy) * len(rows)))
    return np.array(losses), np.array(correct)


def _optimizer(config: TrainingConfig) -> keras.optimizers.Optimizer:
    classes = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop", "adadelta": "Adadelta", "adagrad": "Adagrad"}
    options = {"momentum": config.momentum} if config.optimizer == "sgd" else {}
    return getattr(keras.optimizers, classes[config.optimizer])(learning_rate=config.rate, **options)
