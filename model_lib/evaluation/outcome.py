"""What a training has come to, and what to change if that is nothing."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from model_lib.datasets.loading import CLASSES
from model_lib.divergence import diverged
from model_lib.evaluation.evaluation import Evaluation, accuracy_interval

# A network that finds all classes equally likely has the cross-entropy ln 10. Well above it, the training has made the
# answers worse than none.
GUESSING_LOSS: Final = math.log(CLASSES)
_DIVERGED_LOSS: Final = 1.2 * GUESSING_LOSS


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
