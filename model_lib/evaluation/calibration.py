"""Whether a network's confidence can be believed, and what it gains by refusing what it is not certain of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import as_csv

BINS: Final = 15


@dataclass(frozen=True)
class Calibration:
    """Confidence against accuracy, in bins of equal width from 0 to 1. Bins without images hold zeros.

    Args:
        edges: (b + 1,) the limits of the bins, 0 to 1.
        confidences: (b,) the mean confidence of each bin's images.
        accuracies: (b,) the share of them that is read right.
        counts: (b,) how many they are.
        error: the expected calibration error, 0 to 1: how far confidence and accuracy lie apart, on average over all
            images.
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
class Refusal:
    """What a network reaches if it may refuse the images that it is least certain of.

    Args:
        share: the share of images that is refused, 0 to 1.
        threshold: the lowest confidence that is still answered, 0 to 1.
        accuracy: the share of the answered images that is read right, 0 to 1.
        answered: how many images are answered.
        mistakes: how many of those are misread.
    """

    share: float
    threshold: float
    accuracy: float
    answered: int
    mistakes: int


def calibration_of(evaluation: Evaluation, bins: int = BINS) -> Calibration:
    """Compares the confidence with the accuracy.

    Source: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On Calibration of Modern Neural Networks", 2017: 15 bins.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    confidences, is_right = evaluation.confidences.astype(np.float64), ~evaluation.is_mistake
    # A bin holds its upper limit and not its lower one, as in the paper.
    places = np.clip(np.searchsorted(edges, confidences, side="left") - 1, 0, bins - 1)
    counts = np.bincount(places, minlength=bins)
    sums = [np.bincount(places, weights, minlength=bins) for weights in (confidences, is_right)]
    means = [np.divide(each, counts, out=np.zeros(bins), where=counts > 0) for each in sums]
    error = float((counts * abs(means[0] - means[1])).sum() / counts.sum())
    return Calibration(edges, means[0], means[1], counts, error)


def refuse(evaluation: Evaluation, share: float) -> Refusal:
    """Lets the network refuse a share of the images, 0 to below 1, those with the lowest confidence."""
    return _refuse(evaluation, [share])[0]


def refusal_curve(evaluation: Evaluation, highest_share: float = 0.2, points: int = 200) -> list[Refusal]:
    """Returns what is reached at shares from 0 to `highest_share`, both included, evenly spaced."""
    return _refuse(evaluation, np.linspace(0.0, highest_share, points + 1).tolist())


def _refuse(evaluation: Evaluation, shares: Sequence[float]) -> list[Refusal]:
    confidences, is_mistake = evaluation.confidences, evaluation.is_mistake
    order = np.argsort(confidences, kind="stable")
    # Place k holds the mistakes among the images from the k-th least certain one on.
    mistakes_from = np.cumsum(is_mistake[order][::-1])[::-1]
    results = []
    for share in shares:
        refused = min(round(share * len(order)), len(order) - 1)
        answered, mistakes = len(order) - refused, int(mistakes_from[refused])
        threshold = float(confidences[order[refused]])
        results.append(Refusal(refused / len(order), threshold, 1 - mistakes / answered, answered, mistakes))
    return results
