"""Calibration (reliability diagram, expected calibration error) and selective classification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.evaluation.evaluation import Evaluation, divide_or_zero
from model_lib.files import as_csv

BINS: Final = 15


@dataclass(frozen=True)
class Calibration:
    """Data of a reliability diagram: confidence and accuracy in bins of equal width from 0 to 1. Empty bins hold 0.

    Args:
        edges: (b + 1,) bin edges, 0 to 1.
        confidences: (b,) mean confidence of each bin.
        accuracies: (b,) accuracy of each bin.
        counts: (b,) number of images in each bin.
        error: expected calibration error (ECE), 0 to 1: the mean absolute difference of confidence and accuracy,
            weighted by the bins' counts.
    """

    edges: NDArray[np.float64]
    confidences: NDArray[np.float64]
    accuracies: NDArray[np.float64]
    counts: NDArray[np.int64]
    error: float

    def as_csv(self) -> str:
        """Returns the bins as CSV."""
        rows = zip(self.edges, self.edges[1:], self.confidences, self.accuracies, self.counts, strict=False)
        return as_csv(("from", "to", "mean confidence", "accuracy", "images"), rows)


@dataclass(frozen=True)
class Rejection:
    """One point of the accuracy-rejection curve: the images of lowest confidence are rejected.

    Args:
        rate: rejected fraction of the images, 0 to 1.
        threshold: lowest accepted confidence, 0 to 1.
        accuracy: accuracy on the accepted images, 0 to 1.
        accepted: number of accepted images.
        mistakes: number of misclassified ones among them.
    """

    rate: float
    threshold: float
    accuracy: float
    accepted: int
    mistakes: int


def calibration_of(evaluation: Evaluation, bins: int = BINS) -> Calibration:
    """Bins the predictions by confidence.

    Source: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On Calibration of Modern Neural Networks", 2017: 15 bins.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    confidences, is_right = evaluation.confidences.astype(np.float64), ~evaluation.is_mistake
    # Half-open bins (lower, upper], as in the paper.
    bin_indices = np.clip(np.searchsorted(edges, confidences, side="left") - 1, 0, bins - 1)
    counts = np.bincount(bin_indices, minlength=bins)
    sums = [np.bincount(bin_indices, weights, minlength=bins) for weights in (confidences, is_right)]
    means = [divide_or_zero(each, counts) for each in sums]
    error = float((counts * abs(means[0] - means[1])).sum() / counts.sum())
    return Calibration(edges, means[0], means[1], counts, error)


def reject(evaluation: Evaluation, rate: float) -> Rejection:
    """Rejects a fraction of the images, 0 to below 1, in order of increasing confidence."""
    return _reject(evaluation, [rate])[0]


def rejection_curve(evaluation: Evaluation, highest_rate: float = 0.2, points: int = 200) -> list[Rejection]:
    """Returns the accuracy-rejection curve at evenly spaced rates from 0 to `highest_rate`, both included.

    Source: M. Nadeem, J. Zucker, B. Hanczar, "Accuracy-Rejection Curves (ARCs) for Comparing Classification Methods
    with a Reject Option", 2009.
    """
    return _reject(evaluation, np.linspace(0.0, highest_rate, points + 1).tolist())


def _reject(evaluation: Evaluation, rates: Sequence[float]) -> list[Rejection]:
    confidences, is_mistake = evaluation.confidences, evaluation.is_mistake
    order = np.argsort(confidences, kind="stable")
    # Element k counts the mistakes among all but the k images of lowest confidence.
    mistakes_from = np.cumsum(is_mistake[order][::-1])[::-1]
    results = []
    for rate in rates:
        rejected = min(round(rate * len(order)), len(order) - 1)
        accepted, mistakes = len(order) - rejected, int(mistakes_from[rejected])
        threshold = float(confidences[order[rejected]])
        results.append(Rejection(rejected / len(order), threshold, 1 - mistakes / accepted, accepted, mistakes))
    return results
