"""Divergence: detection of non-finite values, and the message that pages and terminal share."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

# Stands for a NaN or infinite loss in the event log: JSON has neither.
NOT_A_NUMBER: Final = 1e9


class DivergedError(Exception):
    """Loss or predictions are NaN or infinite; the message, for the visitor, says what to change."""


def diverged(what: str, rate: float | None = None, explanation: str | None = None) -> str:
    """Returns the message about a training that diverged: the symptom, and what to do.

    Args:
        what: the symptom, e.g. "the loss is no longer a number since epoch 1, step 3".
        rate: the learning rate; None if unknown.
        explanation: where it began, whole sentences; None if unknown.
    """
    than = "" if rate is None else f" than {rate:g}"
    where = "" if explanation is None else f" {explanation}"
    return f"The training diverged: {what}.{where} Choose a smaller learning rate{than} and train the network again."


def not_numbers(predictions: NDArray[np.floating]) -> str | None:
    """Returns the message about predictions that are NaN or infinite, or None if all are finite.

    Args:
        predictions: (n, classes), probabilities or scores.
    """
    wrong = int(np.count_nonzero(~np.isfinite(predictions).all(axis=1)))
    if not wrong:
        return None
    return f"the network's answers to {wrong:,} of {len(predictions):,} images are no longer numbers (NaN)"
