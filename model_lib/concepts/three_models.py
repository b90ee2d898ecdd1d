"""Least squares, softmax regression and a dense network, each trained on more and more images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.concepts.classifiers import Classifier, Settings, flat_pixels, least_squares, train

MODELS: Final = ("least_squares", "softmax", "dense")
SOFTMAX: Final = Settings(learning_rate=0.2, steps=800)
DENSE: Final = Settings(hidden=(32,), learning_rate=0.3, steps=800)


@dataclass(frozen=True)
class ThreeModels:
    """Three models trained on the same images.

    Args:
        count: of training images.
        linear: least squares and softmax regression, by name.
        predictions: by name (n,), of the held-out images.
        accuracies: by name, 0 to 1, on the held-out images.
    """

    count: int
    linear: Mapping[str, Classifier]
    predictions: Mapping[str, NDArray[np.uint8]]
    accuracies: Mapping[str, float]

    def disagreements(self) -> NDArray[np.int64]:
        """Returns the places of the held-out images for which the three predictions are not all the same."""
        first, *others = (self.predictions[name] for name in MODELS)
        return np.flatnonzero(np.any([other != first for other in others], axis=0))


def train_three_models(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer[Any]],
    counts: Sequence[int],
    held_out: int,
    report: Callable[[float], None],
) -> tuple[ThreeModels, ...]:
    """Trains the three on the first images, and measures them on the last.

    Args:
        images: (n, 28, 28), 0 to 255.
        labels: (n,), 0 to 9.
        counts: of training images, at most n - `held_out` each.
        held_out: how many of the last images are held out.
        report: is told the progress, 0 to 1, and may raise to end the training.
    """
    others, truth = flat_pixels(images[-held_out:]), labels[-held_out:]
    found = []
    for number, count in enumerate(counts):
        known, names = flat_pixels(images[:count]), labels[:count]

        def report_within(progress: float, number: int = number, part: int = 0) -> None:
            report((number + (part + progress) / 2) / len(counts))

        models = {
            "least_squares": least_squares(known, names),
            "softmax": train(known, names, SOFTMAX, report_within).classifier,
            "dense": train(known, names, DENSE, lambda done: report_within(done, part=1)).classifier,
        }
        predictions = {name: model.predictions(others).astype(np.uint8) for name, model in models.items()}
        accuracies = {name: float((each == truth).mean()) for name, each in predictions.items()}
        linear = {name: models[name] for name in MODELS[:2]}
        found.append(ThreeModels(count, linear, predictions, accuracies))
    return tuple(found)
