"""Statistics of a network's layers at one step: quantiles of their numbers, dead units, norms of their gradients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Quantity = Literal["weights", "biases", "activations", "gradients"]
QUANTITIES: Final[tuple[Quantity, ...]] = get_args(Quantity)
# Those of TensorBoard's distributions (NORMAL_HISTOGRAM_BPS in its compressor.py): of a normal distribution they are
# the least value, -1.5, -1, -0.5, 0, 0.5, 1 and 1.5 standard deviations from the mean, and the largest value.
PROBABILITIES: Final = (0.0, 0.0668, 0.1587, 0.3085, 0.5, 0.6915, 0.8413, 0.9332, 1.0)
Quantiles = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class LayerStatistics:
    """The numbers of one layer with weights, at one step, measured on a fixed batch of training images.

    Args:
        name: Keras's name of the layer.
        kind: its Keras class.
        units: units or filters, or channels that are normalised.
        dead: units whose output is 0 for all images and at all positions; None where the activation function has no
            range of zeros, so that the question does not arise.
        gradient_norm: Euclidean norm of the gradient of the batch's mean loss with respect to all its trainable
            weights; None if it is not finite.
        weights, biases: quantiles, at `PROBABILITIES`, of the kernel and the bias; of a normalisation, of the scale
            (gamma) and the offset (beta). None where there are none, or none that are finite.
        activations: alike, of its outputs after the activation function, that of an Activation behind it included.
        gradients: alike, of the gradient's elements.
    """

    name: str
    kind: str
    units: int
    dead: int | None = None
    gradient_norm: float | None = None
    weights: Quantiles | None = None
    biases: Quantiles | None = None
    activations: Quantiles | None = None
    gradients: Quantiles | None = None

    def quantiles(self, quantity: Quantity) -> Quantiles | None:
        """Returns the quantiles of one quantity."""
        quantiles: Quantiles | None = getattr(self, quantity)
        return quantiles


@dataclass(frozen=True, kw_only=True)
class NetworkStatistics:
    """The statistics of all layers with weights, before one step of the training.

    Args:
        step: of the whole training, from 0; 0 is the untrained network.
        images: how many the fixed batch has.
        loss: mean cross-entropy of the batch, in nats; None if it is not finite.
        seconds: what the measurement took.
        layers: from the image towards the answer.
    """

    step: int
    images: int
    loss: float | None
    seconds: float = 0.0
    layers: tuple[LayerStatistics, ...]

    @property
    def gradient_norm(self) -> float | None:
        """Euclidean norm of the gradient with respect to all weights; None if it is not finite."""
        norms = [layer.gradient_norm for layer in self.layers]
        squares = math.fsum(norm * norm for norm in norms if norm is not None)
        return None if None in norms or not math.isfinite(squares) else math.sqrt(squares)


def quantiles_of(values: NDArray[np.floating]) -> Quantiles | None:
    """Computes the quantiles at `PROBABILITIES` of the finite ones of some numbers; None if there are none.

    Args:
        values: (n,).

    Returns:
        They are interpolated linearly, as by `np.quantile`, and rounded to five significant digits.
    """
    finite = np.sort(values[np.isfinite(values)])
    if not len(finite):
        return None
    # One sort for all: np.quantile takes several times as long.
    places = np.multiply(PROBABILITIES, len(finite) - 1)
    lower = places.astype(np.intp)
    low, high = finite[lower].astype(np.float64), finite[np.minimum(lower + 1, len(finite) - 1)].astype(np.float64)
    return tuple(rounded(value) for value in (low + (high - low) * (places - lower)).tolist())


def rounded(value: float) -> float:
    """Rounds to five significant digits."""
    return float(f"{value:.5g}")


def finite_or_none(value: float) -> float | None:
    """Rounds a number that JSON has; None stands for one that is not finite."""
    return rounded(value) if math.isfinite(value) else None
