"""A training that diverged, and the words in which every page and the terminal say it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

# What stands in a journal for a loss that is not a number or endless: JSON knows neither.
NOT_A_NUMBER: Final = 1e9


class DivergedError(Exception):
    """A training whose loss or answers are no longer numbers; the message says what to change."""


def diverged(what: str, rate: float | None = None) -> str:
    """Says in a sentence that a training diverged, by what that was seen, and what to do.

    Args:
        what: by what it was seen, e.g. "the loss is no longer a number since epoch 1, step 3".
        rate: the learning rate; None if it is not known.
    """
    than = "" if rate is None else f" than {rate:g}"
    return f"The training diverged: {what}. Choose a smaller learning rate{than} and train the network again."


def not_numbers(answers: NDArray[np.floating]) -> str | None:
    """Says that a network's answers are not numbers, or None if they are.

    Args:
        answers: (n, classes), probabilities or scores.
    """
    wrong = int(np.count_nonzero(~np.isfinite(answers).all(axis=1)))
    if not wrong:
        return None
    return f"the network's answers to {wrong:,} of {len(answers):,} images are no longer numbers (NaN)"
