"""Dropout, batch normalisation, overfitting, and what choosing by a test set does to its figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_lib.concepts.blas import use_one_blas_thread
from model_lib.concepts.classifiers import Classifier, Dense, Settings, loss_gradients, train

Floats = NDArray[np.float64]


def dropout_masks(count: int, units: int, rate: float, seed: int) -> Floats:
    """Returns factors of dropout (count, units): 0 for a unit that is switched off, else 1 / (1 - rate).

    Args:
        count: of masks.
        units: of the layer.
        rate: probability of being switched off, 0 to below 1.
        seed: of the masks.

    Source: inverted dropout, as Keras has it; Srivastava et al. 2014, JMLR 15.
    """
    kept = np.random.default_rng(seed).random((count, units)) >= rate
    return kept / (1.0 - rate)


@dataclass(frozen=True)
class Normalized:
    """A batch of one number after batch normalisation.

    Args:
        mean, variance: of the batch before; the variance is that of the batch itself, divided by n.
        values: (n,), gamma * (x - mean) / sqrt(variance + epsilon) + beta.
    """

    mean: float
    variance: float
    values: Floats


def batch_normalize(values: Floats, gamma: float, beta: float, epsilon: float = 1e-3) -> Normalized:
    """Normalises one number over a batch (n,). Source: Ioffe and Szegedy 2015, arXiv:1502.03167; epsilon is Keras's."""
    mean, variance = float(values.mean()), float(values.var())
    return Normalized(mean, variance, gamma * (values - mean) / np.sqrt(variance + epsilon) + beta)


@dataclass(frozen=True)
class LearningCurves:
    """Mean cross-entropies of a classifier while it is trained.

    Args:
        steps: (points,), after how many updates.
        training: (points,), on all images that it is trained on.
        held_out: (points,), on images that it is not trained on.
        accuracy: (points,), on the latter, 0 to 1.
    """

    steps: NDArray[np.int64]
    training: Floats
    held_out: Floats
    accuracy: Floats

    @property
    def best(self) -> int:
        """The place of the smallest held-out loss, where early stopping would stop."""
        return int(self.held_out.argmin())


def learning_curves(
    images: NDArray[np.float32],
    labels: NDArray[np.integer[Any]],
    held_out: tuple[NDArray[np.float32], NDArray[np.integer[Any]]],
    settings: Settings,
    points: int = 30,
    report: Callable[[float], None] = lambda progress: None,
) -> LearningCurves:
    """Trains by stochastic gradient descent and measures both losses now and then.

    Args:
        images, labels: (n, inputs) and (n,), to be trained on.
        held_out: images and labels that are not.
        settings: how; the batch is at most all images.
        points: how often, at equal distances of steps, the start included.
        report: is told the progress, 0 to 1, and may raise to end the training.
    """
    use_one_blas_thread()
    classifier = train(images, labels, replace(settings, steps=0)).classifier
    generator = np.random.default_rng(settings.seed + 1)
    size, rate = min(settings.batch_size, len(images)), np.float32(settings.learning_rate)
    steps = np.unique(np.linspace(0, settings.steps, points).round().astype(np.int64))
    measured = []
    for step in range(settings.steps + 1):
        if step in steps:
            report(step / max(1, settings.steps))
            losses = [loss_gradients(classifier, *each)[0] for each in ((images, labels), held_out)]
            measured.append((*losses, classifier.accuracy(*held_out)))
        batch = generator.choice(len(images), size, replace=False)
        _, gradients = loss_gradients(classifier, images[batch], labels[batch])
        classifier = Classifier(
            tuple(
                Dense(layer.kernel - rate * gradient.kernel, layer.bias - rate * gradient.bias)
                for layer, gradient in zip(classifier.layers, gradients, strict=True)
            )
        )
    training, other, accuracy = np.array(measured).T
    return LearningCurves(steps, training, other, accuracy)


@dataclass(frozen=True)
class Selection:
    """The best of several classifiers by its accuracy on a test set.

    Args:
        chosen: its place.
        on_test: (classifiers,), accuracy of each on the test images, 0 to 1.
        on_fresh: (classifiers,), accuracy of each on images that nothing was chosen by.
        mean_excess: how much higher the chosen one's accuracy on the test images is than on the fresh ones, less
            the same of all on average, which is that of easy or hard test images and not of choosing; on the mean
            over many draws of the test images. 0 where there is one classifier.
    """

    chosen: int
    on_test: Floats
    on_fresh: Floats
    mean_excess: float


def select_best(is_right: NDArray[np.bool_], test_count: int, draw: int, draws: int = 200) -> Selection:
    """Chooses the best classifier by the accuracy on a few images, and measures it on the others.

    Args:
        is_right: (classifiers, n), whether each predicts each image's label.
        test_count: how many of the n images are the test set, below n.
        draw: which draw of test images is shown, from 0.
        draws: over how many the excess is averaged.
    """
    found = []
    for seed in (draw, *range(draws)):
        order = np.random.default_rng(seed).permutation(is_right.shape[1])
        on_test = is_right[:, order[:test_count]].mean(axis=1)
        on_fresh = is_right[:, order[test_count:]].mean(axis=1)
        chosen = int(on_test.argmax())
        excess = on_test - on_fresh
        found.append(Selection(chosen, on_test, on_fresh, float(excess[chosen] - excess.mean())))
    return replace(found[0], mean_excess=float(np.mean([each.mean_excess for each in found[1:]])))
