"""A training that diverged: how it is seen, and the words in which every page and the terminal say it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.evaluation import Evaluation, accuracy_interval
from model_lib.specs import CLASSES

# A network that finds all classes equally likely has the cross-entropy ln 10. Well above it, the training has made the
# answers worse than none.
GUESSING_LOSS: Final = math.log(CLASSES)
# What stands in a journal for a loss that is not a number or endless: JSON knows neither.
NOT_A_NUMBER: Final = 1e9
_DIVERGED_LOSS: Final = 1.2 * GUESSING_LOSS


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


def advice(evaluation: Evaluation, loss: float, rate: float) -> str | None:
    """Says that a training has come to nothing, and what to change; None if the network has learnt something.

    Args:
        evaluation: the network's answers to the test images.
        loss: the mean training loss of the last epoch, in nats.
        rate: the learning rate.
    """
    images = len(evaluation.labels)
    commonest = float(np.bincount(evaluation.labels, minlength=CLASSES).max()) / images
    if evaluation.accuracy > accuracy_interval(commonest, images)[1]:
        return None
    seen = (
        f"{evaluation.accuracy:.2%} of the test images are read right, no more than by a network that always gives "
        "the same answer"
    )
    if loss > _DIVERGED_LOSS:
        guessing = f"the loss of the last epoch is {loss:,.4g}, and guessing has {GUESSING_LOSS:.2f}"
        return diverged(f"{guessing}; {seen}", rate)
    return f"Nothing was learnt: {seen}. Train for longer, or try another learning rate than {rate:g}."
