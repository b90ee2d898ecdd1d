"""Test images of MNIST whose label is doubtful, as five people each judged them.

Source: C. Northcutt, A. Athalye, J. Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning
Benchmarks", 2021; the list is `mturk/mnist_mturk.json` of the repository cleanlab/label-errors (Apache-2.0). Five
people each looked at the 100 labels that a cross-validated model doubted most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Index in the test set -> what most of the five people saw.
CORRECTED: Final[Mapping[int, int]] = {
    947: 9,
    1621: 6,
    1901: 4,
    2462: 0,
    2597: 3,
    3558: 0,
    5937: 3,
    6651: 6,
    6783: 6,
    9729: 6,
}
NO_CLEAR_DIGIT: Final = (2654, 3520, 9679)
NO_MAJORITY: Final = (2130, 8527)


def disputed_images(dataset: str) -> NDArray[np.int64]:
    """Returns the indices of the test images with a doubtful label, in order; none for data sets but MNIST."""
    indices = [*CORRECTED, *NO_CLEAR_DIGIT, *NO_MAJORITY] if dataset == "mnist" else []
    return np.array(sorted(indices), np.int64)


def dispute_of(dataset: str, index: int) -> str | None:
    """Says in a sentence what is doubtful about a test image's label, or None if nothing is known."""
    if dataset != "mnist":
        return None
    if index in CORRECTED:
        return f"This label is disputed: most of five people saw a {CORRECTED[index]}."
    if index in NO_CLEAR_DIGIT:
        return "This label is disputed: most of five people saw no clear digit."
    if index in NO_MAJORITY:
        return "This label is disputed: five people did not agree on what it is."
    return None
