"""The loss on a plane through three trained networks, exact and with its gradient; the command makes the networks.

python -m model_lib.concepts.training.loss_surface

writes `loss_surface.npz` beside this file in some seconds: the weights of three networks 784-16-10 that differ by their
random seeds, and the loss at 41 x 41 points. Source of the plane: T. Garipov et al., "Loss Surfaces, Mode Connectivity,
and Fast Ensembling of DNNs", 2018.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.concepts.softmax import softmax
from model_lib.datasets.loading import CLASSES, Split, load_dataset

FILE: Final = Path(__file__).with_suffix(".npz")
# Images on which the loss is measured: the first of MNIST's training set.
IMAGES: Final = 1_000
NETWORK_NAMES: Final = ("A", "B", "C")
# Of both axes. Network A lies at (0, 0) and B at (1, 0).
TICKS: Final = np.round(np.linspace(-0.5, 1.5, 41), 2)
_UNITS: Final = 16
_SEEDS: Final = (1, 2, 3)
_EPOCHS: Final = 2
_BATCH: Final = 32
_RATE: Final = 0.1


@dataclass(frozen=True)
class DenseWeights:
    """Weights of a network 784-16-10, ReLU and softmax, float64; also a direction in the space of its weights.

    Args:
        hidden_kernel: (784, 16).
        hidden_bias: (16,).
        kernel: (16, 10), of the output layer.
        bias: (10,).
    """

    hidden_kernel: NDArray[np.float64]
    hidden_bias: NDArray[np.float64]
    kernel: NDArray[np.float64]
    bias: NDArray[np.float64]

    @property
    def arrays(self) -> tuple[NDArray[np.float64], ...]:
        """The four arrays, in the order in which Keras lists them."""
        return self.hidden_kernel, self.hidden_bias, self.kernel, self.bias

    def plus(self, other: DenseWeights, factor: float) -> DenseWeights:
        """Returns these weights with a multiple of others added."""
        return DenseWeights(*(one + factor * two for one, two in zip(self.arrays, other.arrays, strict=True)))

    def dot(self, other: DenseWeights) -> float:
        """Returns the inner product of all weights."""
        return float(sum((one * two).sum() for one, two in zip(self.arrays, other.arrays, strict=True)))

    def probabilities(self, images: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns the network's probabilities (n, 10) for images (n, 784), 0 to 1."""
        hidden = np.maximum(images @ self.hidden_kernel + self.hidden_bias, 0.0)
        return softmax(hidden @ self.kernel + self.bias)


