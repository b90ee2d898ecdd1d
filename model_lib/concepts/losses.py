"""Cross-entropy, squared error and accuracy: of one image, and of a classifier of which one weight is moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.concepts.classifiers import CLASSES, Classifier
from model_lib.concepts.softmax import softmax

# A probability that a float32 softmax rounds to 0 would have an infinite loss.
_LEAST: Final = 1e-12


def label_distances(label: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the squared distances (10,) from a label to each digit, as plain numbers and as one-hot vectors."""
    digits = np.arange(CLASSES, dtype=np.float64)
    vectors = np.eye(CLASSES)
    one_hots: NDArray[np.float64] = ((vectors - vectors[label]) ** 2).sum(axis=1)
    return (digits - label) ** 2, one_hots


def cross_entropy(probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]]) -> float:
    """Returns the mean of -log p of the labels; probabilities (n, 10), labels (n,)."""
    of_labels = np.asarray(probabilities, np.float64)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(of_labels, _LEAST)).mean())


def with_probability(probabilities: NDArray[np.float64], label: int, wanted: float) -> NDArray[np.float64]:
    """Returns probabilities (10,) in which the label has a wanted one; the others share the rest as before.

    Args:
        probabilities: (10,), positive.
        label: 0 to 9.
        wanted: 0 to 1.
    """
    others = np.maximum(np.asarray(probabilities, np.float64), _LEAST).copy()
    others[label] = 0.0
    changed: NDArray[np.float64] = others * ((1.0 - wanted) / others.sum())
    changed[label] = wanted
    return changed


def cross_entropy_gradient(probabilities: NDArray[np.float64], label: int) -> NDArray[np.float64]:
    """Returns the gradient of -log p of the label with respect to the ten logits: p - y, with y one-hot."""
    gradient: NDArray[np.float64] = probabilities - np.eye(CLASSES)[label]
    return gradient


def squared_error_gradient(probabilities: NDArray[np.float64], label: int) -> NDArray[np.float64]:
    """Returns the gradient of the sum of (p - y)^2, y one-hot, with respect to the ten logits.

    Softmax lies between: dp_j / dz_i = p_j (1 if i = j else 0) - p_j p_i, so that it vanishes wherever the
    probabilities are near 0 and 1, whether they are right or wrong.
    """
    error = 2.0 * (probabilities - np.eye(CLASSES)[label])
    gradient: NDArray[np.float64] = probabilities * (error - (probabilities * error).sum())
    return gradient


@dataclass(frozen=True)
class WeightSlice:
    """Loss and accuracy over one weight, all others as they are.

    Args:
        weights: (n,), the values that the weight is given.
        losses: (n,), mean cross-entropy.
        accuracies: (n,), 0 to 1.
    """

    weights: NDArray[np.float64]
    losses: NDArray[np.float64]
    accuracies: NDArray[np.float64]


def weight_slice(
    classifier: Classifier,
    images: NDArray[np.float32],
    labels: NDArray[np.integer[Any]],
    place: tuple[int, int],
    weights: NDArray[np.float64],
) -> WeightSlice:
    """Computes loss and accuracy of a linear classifier for many values of one of its weights.

    Args:
        classifier: with one layer.
        images: (n, inputs).
        labels: (n,), 0 to 9.
        place: input and unit of the weight.
        weights: its values.
    """
    (layer,) = classifier.layers
    pixel, unit = place
    logits = classifier.logits(images).astype(np.float64)
    losses, accuracies = np.empty(len(weights)), np.empty(len(weights))
    rest = logits[:, unit] - float(layer.kernel[pixel, unit]) * images[:, pixel]
    for number, weight in enumerate(weights):
        logits[:, unit] = rest + weight * images[:, pixel]  # only one of the ten sums depends on it
        losses[number] = cross_entropy(softmax(logits), labels)
        accuracies[number] = (logits.argmax(axis=1) == labels).mean()
    return WeightSlice(weights, losses, accuracies)
