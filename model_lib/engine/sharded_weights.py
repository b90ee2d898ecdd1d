"""A network's weights as the training holds them: large matrices in parts, one for each core."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras

# A smaller matrix is multiplied before a second core would have begun.
_SMALLEST_TO_CUT: Final = 60_000


class WeightParts:
    """The trainable weights of a network, large matrices cut row by row into parts.

    Args:
        network: from `build_network`. A matrix that is not cut is the network's own variable.
        parts: into how many parts a large matrix is cut.
    """

    def __init__(self, network: keras.Model, parts: int) -> None:
        self._wholes = [variable.value for variable in network.trainable_variables]
        self._cuts = [_cuts(whole.shape, parts) for whole in self._wholes]
        self._parts = [
            [whole] if len(cuts) == 2 else [tf.Variable(part, trainable=False) for part in _pieces(whole, cuts)]
            for whole, cuts in zip(self._wholes, self._cuts, strict=True)
        ]
        self._places = {whole.ref(): place for place, whole in enumerate(self._wholes)}

    @property
    def variables(self) -> list[tf.Variable]:
        """All parts, in the order of the network's trainable variables."""
        return [part for parts in self._parts for part in parts]

    @property
    def count(self) -> int:
        """How many trainable variables the network has."""
        return len(self._wholes)

    def of(self, whole: tf.Variable) -> list[tf.Variable]:
        """Returns the parts of one of the network's variables, from its first row to its last."""
        return self._parts[self._places[whole.ref()]]

    def take(self) -> None:
        """Takes the weights from the network, where they were set."""
        for whole, cuts, parts in self._cut_ones():
            for part, piece in zip(parts, _pieces(whole, cuts), strict=True):
                part.assign(piece)

    def give(self) -> None:
        """Gives the weights to the network."""
        for whole, _, parts in self._cut_ones():
            whole.assign(tf.concat(parts, 0))

    def join(self, arrays: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Joins arrays of the shapes of `variables` to arrays of the shapes of the network's variables."""
        left = iter(arrays)
        pieces = [[next(left) for _ in parts] for parts in self._parts]
        return [each[0] if len(each) == 1 else np.concatenate(each) for each in pieces]

    def cut(self, arrays: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Cuts arrays of the shapes of the network's variables into arrays of the shapes of `variables`."""
        return [piece for array, cuts in zip(arrays, self._cuts, strict=True) for piece in _pieces(array, cuts)]

    def _cut_ones(self) -> list[tuple[tf.Variable, list[int], list[tf.Variable]]]:
        rows = zip(self._wholes, self._cuts, self._parts, strict=True)
        return [(whole, cuts, parts) for whole, cuts, parts in rows if len(parts) > 1]


def _cuts(shape: tf.TensorShape, parts: int) -> list[int]:
    """Returns the rows at which the parts begin, and where the last one ends."""
    rows = shape[0]
    if len(shape) != 2 or shape.num_elements() < _SMALLEST_TO_CUT or rows < parts:
        parts = 1
    return [rows * part // parts for part in range(parts + 1)]


def _pieces(whole: Any, cuts: list[int]) -> list[Any]:
    return [whole[start:end] for start, end in pairwise(cuts)]
