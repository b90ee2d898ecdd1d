"""Accuracy by writer, of a test set that says who wrote each image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import as_csv


@dataclass(frozen=True)
class WriterMetrics:
    """How one writer's images are read.

    Args:
        writer: number of the writer.
        images: number of test images.
        mistakes: number of misclassified ones among them.
    """

    writer: int
    images: int
    mistakes: int

    @property
    def accuracy(self) -> float:
        """The fraction of correct predictions, 0 to 1."""
        return 1 - self.mistakes / self.images


def writer_metrics(evaluation: Evaluation) -> list[WriterMetrics]:
    """Returns the metrics of each writer, the lowest accuracy first; empty where the writers are not known."""
    if evaluation.writers is None:
        return []
    found = []
    for writer in np.unique(evaluation.writers).tolist():
        is_own = evaluation.writers == writer
        found.append(WriterMetrics(writer, int(is_own.sum()), int(evaluation.is_mistake[is_own].sum())))
    return sorted(found, key=lambda each: each.accuracy)


def writers_csv(metrics: Sequence[WriterMetrics]) -> str:
    """Returns the metrics as CSV."""
    rows = ((each.writer, each.images, each.mistakes, f"{each.accuracy:.6f}") for each in metrics)
    return as_csv(("writer", "images", "mistakes", "accuracy"), rows)
