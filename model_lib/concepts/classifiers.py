"""Small classifiers trained in NumPy while somebody looks: least squares, softmax regression, a dense network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.concepts.blas import use_one_blas_thread

CLASSES: Final = 10
_HIGHEST: Final = 255
# As double precision, so many images take 12 MB.
_CHUNK: Final = 2_000


@dataclass(frozen=True)
class Dense:
    """One dense layer.

    Args:
        kernel: (inputs, units) float32.
        bias: (units,) float32.
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True)
class Classifier:
    """Dense layers with ReLU between them; the last one's outputs, one a class, are sums without an activation.

    Args:
        layers: at least one. A single one is a linear classifier.
    """

    layers: tuple[Dense, ...]

    def sums(self, images: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Returns what each layer puts out before its activation, (n, units) a layer; images (n, inputs)."""
        found: list[NDArray[np.float32]] = []
        values = images
        for layer in self.layers:
            found.append(values @ layer.kernel + layer.bias)
            values = np.maximum(found[-1], np.float32(0))
        return found

    def logits(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns the sums of the last layer (n, 10) for images (n, inputs)."""
        return self.sums(images)[-1]

    def predictions(self, images: NDArray[np.float32]) -> NDArray[np.int64]:
        """Returns the class of the largest sum (n,) for images (n, inputs)."""
        predictions: NDArray[np.int64] = self.logits(images).argmax(axis=1)
        return predictions

    def accuracy(self, images: NDArray[np.float32], labels: NDArray[np.integer[Any]]) -> float:
        """Returns the share of images (n, inputs) whose prediction is the label, 0 to 1."""
        return float((self.predictions(images) == labels).mean())


@dataclass(frozen=True)
class Settings:
    """How a classifier is trained: by plain stochastic gradient descent.

    Args:
        hidden: units of each hidden layer; none for softmax regression.
        learning_rate: factor of the gradient.
        steps: updates.
        batch_size: images a step.
        seed: of the first weights and of the batches.
    """

    hidden: tuple[int, ...] = ()
    learning_rate: float = 0.2
    steps: int = 600
    batch_size: int = 100
    seed: int = 0


@dataclass(frozen=True)
class Training:
    """A trained classifier.

    Args:
        classifier: after the last step.
        losses: (steps,) float64, mean cross-entropy of each batch before its update.
    """

    classifier: Classifier
    losses: NDArray[np.float64]


def flat_pixels(images: NDArray[np.uint8], is_scaled: bool = True) -> NDArray[np.float32]:
    """Returns images (n, 28, 28) of bytes as rows (n, 784) float32.

    Args:
        images: 0 (black) to 255 (white).
        is_scaled: whether the numbers are divided by 255, so that they are from 0 to 1.
    """
    rows = images.reshape(len(images), -1).astype(np.float32)
    return rows / np.float32(_HIGHEST) if is_scaled else rows


def train(
    images: NDArray[np.float32],
    labels: NDArray[np.integer[Any]],
    settings: Settings,
    report: Callable[[float], None] = lambda progress: None,
) -> Training:
    """Trains by the gradient of the mean cross-entropy of softmax.

    The first weights of a hidden layer, and of what reads it, are normal with variance 2 / inputs (He et al. 2015,
    arXiv:1502.01852). Softmax regression starts at 0: its loss is convex.

    Args:
        images: (n, inputs).
        labels: (n,), 0 to 9.
        settings: how.
        report: is told the progress, 0 to 1, now and then, and may raise to end the training.
    """
    use_one_blas_thread()
    generator = np.random.default_rng(settings.seed)
    layers = _first_layers(images.shape[1], settings.hidden, generator)
    rate = np.float32(settings.learning_rate)
    losses = np.empty(settings.steps)
    for step in range(settings.steps):
        if step % 50 == 0:
            report(step / settings.steps)
        batch = generator.integers(0, len(images), settings.batch_size)
        classifier = Classifier(tuple(layers))
        losses[step], gradients = loss_gradients(classifier, images[batch], labels[batch])
        layers = [
            Dense(layer.kernel - rate * gradient.kernel, layer.bias - rate * gradient.bias)
            for layer, gradient in zip(layers, gradients, strict=True)
        ]
    return Training(Classifier(tuple(layers)), losses)


def loss_gradients(
    classifier: Classifier, images: NDArray[np.float32], labels: NDArray[np.integer[Any]]
) -> tuple[float, tuple[Dense, ...]]:
    """Returns the mean cross-entropy of a batch, and its gradient with respect to each kernel and bias.

    Args:
        classifier: with softmax after its last layer.
        images: (n, inputs).
        labels: (n,), 0 to 9.
    """
    sums = classifier.sums(images)
    shifted = sums[-1] - sums[-1].max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    places = np.arange(len(labels))
    error = np.exp(logs)
    error[places, labels] -= 1
    error /= len(labels)
    gradients: list[Dense] = []
    for depth in range(len(classifier.layers) - 1, -1, -1):
        inputs = np.maximum(sums[depth - 1], np.float32(0)) if depth else images
        gradients.append(Dense(inputs.T @ error, error.sum(axis=0)))
        if depth:
            error = (error @ classifier.layers[depth].kernel.T) * (sums[depth - 1] > 0)
    return float(-logs[places, labels].mean()), tuple(reversed(gradients))


def least_squares(images: NDArray[np.float32], labels: NDArray[np.integer[Any]], ridge: float = 10.0) -> Classifier:
    """Fits the linear classifier whose ten outputs have the smallest squared distance to the one-hot vectors.

    It has a closed form, without steps: the normal equations. Without the ridge they have many solutions, as some
    pixels are black in all images.

    Args:
        images: (n, inputs).
        labels: (n,), 0 to 9.
        ridge: factor of the squared weights that are added to what is minimised, above 0; the bias is left out.
    """
    use_one_blas_thread()
    inputs = images.shape[1]
    products, targets = np.zeros((inputs + 1, inputs + 1)), np.zeros((inputs + 1, CLASSES))
    for first in range(0, len(images), _CHUNK):
        chunk = images[first : first + _CHUNK]
        extended = np.ones((len(chunk), inputs + 1))
        extended[:, :inputs] = chunk
        products += extended.T @ extended
        targets += extended.T @ np.eye(CLASSES)[labels[first : first + _CHUNK]]
    penalty = np.full(inputs + 1, ridge)
    penalty[-1] = 0.0
    weights = np.linalg.solve(products + np.diag(penalty), targets).astype(np.float32)
    return Classifier((Dense(weights[:-1], weights[-1]),))


def _first_layers(inputs: int, hidden: tuple[int, ...], generator: np.random.Generator) -> list[Dense]:
    if not hidden:
        return [Dense(np.zeros((inputs, CLASSES), np.float32), np.zeros(CLASSES, np.float32))]
    layers = []
    for before, after in pairwise((inputs, *hidden, CLASSES)):
        kernel = (np.sqrt(2.0 / before) * generator.standard_normal((before, after))).astype(np.float32)
        layers.append(Dense(kernel, np.zeros(after, np.float32)))
    return layers
