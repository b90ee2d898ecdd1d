"""Known label errors of MNIST's test set, as five annotators each judged them.

Source: C. Northcutt, A. Athalye, J. Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning
Benchmarks", 2021; the list is `mturk/mnist_mturk.json` of the repository cleanlab/label-errors (Apache-2.0). Five
annotators each looked at the 100 labels that a cross-validated model doubted most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Index in the test set -> the majority label of the five annotators.
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
    """Returns the sorted indices of the test images with a known label error; none for data sets but MNIST."""
    indices = [*CORRECTED, *NO_CLEAR_DIGIT, *NO_MAJORITY] if dataset == "mnist" else []
    return np.array(sorted(indices), np.int64)


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