class LossPlane:
    """The mean cross-entropy, in nats, on a plane in the space of all weights: origin + x right + y up.

    The two directions are perpendicular and as long as the distance from A to B, so that steepest descent within the
    plane is the projection of steepest descent among all weights.

    Args:
        networks: A, B and C; A is the origin, B lies one unit to the right, C above the line through both.
        images: (n, 784), 0 to 1.
        labels: (n,), 0 to 9.
    """

    def __init__(self, networks: tuple[DenseWeights, ...], images: NDArray[np.float64], labels: NDArray[np.uint8]):
        self.origin, second, third = networks
        self.right = second.plus(self.origin, -1.0)
        self.unit = float(np.sqrt(self.right.dot(self.right)))
        to_third = third.plus(self.origin, -1.0)
        along = to_third.dot(self.right) / self.unit**2
        across = to_third.plus(self.right, -along)
        height = float(np.sqrt(across.dot(across))) / self.unit
        self.up = DenseWeights(*(array / height for array in across.arrays))
        # (3, 2): where A, B and C lie.
        self.corners = np.array([[0.0, 0.0], [1.0, 0.0], [along, height]])
        self._labels = labels
        # The sums of the hidden units are linear in x and y, so that no point needs the 784 pixels again.
        self._sums = tuple(
            images @ each.hidden_kernel + each.hidden_bias for each in (self.origin, self.right, self.up)
        )

    def weights(self, point: NDArray[np.float64]) -> DenseWeights:
        """Returns the weights of the network at a point (2,)."""
        return self.origin.plus(self.right, float(point[0])).plus(self.up, float(point[1]))

    def loss(self, point: NDArray[np.float64]) -> float:
        """Returns the loss at a point (2,)."""
        return self.loss_and_gradient(point)[0]

    def loss_and_gradient(self, point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Returns the loss at a point (2,) and its derivatives with respect to x and y, by the chain rule."""
        x, y = float(point[0]), float(point[1])
        at_origin, to_right, upward = self._sums
        sums = at_origin + x * to_right + y * upward
        hidden = np.maximum(sums, 0.0)
        kernel = self.origin.kernel + x * self.right.kernel + y * self.up.kernel
        logits = hidden @ kernel + (self.origin.bias + x * self.right.bias + y * self.up.bias)
        logits -= logits.max(axis=1, keepdims=True)
        powers = np.exp(logits)
        totals = powers.sum(axis=1)
        rows = np.arange(len(logits))
        loss = float((np.log(totals) - logits[rows, self._labels]).mean())
        errors = powers / totals[:, None]
        errors[rows, self._labels] -= 1.0
        errors /= len(logits)
        by_kernel, by_bias = hidden.T @ errors, errors.sum(axis=0)
        by_sums = (errors @ kernel.T) * (sums > 0.0)
        slopes = [
            float((by_sums * direction_sums).sum() + (by_kernel * way.kernel).sum() + by_bias @ way.bias)
            for direction_sums, way in ((to_right, self.right), (upward, self.up))
        ]
        return loss, np.array(slopes)


@dataclass(frozen=True)
class LossSurface:
    """The plane and what has been measured on it.

    Args:
        plane: computes the loss at any point.
        losses: (41, 41), at `TICKS`; rows are y, columns are x.
    """

    plane: LossPlane
    losses: NDArray[np.float64]

    @cached_property
    def network_losses(self) -> tuple[float, ...]:
        """The losses of A, B and C."""
        return tuple(self.plane.loss(corner) for corner in self.plane.corners)


def load_surface(train: Split) -> LossSurface:
    """Returns the stored networks and losses.

    Args:
        train: MNIST's training set.
    """
    with np.load(FILE, allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float64) for name in stored.files}
    names = ("hidden_kernel", "hidden_bias", "kernel", "bias")
    networks = tuple(DenseWeights(*(arrays[name][place] for name in names)) for place in range(len(NETWORK_NAMES)))
    return LossSurface(_plane(networks, train), arrays["losses"])


def _plane(networks: tuple[DenseWeights, ...], train: Split) -> LossPlane:
    return LossPlane(networks, train.images[:IMAGES].reshape(IMAGES, -1) / 255.0, train.labels[:IMAGES])


def train_network(train: Split, seed: int) -> DenseWeights:
    """Trains a network by plain SGD: two epochs, batches of 32, learning rate 0.1.

    Args:
        train: all images that it is trained on.
        seed: of its initial weights (Glorot and Bengio, 2010, uniform) and of the order of the images.
    """
    rng = np.random.default_rng(seed)
    images = (train.images.reshape(len(train.labels), -1) / 255.0).astype(np.float32)
    pixels = images.shape[1]
    hidden_kernel, kernel = (
        rng.uniform(-1.0, 1.0, shape).astype(np.float32) * np.float32(np.sqrt(6.0 / sum(shape)))
        for shape in ((pixels, _UNITS), (_UNITS, CLASSES))
    )
    hidden_bias, bias = np.zeros(_UNITS, np.float32), np.zeros(CLASSES, np.float32)
    rate = np.float32(_RATE)
    rows = np.arange(_BATCH)
    for _ in range(_EPOCHS):
        order = rng.permutation(len(images))
        for first in range(0, len(images) - _BATCH + 1, _BATCH):
            chosen = order[first : first + _BATCH]
            batch = images[chosen]
            sums = batch @ hidden_kernel + hidden_bias
            hidden = np.maximum(sums, 0)
            logits = hidden @ kernel + bias
            errors = np.exp(logits - logits.max(axis=1, keepdims=True))
            errors /= errors.sum(axis=1, keepdims=True)
            errors[rows, train.labels[chosen]] -= 1
            errors /= _BATCH
            by_sums = (errors @ kernel.T) * (sums > 0)
            kernel -= rate * (hidden.T @ errors)
            bias -= rate * errors.sum(axis=0)
            hidden_kernel -= rate * (batch.T @ by_sums)
            hidden_bias -= rate * by_sums.sum(axis=0)
    return DenseWeights(*(array.astype(np.float64) for array in (hidden_kernel, hidden_bias, kernel, bias)))


def main() -> None:
    """Trains the three networks, measures the surface and writes the file."""
    train = load_dataset("mnist").train
    networks = tuple(train_network(train, seed) for seed in _SEEDS)
    plane = _plane(networks, train)
    losses = np.array([[plane.loss(np.array([x, y])) for x in TICKS] for y in TICKS])
    kinds = ("hidden_kernel", "hidden_bias", "kernel", "bias")
    arrays: dict[str, Any] = {
        kind: np.stack([getattr(each, kind) for each in networks]).astype(np.float32) for kind in kinds
    }
    np.savez_compressed(FILE, losses=losses, **arrays)
    for name, corner in zip(NETWORK_NAMES, plane.corners, strict=True):
        print(f"{name} at ({corner[0]:.3f}, {corner[1]:.3f}): loss {plane.loss(corner):.4f}")
    print(f"1 unit is {plane.unit:.2f} in the weights; losses {losses.min():.3f} to {losses.max():.3f}")
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
