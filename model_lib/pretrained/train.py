"""Trains the bundled network, preset `bundled`, on MNIST, pen digits and outliers together.

Keras alone, so that it runs on every backend: on two cores of a CPU it takes hours, on a GPU minutes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES
from model_lib.networks import PRESETS, build_network
from model_lib.pretrained.training_images import TrainingImages

_STEPS_PER_EPOCH: Final = 1_000


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of the training.

    Args:
        epochs: of 1,000 steps each.
        plain: images of MNIST in every batch, as they are.
        varied: variants of images of MNIST in every batch.
        pens: variants of pen digits in every batch.
        outliers: non-digits in every batch.
        learning_rate: peak, after a twentieth of all steps; a cosine leads to 0 from there.
        weight_decay: of AdamW, on kernels.
        label_smoothing: of digits; outliers have the same probability for every class.
    """

    epochs: int = 30
    plain: int = 18
    varied: int = 150
    pens: int = 52
    outliers: int = 36
    learning_rate: float = 0.004
    weight_decay: float = 0.05
    label_smoothing: float = 0.1


SETTINGS: Final = TrainingSettings()
SEED: Final = 1


class _Batches(keras.utils.PyDataset):
    """The batches of one epoch, each drawn with its own RNG."""

    def __init__(
        self, images: TrainingImages, writers: Collection[int], settings: TrainingSettings, seed: int, epoch: int
    ) -> None:
        super().__init__(workers=2, max_queue_size=16)
        self._images, self._settings, self._seed = images, settings, (seed, epoch)
        self._pens = images.pens_of(writers)
        smoothing = settings.label_smoothing
        self._targets = np.full((CLASSES + 1, CLASSES), smoothing / CLASSES, np.float32)
        self._targets[np.arange(CLASSES), np.arange(CLASSES)] += 1 - smoothing
        self._targets[CLASSES] = 1 / CLASSES

    def __len__(self) -> int:
        return _STEPS_PER_EPOCH

    def __getitem__(self, step: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        rng, images, settings = np.random.default_rng((*self._seed, step)), self._images, self._settings
        plain = rng.integers(len(images.plain.labels), size=settings.plain)
        parts, labels = [images.plain.images[plain]], [images.plain.labels[plain]]
        for variants, count, places, classes in (
            (images.mnist, settings.varied, np.arange(len(images.plain.labels)), images.plain.labels),
            (images.pens, settings.pens, self._pens, images.pen_labels),
            (images.outliers, settings.outliers, self._pens, np.full(len(images.pen_labels), CLASSES)),
        ):
            chosen = rng.choice(places, count)
            parts.append(variants[rng.integers(len(variants), size=count), chosen])
            labels.append(classes[chosen])
        pixels = np.concatenate(parts)[..., None].astype(np.float32) / np.float32(255)
        return pixels, self._targets[np.concatenate(labels)]


def train_bundled(
    images: TrainingImages,
    writers: Collection[int],
    seed: int = SEED,
    settings: TrainingSettings = SETTINGS,
    log: Callable[[str], None] = print,
) -> keras.Model:
    """Trains a network.

    Args:
        images: see `draw_training_images`.
        writers: from whose digits it learns, 1 to 30.
        seed: of the initial weights, dropout and batches.
        settings: shares of the images, and the optimizer.
        log: called with a line after every epoch.

    Returns:
        The trained network, whose logits are not scaled.
    """
    network = build_network(PRESETS["bundled"], seed)
    steps = settings.epochs * _STEPS_PER_EPOCH
    warm_up = math.ceil(steps / 20)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warm_up, warmup_target=settings.learning_rate, warmup_steps=warm_up
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=settings.weight_decay, beta_2=0.99)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    # TensorFlow convolves faster on a CPU without XLA.
    arguments: dict[str, Any] = {"jit_compile": keras.backend.backend() == "jax"}
    network.compile(optimizer, "categorical_crossentropy", **arguments)
    for epoch in range(settings.epochs):
        began = time.monotonic()
        history = network.fit(_Batches(images, writers, settings, seed, epoch), shuffle=False, verbose=0)
        loss = history.history["loss"][-1]
        log(f"epoch {epoch + 1} of {settings.epochs}: loss {loss:.4f}, {time.monotonic() - began:.0f} s")
    # Without the optimizer's state, which would be saved too.
    trained = build_network(PRESETS["bundled"])
    trained.set_weights(network.get_weights())
    return trained
