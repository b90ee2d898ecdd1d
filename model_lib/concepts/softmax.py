"""Softmax with a temperature."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def softmax(logits: NDArray[np.float64], temperature: float = 1.0) -> NDArray[np.float64]:
    """Returns the probabilities of logits divided by a temperature.

    Args:
        logits: (..., classes).
        temperature: above 0; 1 is plain softmax.

    Returns:
        The same shape; the last axis adds up to 1.
    """
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))  # the same quotients, without an overflow
    shares: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return shares
