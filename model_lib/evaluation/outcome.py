"""Whether a run beats chance, and advice if it does not."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from model_lib.datasets.loading import CLASSES
from model_lib.divergence import diverged
from model_lib.evaluation.evaluation import Evaluation, accuracy_interval
from model_lib.number_format import accuracy_text

# Cross-entropy of the uniform prediction, ln 10. Well above it, the optimisation has diverged.
CHANCE_LOSS: Final = math.log(CLASSES)
_DIVERGED_LOSS: Final = 1.2 * CHANCE_LOSS


def advice(evaluation: Evaluation, loss: float, rate: float) -> str | None:
    """Returns advice for the visitor if the accuracy does not exceed chance, else None.

    Args:
        evaluation: on the test set.
        loss: mean training loss of the last epoch, in nats.
        rate: learning rate.
    """
    images = len(evaluation.labels)
    commonest = float(np.bincount(evaluation.labels, minlength=CLASSES).max()) / images
    if evaluation.accuracy > accuracy_interval(commonest, images)[1]:
        return None
    seen = (
        f"the test accuracy is {accuracy_text(evaluation.accuracy)}, no more than that of a network that always gives "
        "the same answer"
    )
    if loss > _DIVERGED_LOSS:
        guessing = f"the loss of the last epoch is {loss:,.4g}, and guessing has {CHANCE_LOSS:.2f}"
        return diverged(f"{guessing}; {seen}", rate)
    return f"Nothing was learnt: {seen}. Train for longer, or try another learning rate than {rate:g}."
