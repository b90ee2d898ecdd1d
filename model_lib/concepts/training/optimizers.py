"""Update rules of five optimizers as Keras 3 has them, and the paths on which they lead down a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

# Keras's defaults, which the constructors of `keras.optimizers` have.
EPSILON: Final = 1e-7
RMSPROP_RHO: Final = 0.9
ADADELTA_RHO: Final = 0.95
BETA_1: Final = 0.9
BETA_2: Final = 0.999
# SGD's default is 0, which is plain gradient descent; 0.9 is what is usually chosen.
MOMENTUM: Final = 0.9

Loss = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]
# Beyond it a path has left every picture; far beyond it the loss would overflow.
_FARTHEST: Final = 100.0


class Optimizer(Protocol):
    """An update rule with what it keeps between two steps."""

    def change(self, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns what is added to the weights for a gradient of the same shape."""


class Sgd:
    """Stochastic gradient descent, with momentum above 0 in its classical form (B. Polyak, 1964)."""

    def __init__(self, rate: float, momentum: float = 0.0) -> None:
        self._rate, self._momentum = rate, momentum
        self._velocity: NDArray[np.float64] | float = 0.0

    def change(self, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `Optimizer`."""
        velocity = self._momentum * self._velocity - self._rate * gradient
        self._velocity = velocity
        return velocity


class RmsProp:
    """Gradients over the root of their mean squares (T. Hinton, lecture 6e, 2012)."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._squares: NDArray[np.float64] | float = 0.0

    def change(self, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `Optimizer`."""
        squares = RMSPROP_RHO * self._squares + (1.0 - RMSPROP_RHO) * gradient**2
        self._squares = squares
        return -self._rate * gradient / np.sqrt(squares + EPSILON)


class Adam:
    """Means of the gradients over the root of the means of their squares (D. Kingma and J. Ba, 2014)."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._steps = 0
        self._means: NDArray[np.float64] | float = 0.0
        self._squares: NDArray[np.float64] | float = 0.0

    def change(self, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `Optimizer`."""
        self._steps += 1
        means = BETA_1 * self._means + (1.0 - BETA_1) * gradient
        squares = BETA_2 * self._squares + (1.0 - BETA_2) * gradient**2
        self._means, self._squares = means, squares
        # Both means start at 0, which this makes up for. Keras adds epsilon where the article's "epsilon hat" stands.
        rate = self._rate * np.sqrt(1.0 - BETA_2**self._steps) / (1.0 - BETA_1**self._steps)
        change: NDArray[np.float64] = -rate * means / (np.sqrt(squares) + EPSILON)
        return change


class Adadelta:
    """Gradients in the unit of the weights: times the root mean square of earlier changes (M. Zeiler, 2012)."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._squares: NDArray[np.float64] | float = 0.0
        self._changes: NDArray[np.float64] | float = 0.0

    def change(self, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `Optimizer`."""
        squares = ADADELTA_RHO * self._squares + (1.0 - ADADELTA_RHO) * gradient**2
        change = -np.sqrt(self._changes + EPSILON) * gradient / np.sqrt(squares + EPSILON)
        self._changes = ADADELTA_RHO * self._changes + (1.0 - ADADELTA_RHO) * change**2
        self._squares = squares
        return self._rate * change


# By the names that the settings of a training have; momentum is SGD with momentum.
OPTIMIZERS: Final[Mapping[str, Callable[[float], Optimizer]]] = {
    "sgd": Sgd,
    "momentum": partial(Sgd, momentum=MOMENTUM),
    "rmsprop": RmsProp,
    "adam": Adam,
    "adadelta": Adadelta,
}


@dataclass(frozen=True)
class Descent:
    """The path of an optimizer.

    Args:
        points: (steps + 1, 2), the start first.
        losses: (steps + 1,), at the points.
        gradients: (steps + 1, 2), at the points.
    """

    points: NDArray[np.float64]
    losses: NDArray[np.float64]
    gradients: NDArray[np.float64]

    def first(self, steps: int) -> Descent:
        """Returns the path of so many steps, or the whole of it if it has fewer."""
        return Descent(self.points[: steps + 1], self.losses[: steps + 1], self.gradients[: steps + 1])

    @property
    def steps(self) -> int:
        """How many steps it has."""
        return len(self.points) - 1

    @property
    def first_length(self) -> float:
        """The length of the first step."""
        return float(np.linalg.norm(self.points[1] - self.points[0]))


def descend(loss: Loss, optimizer: Optimizer, start: NDArray[np.float64], steps: int) -> Descent:
    """Follows an optimizer.

    Args:
        loss: returns the loss and its gradient (2,) at a point (2,).
        optimizer: one that has taken no step yet.
        start: (2,).
        steps: at most so many; a path that is farther than 100 from the origin ends there.
    """
    point = np.array(start, np.float64)
    points, losses, gradients = [], [], []
    for step in range(steps + 1):
        value, gradient = loss(point)
        points.append(point)
        losses.append(value)
        gradients.append(gradient)
        if step == steps or np.abs(point).max() > _FARTHEST:
            break
        point = point + optimizer.change(gradient)
    return Descent(np.array(points), np.array(losses), np.array(gradients))
