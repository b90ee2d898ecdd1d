"""A vote: several networks classify the same images together (an ensemble)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from model_lib.comparison.paired_predictions import are_paired
from model_lib.comparison.record import RunRecord
from model_lib.comparison.significance import mcnemar_p_values
from model_lib.evaluation.evaluation import Evaluation

Rule = Literal["mean", "majority"]
RULES: Final[tuple[Rule, ...]] = ("mean", "majority")
LEAST_MEMBERS: Final = 2
# As many as are chosen for the visitor: an odd number, so that a majority is seldom tied.
USUAL_MEMBERS: Final = 3


@dataclass(frozen=True)
class Vote:
    """What several networks predict together.

    Args:
        shares: (n, 10), each row adds up to 1: the mean of the members' probabilities, or the share of the members
            that predict each class.
        predictions: (n,), the class of the largest share; of a tied majority that of the largest mean probability.
    """

    shares: NDArray[np.float64]
    predictions: NDArray[np.int64]


@dataclass(frozen=True)
class Gain:
    """On which images a vote and one network differ in being correct.

    Args:
        only_vote: indices of the images that the vote classifies correctly and the network does not, ascending.
        only_member: the other way round.
    """

    only_vote: NDArray[np.int64]
    only_member: NDArray[np.int64]


def vote_of(probabilities: Sequence[NDArray[Any]], rule: Rule) -> Vote:
    """Lets networks vote on images.

    Args:
        probabilities: (n, 10) of each member, 0 to 1, at least one member.
        rule: "mean" averages the probabilities; "majority" counts the members' predictions and breaks ties between the
            classes of most votes by their mean probability.
    """
    members = np.stack([np.asarray(each, np.float64) for each in probabilities])
    mean = members.mean(axis=0)
    if rule == "mean":
        return Vote(mean, mean.argmax(axis=1))
    votes = np.eye(members.shape[2])[members.argmax(axis=2)].sum(axis=0)
    is_leading = votes == votes.max(axis=1, keepdims=True)
    return Vote(votes / len(members), np.where(is_leading, mean, -1.0).argmax(axis=1))


def accuracy_of(vote: Vote, labels: NDArray[np.uint8]) -> float:
    """Returns the share of images, 0 to 1, whose label (n,) the vote predicts."""
    return float(np.mean(vote.predictions == labels))


def have_same_images(evaluations: Sequence[Evaluation]) -> bool:
    """Returns whether these are predictions of the same test images: of one data set, with equal labels."""
    return all(are_paired(evaluations[0], each) for each in evaluations[1:])


def gain_of(vote: Vote, member: Evaluation) -> Gain:
    """Returns on which images the vote and one network differ in being correct."""
    is_right, is_member_right = vote.predictions == member.labels, ~member.is_mistake
    return Gain(np.flatnonzero(is_right & ~is_member_right), np.flatnonzero(~is_right & is_member_right))


def chance_of(gain: Gain) -> float:
    """Returns how often chance alone gives at least such a difference, 0 to 1: McNemar's exact test, two-sided.

    It speaks of these trained networks and images like these, not of other trainings with the same settings.
    """
    return float(mcnemar_p_values(len(gain.only_vote), len(gain.only_member)))


def best_by_validation(records: Sequence[RunRecord], most: int = 1) -> tuple[RunRecord, ...]:
    """Returns the runs with the highest validation accuracies after their last epoch, whose weights they have.

    Args:
        records: of runs; those without validation images are passed over, since the test images must not choose.
        most: how many.

    Returns:
        Up to `most`, the best first; of equals the one that comes first in `records`.
    """
    validated = [record for record in records if record.last_validation is not None]
    return tuple(sorted(validated, key=lambda record: -(record.last_validation or 0.0))[:most])
