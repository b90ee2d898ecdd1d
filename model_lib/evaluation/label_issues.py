"""What several networks say of the same images, and which labels they contradict together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model_lib.datasets.label_errors import label_dispute
from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import as_csv

# A network that is this much worse than the best one has no say: its mistakes are its own.
GOOD_WITHIN: Final = 0.02


@dataclass(frozen=True)
class Suspect:
    """A test image on which all good networks agree against its label.

    Args:
        index: its place in the test set.
        label: what the data set says.
        answer: what all the networks say.
        confidence: the mean probability that they give it, 0 to 1.
        dispute: what is known of the label from people, or None.
    """

    index: int
    label: int
    answer: int
    confidence: float
    dispute: str | None


def good_ones(evaluations: Mapping[str, Evaluation]) -> dict[str, Evaluation]:
    """Returns the evaluations whose accuracy is at most two points below the best one's."""
    best = max((evaluation.accuracy for evaluation in evaluations.values()), default=0.0)
    return {name: each for name, each in evaluations.items() if each.accuracy >= best - GOOD_WITHIN}


def suspect_labels(evaluations: Sequence[Evaluation]) -> list[Suspect]:
    """Returns the images on which all these networks agree against the label, the most certain first.

    Args:
        evaluations: of the same test images.
    """
    if not evaluations:
        return []
    labels = evaluations[0].labels
    predictions = np.stack([evaluation.predictions for evaluation in evaluations])
    agree = (predictions == predictions[0]).all(axis=0) & (predictions[0] != labels)
    confidences = np.mean([evaluation.confidences for evaluation in evaluations], axis=0)
    indices = np.flatnonzero(agree)
    return [
        Suspect(
            int(index),
            int(labels[index]),
            int(predictions[0, index]),
            float(confidences[index]),
            label_dispute(evaluations[0].dataset, int(index)),
        )
        for index in indices[np.argsort(-confidences[indices], kind="stable")]
    ]


def suspects_csv(suspects: Sequence[Suspect], names: Sequence[str]) -> str:
    """Returns the images as CSV."""
    rows = (
        (each.index, names[each.label], names[each.answer], f"{each.confidence:.6f}", each.dispute or "")
        for each in suspects
    )
    return as_csv(("index", "label", "answer of all networks", "mean confidence", "people"), rows)


@dataclass(frozen=True)
class Verdict:
    """What one network says of one image.

    Args:
        network: its title.
        answer: the class.
        confidence: its probability, 0 to 1.
        is_right: whether it is the label.
    """

    network: str
    answer: int
    confidence: float
    is_right: bool


def verdicts(evaluations: Mapping[str, Evaluation], index: int) -> list[Verdict]:
    """Returns what each network says of a test image, in the given order."""
    return [
        Verdict(
            title,
            int(each.predictions[index]),
            float(each.confidences[index]),
            not bool(each.is_mistake[index]),
        )
        for title, each in evaluations.items()
    ]
