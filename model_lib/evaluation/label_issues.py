"""Label issues: test images on which several networks agree against the label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model_lib.datasets.label_errors import label_dispute
from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import as_csv

# Networks over 2 points below the best are ignored.
NEAR_BEST_MARGIN: Final = 0.02


@dataclass(frozen=True)
class LabelIssue:
    """A test image on which all networks near the best agree against its label.

    Args:
        index: in the test set.
        label: given label.
        prediction: of all the networks.
        confidence: their mean confidence, 0 to 1.
        dispute: sentence on a known label error, or None.
    """

    index: int
    label: int
    prediction: int
    confidence: float
    dispute: str | None


def near_best(evaluations: Mapping[str, Evaluation]) -> dict[str, Evaluation]:
    """Returns the evaluations whose accuracy is at most two points below the best one's."""
    best = max((evaluation.accuracy for evaluation in evaluations.values()), default=0.0)
    return {name: each for name, each in evaluations.items() if each.accuracy >= best - NEAR_BEST_MARGIN}


def find_label_issues(evaluations: Sequence[Evaluation]) -> list[LabelIssue]:
    """Returns the images on which all networks agree against the label, in order of decreasing confidence.

    Args:
        evaluations: of the same test set.
    """
    if not evaluations:
        return []
    labels = evaluations[0].labels
    predictions = np.stack([evaluation.predictions for evaluation in evaluations])
    agree = (predictions == predictions[0]).all(axis=0) & (predictions[0] != labels)
    confidences = np.mean([evaluation.confidences for evaluation in evaluations], axis=0)
    indices = np.flatnonzero(agree)
    return [
        LabelIssue(
            int(index),
            int(labels[index]),
            int(predictions[0, index]),
            float(confidences[index]),
            label_dispute(evaluations[0].dataset, int(index)),
        )
        for index in indices[np.argsort(-confidences[indices], kind="stable")]
    ]


def label_issues_csv(issues: Sequence[LabelIssue], names: Sequence[str]) -> str:
    """Returns the images as CSV."""
    rows = (
        (each.index, names[each.label], names[each.prediction], f"{each.confidence:.6f}", each.dispute or "")
        for each in issues
    )
    return as_csv(("index", "label", "answer of all networks", "mean confidence", "people"), rows)


@dataclass(frozen=True)
class NetworkPrediction:
    """One network's prediction of one image.

    Args:
        network: title of the network.
        prediction: class.
        confidence: 0 to 1.
        is_right: whether the prediction is the label.
    """

    network: str
    prediction: int
    confidence: float
    is_right: bool


def network_predictions(evaluations: Mapping[str, Evaluation], index: int) -> list[NetworkPrediction]:
    """Returns the prediction of each network for a test image, in the given order."""
    return [
        NetworkPrediction(
            title,
            int(each.predictions[index]),
            float(each.confidences[index]),
            not bool(each.is_mistake[index]),
        )
        for title, each in evaluations.items()
    ]
