"""Batches: how many there are, how far their gradients scatter, and what their size does to a training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.concepts.softmax import softmax
from model_lib.concepts.training.softmax_regression import (
    PIXELS,
    LayerWeights,
    logits_of,
    loss_gradient,
    losses_of,
)
from model_lib.datasets.loading import CLASSES, Split

# Of the training set, on which the small trainings are done; the same number after them measures the loss.
IMAGES: Final = 3_000
MEASURED_IMAGES: Final = 1_000
BATCH_SIZES: Final = (1, 32, 256, IMAGES)
NOISE_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
# Batches drawn of each size; the small ones cost little and scatter most.
_DRAWS: Final = 40
_DRAWS_OF_SMALL: Final = 200
_SMALL: Final = 16
_EPOCHS: Final = 3
# Training by all images at once takes more epochs, or there would be three points to see.
_FEWEST_STEPS: Final = 60
_POINTS: Final = 30


@dataclass(frozen=True)
class BatchCounts:
    """What a training consists of.

    Args:
        steps_per_epoch: batches of an epoch, the last one included.
        last_batch: images in the last batch of an epoch.
        steps: of all epochs.
        images_seen: in all epochs, each image once an epoch.
    """

    steps_per_epoch: int
    last_batch: int
    steps: int
    images_seen: int


def batch_counts(images: int, batch_size: int, epochs: int) -> BatchCounts:
    """Counts batches, steps and images.

    Args:
        images: in the training set.
        batch_size: 1 or more.
        epochs: 1 or more.
    """
    steps = -(-images // batch_size)
    return BatchCounts(steps, images - (steps - 1) * batch_size, steps * epochs, images * epochs)


@dataclass(frozen=True)
class LossCurve:
    """The loss of a training on images that are not in it.

    Args:
        batch_size: images a step.
        steps: (k,), after how many steps it was measured; the first is 0.
        losses: (k,), mean cross-entropy in nats.
    """

    batch_size: int
    steps: NDArray[np.int64]
    losses: NDArray[np.float64]

    @property
    def images_seen(self) -> NDArray[np.int64]:
        """(k,), how many images had been seen by then; the last batch of an epoch may be smaller than the others."""
        epochs, rest = np.divmod(self.steps, -(-IMAGES // self.batch_size))
        seen: NDArray[np.int64] = epochs * IMAGES + rest * self.batch_size
        return seen


def training_images(train: Split) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Returns the images (3000, 784) of the small trainings, 0 to 1, and their labels."""
    return train.images[:IMAGES].reshape(IMAGES, -1) / 255.0, train.labels[:IMAGES]


def measured_images(train: Split) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Returns the images (1000, 784) on which their loss is measured, 0 to 1, and their labels."""
    part = slice(IMAGES, IMAGES + MEASURED_IMAGES)
    return train.images[part].reshape(MEASURED_IMAGES, -1) / 255.0, train.labels[part]


def loss_curves(
    train: Split,
    rate: float,
    batch_sizes: Sequence[int] = BATCH_SIZES,
    seed: int = 1,
    report: Callable[[float], None] = lambda _: None,
) -> tuple[LossCurve, ...]:
    """Trains softmax regression from zero weights by plain SGD, once for each batch size.

    Each takes three epochs, but at least 60 steps.

    Args:
        train: MNIST's training set.
        rate: the learning rate, of all of them.
        batch_sizes: of the trainings.
        seed: of the order of the images.
        report: is called with the fraction done.
    """
    images, labels = training_images(train)
    measured = measured_images(train)
    curves = []
    for place, batch_size in enumerate(batch_sizes):
        steps = max(_FEWEST_STEPS, _EPOCHS * -(-IMAGES // batch_size))
        # Closer together at the beginning, where the loss falls.
        ends = np.unique(np.r_[0, np.geomspace(1, steps, _POINTS).round().astype(np.int64)])
        curves.append(_curve(images, labels, measured, batch_size, ends, rate, seed))
        report((place + 1) / len(batch_sizes))
    return tuple(curves)


def _curve(
    images: NDArray[np.float64],
    labels: NDArray[np.uint8],
    measured: tuple[NDArray[np.float64], NDArray[np.uint8]],
    batch_size: int,
    ends: NDArray[np.int64],
    rate: float,
    seed: int,
) -> LossCurve:
    rng = np.random.default_rng(seed)
    weights = LayerWeights(np.zeros((PIXELS, CLASSES)), np.zeros(CLASSES))
    order = np.empty(0, np.int64)
    losses = []
    step = 0
    for end in ends.tolist():
        while step < end:
            if not len(order):
                order = rng.permutation(len(images))
            chosen, order = order[:batch_size], order[batch_size:]
            weights = weights.moved(loss_gradient(weights, images[chosen], labels[chosen]), rate)
            step += 1
        losses.append(float(losses_of(weights, *measured).mean()))
    return LossCurve(batch_size, ends, np.array(losses))


@dataclass(frozen=True)
class GradientNoise:
    """How far the gradient of a batch lies from that of all images.

    Args:
        batch_sizes: (k,).
        measured: (k,), root mean square distance of drawn batches' gradients from that of all images.
        expected: (k,), the same by arithmetic: that of batches of one image, over the root of the size.
        gradient_length: of the gradient of all images.
    """

    batch_sizes: Sequence[int]
    measured: NDArray[np.float64]
    expected: NDArray[np.float64]
    gradient_length: float


def gradient_noise(train: Split, seed: int = 1) -> GradientNoise:
    """Measures the noise of the gradient of softmax regression after 100 steps, by batches of each size.

    There are 40 batches of each, 200 of the small sizes; images are drawn with replacement, so that each batch is a
    sample of independent images.

    Args:
        train: MNIST's training set.
        seed: of the drawing.
    """
    images, labels = training_images(train)
    weights = LayerWeights(np.zeros((PIXELS, CLASSES)), np.zeros(CLASSES))
    rng = np.random.default_rng(seed)
    for _ in range(100):
        chosen = rng.integers(len(images), size=32)
        weights = weights.moved(loss_gradient(weights, images[chosen], labels[chosen]), 0.1)
    whole = loss_gradient(weights, images, labels)
    errors = softmax(logits_of(weights, images))
    errors[np.arange(len(labels)), labels] -= 1.0
    # The gradient of one image is the outer product of its pixels, with a 1 for the bias, and its ten errors.
    squares = ((images**2).sum(axis=1) + 1.0) * (errors**2).sum(axis=1)
    length_squared = float((whole.kernel**2).sum() + (whole.bias**2).sum())
    single = np.sqrt(squares.mean() - length_squared)
    measured = []
    for size in NOISE_SIZES:
        distances = []
        for _ in range(_DRAWS_OF_SMALL if size <= _SMALL else _DRAWS):
            chosen = rng.integers(len(images), size=size)
            one = loss_gradient(weights, images[chosen], labels[chosen])
            distances.append(((one.kernel - whole.kernel) ** 2).sum() + ((one.bias - whole.bias) ** 2).sum())
        measured.append(float(np.sqrt(np.mean(distances))))
    return GradientNoise(
        NOISE_SIZES, np.array(measured), single / np.sqrt(np.array(NOISE_SIZES)), float(np.sqrt(length_squared))
    )
