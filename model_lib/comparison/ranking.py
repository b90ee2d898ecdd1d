"""A leaderboard: which runs the rules let in, their order by validation accuracy, and which share a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model_lib.comparison.record import RunRecord
from model_lib.comparison.significance import LEVEL
from model_lib.config.splits import held_out_images
from model_lib.evaluation.evaluation import accuracy_interval

# Below so many validation images an accuracy says too little: one of 1 image would be 100 %.
LEAST_VALIDATION_IMAGES: Final = 100


@dataclass(frozen=True)
class Rules:
    """What a run must keep to.

    Args:
        dataset: name of the data set that it is trained on.
        most_parameters: the most weights and biases, or None for any number.
        most_seconds: the longest training, in seconds, or None for any time.
    """

    dataset: str = "mnist"
    most_parameters: int | None = None
    most_seconds: float | None = None

    def let_in(self, record: RunRecord) -> bool:
        """Returns whether a run keeps to the rules; one whose time is unknown does not keep to a limit of time."""
        if record.config.dataset != self.dataset:
            return False
        if self.most_parameters is not None and record.parameters > self.most_parameters:
            return False
        return self.most_seconds is None or (record.seconds is not None and record.seconds <= self.most_seconds)


@dataclass(frozen=True)
class Entry:
    """A run on the board.

    Args:
        record: the run.
        right: how many of its validation images it classifies correctly after the last epoch, whose weights it has.
        images: how many validation images there are.
    """

    record: RunRecord
    right: int
    images: int

    @property
    def accuracy(self) -> float:
        """The validation accuracy, 0 to 1."""
        return self.right / self.images

    @property
    def interval(self) -> tuple[float, float]:
        """Its Wilson interval of 95 %, 0 to 1."""
        return accuracy_interval(self.accuracy, self.images)


@dataclass(frozen=True)
class Board:
    """A leaderboard.

    Args:
        entries: the runs in the order of their validation accuracy, the best first; of equals the earlier run first.
        unranked: runs that cannot be ranked, with why and what to do, by their ids.
    """

    entries: tuple[Entry, ...]
    unranked: Mapping[str, str]


def board_of(records: Sequence[RunRecord]) -> Board:
    """Puts runs in the order of their validation accuracy; the test images choose nothing.

    Args:
        records: of ended runs.
    """
    entries, unranked = [], {}
    for record in records:
        images = len(held_out_images(record.config))
        if record.run.was_brought:
            unranked[record.id] = (
                "brought as a file, so that its validation accuracy was not measured here. Train it again with *Again "
                "with one change* on Train"
            )
        elif record.last_validation is None and record.config.validation == "last" and not record.epochs:
            unranked[record.id] = "it ended before its first whole epoch. Train it longer"
        elif record.last_validation is None:
            unranked[record.id] = (
                "no validation images. Train again with the setting *Validation on*: the last part of the training "
                "images"
            )
        elif images < LEAST_VALIDATION_IMAGES:
            unranked[record.id] = (
                f"only {images} validation images, at least {LEAST_VALIDATION_IMAGES} are needed. Train again with "
                "more training images or a larger share for validation"
            )
        else:
            entries.append(Entry(record, round(record.last_validation * images), images))
    entries.sort(key=lambda entry: (-entry.accuracy, entry.record.created, entry.record.id))
    return Board(tuple(entries), unranked)


def places_of(counts: Sequence[tuple[int, int]], significance: float = LEVEL) -> tuple[int, ...]:
    """Returns the place of each run on a board, from 1; runs that are not told apart from the first of them share one.

    Every pair of runs is compared by the two-proportion test of Agresti and Caffo on the counts of their validation
    images; the p-values of all pairs are corrected by Holm's method. The first run has place 1. Down the board each
    run shares the place of the group's first one as long as its corrected p-value against that first one is not below
    `significance`. The first that is below it begins the next group, at the place 1 + the number of runs before it.
    So two neighbours of different places may still not be told apart from each other.

    The test takes the images of two runs as independent. Mostly they are the same images, on which networks err alike:
    then the true p-values are smaller, and runs share a place rather too often than too seldom.

    Imports statsmodels, which takes seconds.

    Args:
        counts: correct validation images and their number, in the order of the board.
        significance: probability, 0 to 1, of telling any equal pair apart.
    """
    runs = len(counts)
    if runs < 2:
        return (1,) * runs
    differs = _differing_pairs(counts, significance)
    places, first = [1], 0
    for place in range(1, runs):
        if differs[first, place]:
            first = place
        places.append(first + 1)
    return tuple(places)


def _differing_pairs(counts: Sequence[tuple[int, int]], significance: float) -> np.ndarray:
    """Returns an array (runs, runs), bool, true above the diagonal where two runs are told apart."""
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import test_proportions_2indep

    right, images = np.array(counts).T
    first, second = np.triu_indices(len(counts), 1)
    with np.errstate(divide="ignore", invalid="ignore"):  # of the odds ratio, which is not used
        test = test_proportions_2indep(
            right[first], images[first], right[second], images[second], compare="diff", method="agresti-caffo"
        )
    differs = np.zeros((len(counts), len(counts)), bool)
    differs[first, second] = multipletests(test.pvalue, alpha=significance, method="holm")[0]
    return differs
