"""Activation functions, their slopes, and the units that a shift of their sums switches off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

_Function: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Activation:
    """An activation function.

    Args:
        apply: the function, element by element.
        slope: its derivative; 0 for ReLU at 0, as in Keras.
    """

    apply: _Function
    slope: _Function


def _sigmoid(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    # By tanh: without an overflow for large negative sums.
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * sums)))


# By their names in Keras; "linear" is none.
ACTIVATIONS: Final[Mapping[str, Activation]] = {
    "linear": Activation(lambda sums: np.asarray(sums, np.float64), np.ones_like),
    "relu": Activation(lambda sums: np.maximum(sums, 0.0), lambda sums: np.asarray(sums > 0, np.float64)),
    "sigmoid": Activation(_sigmoid, lambda sums: np.asarray(_sigmoid(sums) * (1.0 - _sigmoid(sums)))),
    "tanh": Activation(np.tanh, lambda sums: np.asarray(1.0 - np.tanh(sums) ** 2)),
}


def positive_shares(sums: NDArray[np.floating[Any]], shift: float) -> NDArray[np.float64]:
    """Returns for which share of the images each unit's sum is above 0, that is, its ReLU puts out something.

    Args:
        sums: (images, units), before the activation.
        shift: is added to each sum, as to each bias.

    Returns:
        (units,), 0 to 1; a unit of 0 is dead on these images: no gradient reaches its weights.
    """
    return np.asarray((sums + shift > 0).mean(axis=0), np.float64)
