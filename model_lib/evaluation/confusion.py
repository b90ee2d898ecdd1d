"""What is taken for what: the confusion matrix, precision and recall of each class, the worst confusions in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES
from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import as_csv


@dataclass(frozen=True)
class ClassFigures:
    """How well one class is read.

    Args:
        name: what the class is called.
        precision: of the images read as this class, the share that are of it, 0 to 1; 0 if there is none.
        recall: of the images of this class, the share read as it, 0 to 1; 0 if there is none.
        f1: the harmonic mean of the two.
        images: how many test images are of this class.
        mistakes: how many of them are misread.
    """

    name: str
    precision: float
    recall: float
    f1: float
    images: int
    mistakes: int


@dataclass(frozen=True)
class Mixup:
    """One cell of the matrix that is off the diagonal: how often one class is taken for another."""

    label: int
    prediction: int
    count: int

    def in_words(self, names: Sequence[str]) -> str:
        """Says it as one would, e.g. "4 read as 9: 6 times"."""
        times = "once" if self.count == 1 else f"{self.count} times"
        return f"{names[self.label]} read as {names[self.prediction]}: {times}"


def confusion_counts(evaluation: Evaluation) -> NDArray[np.int64]:
    """Counts what is taken for what.

    Returns:
        (10, 10): rows are labels, columns predictions.
    """
    cells = evaluation.labels.astype(np.int64) * CLASSES + evaluation.predictions
    return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def row_shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Returns the counts as shares of their row, 0 to 1: of all images with a label, how many get each answer."""
    return _divide(counts, counts.sum(axis=1, keepdims=True))


def class_figures(counts: NDArray[np.int64], names: Sequence[str]) -> list[ClassFigures]:
    """Returns precision, recall and F1 of each class, in the order of the classes."""
    right = np.diagonal(counts)
    precision, recall = _divide(right, counts.sum(axis=0)), _divide(right, counts.sum(axis=1))
    f1 = _divide(2 * precision * recall, precision + recall)
    images = counts.sum(axis=1)
    return [
        ClassFigures(
            name,
            float(precision[place]),
            float(recall[place]),
            float(f1[place]),
            int(images[place]),
            int(images[place] - right[place]),
        )
        for place, name in enumerate(names)
    ]


def worst_mixups(counts: NDArray[np.int64], most: int = 10) -> list[Mixup]:
    """Returns the most frequent confusions, the worst first; fewer than `most` if there are not as many."""
    found = [
        Mixup(int(label), int(prediction), int(counts[label, prediction]))
        for label, prediction in np.argwhere(counts)
        if label != prediction
    ]
    return sorted(found, key=lambda mixup: -mixup.count)[:most]


def confusion_csv(counts: NDArray[np.int64], names: Sequence[str]) -> str:
    """Returns the matrix as CSV: a line for each label, a column for each prediction."""
    rows = ([name, *row.tolist()] for name, row in zip(names, counts, strict=True))
    return as_csv([r"label \ prediction", *names], rows)


def class_csv(figures: Sequence[ClassFigures]) -> str:
    """Returns precision, recall and F1 of each class as CSV."""
    columns = ("name", "precision", "recall", "f1", "images", "mistakes")
    return as_csv(columns, ([getattr(row, column) for column in columns] for row in figures))


def _divide(part: NDArray[np.number], whole: NDArray[np.number]) -> NDArray[np.float64]:
    """Divides, with 0 where there is nothing to divide by."""
    result = np.zeros(np.broadcast_shapes(part.shape, whole.shape))
    np.divide(part, whole, out=result, where=whole > 0)
    return result
