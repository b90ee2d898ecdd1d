"""Known label errors of MNIST's test set, as five annotators each judged them.

Source: C. Northcutt, A. Athalye, J. Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning
Benchmarks", 2021; the list is `mturk/mnist_mturk.json` of the repository cleanlab/label-errors (Apache-2.0). Five
annotators each looked at the 100 labels that a cross-validated model doubted most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SOURCE: Final = (
    'C. Northcutt, A. Athalye, J. Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning '
    'Benchmarks", 2021'
)
ANNOTATORS: Final = 5
CHECKED_LABELS: Final = 100


@dataclass(frozen=True)
class LabelVotes:
    """How the five annotators judged one label; each chose the given label, the proposed one, or neither.

    Args:
        proposed: the label, 0 to 9, that the cross-validated model predicted.
        for_given: annotators who chose the label of the test set.
        for_proposed: annotators who chose the proposed one.
        for_neither: annotators who chose neither.
    """

    proposed: int
    for_given: int
    for_proposed: int
    for_neither: int


# Index in the test set -> the votes, of the labels without a majority.
VOTES: Final[Mapping[int, LabelVotes]] = {
    947: LabelVotes(9, 0, 5, 0),
    1621: LabelVotes(6, 2, 3, 0),
    1901: LabelVotes(4, 2, 3, 0),
    2130: LabelVotes(9, 2, 2, 1),
    2462: LabelVotes(0, 0, 4, 1),
    2597: LabelVotes(3, 0, 4, 1),
    2654: LabelVotes(1, 0, 2, 3),
    3520: LabelVotes(4, 2, 0, 3),
    3558: LabelVotes(0, 1, 4, 0),
    5937: LabelVotes(3, 1, 3, 1),
    6651: LabelVotes(6, 0, 5, 0),
    6783: LabelVotes(6, 2, 3, 0),
    8527: LabelVotes(9, 2, 2, 1),
    9679: LabelVotes(3, 2, 0, 3),
    9729: LabelVotes(6, 2, 3, 0),
}
_MAJORITY: Final = ANNOTATORS // 2 + 1
# Index in the test set -> the majority label of the five annotators.
CORRECTED: Final[Mapping[int, int]] = {
    index: votes.proposed for index, votes in VOTES.items() if votes.for_proposed >= _MAJORITY
}
NO_CLEAR_DIGIT: Final = tuple(index for index, votes in VOTES.items() if votes.for_neither >= _MAJORITY)
NO_MAJORITY: Final = tuple(index for index in VOTES if index not in CORRECTED and index not in NO_CLEAR_DIGIT)


def disputed_images(dataset: str) -> NDArray[np.int64]:
    """Returns the sorted indices of the test images with a known label error; none for data sets but MNIST."""
    return np.array(sorted(VOTES) if dataset == "mnist" else [], np.int64)


def label_votes(dataset: str, index: int) -> LabelVotes | None:
    """Returns how the annotators judged the label of a test image; None unless it is disputed."""
    return VOTES.get(index) if dataset == "mnist" else None


def label_dispute(dataset: str, index: int) -> str | None:
    """Returns a sentence on the known label error of a test image, or None."""
    if dataset != "mnist":
        return None
    if index in CORRECTED:
        return f"This label is disputed: most of five people saw a {CORRECTED[index]}."
    if index in NO_CLEAR_DIGIT:
        return "This label is disputed: most of five people saw no clear digit."
    if index in NO_MAJORITY:
        return "This label is disputed: five people did not agree on what it is."
    return None
