"""One layer, 784 -> 10 with softmax, in NumPy: its sums, loss and gradient, one step of its training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.concepts.softmax import softmax
from model_lib.datasets.loading import CLASSES, IMAGE_SIDE

PIXELS: Final = IMAGE_SIDE**2
# Images that are multiplied at once. OpenBLAS computes a product of matrices this small in one thread; larger ones it
# divides among threads, which on a machine whose cores are busy with trainings wait for each other, ten times as long.
_CHUNK: Final = 32


@dataclass(frozen=True)
class LayerWeights:
    """Weights of the layer, or the gradient with respect to them.

    Args:
        kernel: (784, 10).
        bias: (10,).
    """

    kernel: NDArray[np.float64]
    bias: NDArray[np.float64]

    def moved(self, gradient: LayerWeights, rate: float) -> LayerWeights:
        """Returns the weights minus the learning rate times the gradient."""
        return LayerWeights(self.kernel - rate * gradient.kernel, self.bias - rate * gradient.bias)


def initial_weights(seed: int) -> LayerWeights:
    """Returns weights as before any training: Glorot's uniform ones, as Keras's Dense has them, and biases of 0."""
    limit = np.sqrt(6.0 / (PIXELS + CLASSES))
    kernel = np.random.default_rng(seed).uniform(-limit, limit, (PIXELS, CLASSES))
    return LayerWeights(kernel, np.zeros(CLASSES))


def logits_of(weights: LayerWeights, images: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the ten sums (n, 10) of images (n, 784), 0 to 1."""
    parts = [images[first : first + _CHUNK] @ weights.kernel for first in range(0, len(images), _CHUNK)]
    return np.concatenate(parts) + weights.bias


def losses_of(weights: LayerWeights, images: NDArray[np.float64], labels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Returns the cross-entropy (n,) of each image, in nats, also where the probability is too small for a float."""
    logits = logits_of(weights, images)
    logits -= logits.max(axis=1, keepdims=True)
    losses: NDArray[np.float64] = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]
    return losses


def loss_gradient(weights: LayerWeights, images: NDArray[np.float64], labels: NDArray[np.uint8]) -> LayerWeights:
    """Returns the gradient of the mean cross-entropy of images (n, 784) with labels (n,)."""
    errors = softmax(logits_of(weights, images))
    errors[np.arange(len(labels)), labels] -= 1.0
    errors /= len(labels)
    kernel = images[:_CHUNK].T @ errors[:_CHUNK]
    for first in range(_CHUNK, len(images), _CHUNK):
        kernel += images[first : first + _CHUNK].T @ errors[first : first + _CHUNK]
    return LayerWeights(kernel, errors.sum(axis=0))


def finite_difference(
    weights: LayerWeights,
    images: NDArray[np.float64],
    labels: NDArray[np.uint8],
    place: tuple[int, int],
    distance: float = 1e-4,
) -> tuple[float, float, float]:
    """Measures how the mean loss changes with one weight: the loss a bit above, a bit below, and their quotient.

    Args:
        weights: of the layer.
        images: (n, 784), 0 to 1.
        labels: (n,), 0 to 9.
        place: pixel, 0 to 783, and digit of the weight in the kernel.
        distance: by which the weight is made larger and smaller.

    Returns:
        The two losses, above first, and (above - below) / (2 distance).
    """
    above, below = (_shifted_loss(weights, images, labels, place, shift) for shift in (distance, -distance))
    return above, below, (above - below) / (2.0 * distance)


def _shifted_loss(
    weights: LayerWeights,
    images: NDArray[np.float64],
    labels: NDArray[np.uint8],
    place: tuple[int, int],
    shift: float,
) -> float:
    kernel = weights.kernel.copy()
    kernel[place] += shift
    return float(losses_of(LayerWeights(kernel, weights.bias), images, labels).mean())


@dataclass(frozen=True)
class TrainingStep:
    """One step of plain SGD, with all that is computed on the way.

    Args:
        logits: (n, 10), the sums of each image.
        probabilities: (n, 10).
        losses: (n,), of each image before the step.
        gradient: of their mean.
        weights: before the step.
        new_weights: after it.
        new_losses: (n,), of each image after the step.
    """

    logits: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    losses: NDArray[np.float64]
    gradient: LayerWeights
    weights: LayerWeights
    new_weights: LayerWeights
    new_losses: NDArray[np.float64]


def training_step(
    weights: LayerWeights, images: NDArray[np.float64], labels: NDArray[np.uint8], rate: float
) -> TrainingStep:
    """Takes one step.

    Args:
        weights: before it.
        images: (n, 784), the batch, 0 to 1.
        labels: (n,), 0 to 9.
        rate: the learning rate.
    """
    logits = logits_of(weights, images)
    gradient = loss_gradient(weights, images, labels)
    new_weights = weights.moved(gradient, rate)
    return TrainingStep(
        logits,
        softmax(logits),
        losses_of(weights, images, labels),
        gradient,
        weights,
        new_weights,
        losses_of(new_weights, images, labels),
    )


def telling_weights(images: NDArray[np.float64], labels: NDArray[np.uint8]) -> tuple[tuple[int, int], ...]:
    """Chooses three weights whose gradients differ in kind.

    Args:
        images: (n, 784), 0 to 1.
        labels: (n,).

    Returns:
        Pixel and digit of each: the brightest pixel of all images together and the first image's label; the same pixel
        and the smallest digit that is no label here; the upper left pixel, black in all of MNIST's images, and the
        first image's label.
    """
    brightest = int(images.sum(axis=0).argmax())
    label = int(labels[0])
    other = min(set(range(CLASSES)) - set(labels.tolist()))
    return (brightest, label), (brightest, other), (0, label)
