"""Confusion matrix, precision, recall and F1 of each class, most frequent confusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES
from model_lib.evaluation.evaluation import Evaluation, divide_or_zero
from model_lib.files import as_csv


@dataclass(frozen=True)
class ClassMetrics:
    """Metrics of one class.

    Args:
        name: class name.
        precision: TP / (TP + FP), 0 to 1; 0 if nothing is predicted as this class.
        recall: TP / (TP + FN), 0 to 1; 0 if the class has no images.
        f1: harmonic mean of the two.
        images: number of test images with this label.
        mistakes: number of misclassified ones among them.
    """

    name: str
    precision: float
    recall: float
    f1: float
    images: int
    mistakes: int


@dataclass(frozen=True)
class Confusion:
    """An off-diagonal cell of the confusion matrix."""

    label: int
    prediction: int
    count: int

    def in_words(self, names: Sequence[str]) -> str:
        """Returns a sentence for the page, e.g. "4 predicted as 9: 6 times"."""
        times = "once" if self.count == 1 else f"{self.count:,} times"
        return f"{names[self.label]} predicted as {names[self.prediction]}: {times}"


def confusion_counts(evaluation: Evaluation) -> NDArray[np.int64]:
    """Computes the confusion matrix.

    Returns:
        (10, 10): rows are labels, columns predictions.
    """
    cells = evaluation.labels.astype(np.int64) * CLASSES + evaluation.predictions
    return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def row_fractions(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Normalises the matrix by row, 0 to 1: the predictions' distribution for each label."""
    return divide_or_zero(counts, counts.sum(axis=1, keepdims=True))


def class_metrics(counts: NDArray[np.int64], names: Sequence[str]) -> list[ClassMetrics]:
    """Returns precision, recall and F1 of each class, in the order of the classes."""
    right = np.diagonal(counts)
    precision, recall = divide_or_zero(right, counts.sum(axis=0)), divide_or_zero(right, counts.sum(axis=1))
    f1 = divide_or_zero(2 * precision * recall, precision + recall)
    images = counts.sum(axis=1)
    return [
        ClassMetrics(
            name,
            float(precision[label]),
            float(recall[label]),
            float(f1[label]),
            int(images[label]),
            int(images[label] - right[label]),
        )
        for label, name in enumerate(names)
    ]


def top_confusions(counts: NDArray[np.int64], most: int = 10) -> list[Confusion]:
    """Returns at most `most` confusions, the most frequent first."""
    found = [
        Confusion(int(label), int(prediction), int(counts[label, prediction]))
        for label, prediction in np.argwhere(counts)
        if label != prediction
    ]
    return sorted(found, key=lambda confusion: -confusion.count)[:most]


def confusion_csv(counts: NDArray[np.int64], names: Sequence[str]) -> str:
    """Returns the matrix as CSV: a row a label, a column a prediction."""
    rows = ([name, *row.tolist()] for name, row in zip(names, counts, strict=True))
    return as_csv([r"label \ prediction", *names], rows)


def class_csv(metrics: Sequence[ClassMetrics]) -> str:
    """Returns precision, recall and F1 of each class as CSV."""
    columns = ("name", "precision", "recall", "f1", "images", "mistakes")
    return as_csv(columns, ([getattr(row, column) for column in columns] for row in metrics))
