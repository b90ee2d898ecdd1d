"""Trainable weights as the training step holds them: large dense kernels split by rows, one shard per core."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.engine.coverage import covered_kind, layers_in_order

if TYPE_CHECKING:
    import keras

# A smaller kernel is multiplied before a second core would have started.
_MIN_SPLIT_SIZE: Final = 60_000


class ShardedWeights:
    """The trainable weights of a network, with large dense kernels split by rows into variables of their own.

    Between `load` and `store` the shards are up to date and the network's own kernels are not.

    Args:
        network: its variables that are not split are used as they are.
        shards: number of shards of a large kernel.
    """

    def __init__(self, network: keras.Model, shards: int) -> None:
        layers, output = layers_in_order(network)
        dense_layers = [output, *(layer for layer in layers if covered_kind(layer) == "Dense")]
        kernels = {layer.kernel.value.ref() for layer in dense_layers}
        self._variables = [variable.value for variable in network.trainable_variables]
        self._bounds = [
            _shard_bounds(variable.shape, shards if variable.ref() in kernels else 1) for variable in self._variables
        ]
        self._shards = [
            [variable] if len(bounds) == 2 else [tf.Variable(rows, trainable=False) for rows in _rows(variable, bounds)]
            for variable, bounds in zip(self._variables, self._bounds, strict=True)
        ]
        self._positions = {variable.ref(): position for position, variable in enumerate(self._variables)}

    @property
    def variables(self) -> list[tf.Variable]:
        """All shards, in the order of the network's trainable variables."""
        return [shard for shards in self._shards for shard in shards]

    @property
    def count(self) -> int:
        """Number of trainable variables of the network."""
        return len(self._variables)

    def shards_of(self, variable: tf.Variable) -> list[tf.Variable]:
        """Returns the shards of one of the network's variables, in the order of its rows."""
        return self._shards[self._positions[variable.ref()]]

    def load(self) -> None:
        """Copies the network's kernels into the shards."""
        for variable, bounds, shards in self._split_variables():
            for shard, rows in zip(shards, _rows(variable, bounds), strict=True):
                shard.assign(rows)

    def store(self) -> None:
        """Copies the shards into the network's kernels."""
        for variable, _, shards in self._split_variables():
            variable.assign(tf.concat(shards, 0))

    def concat(self, arrays: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Concatenates arrays with the shapes of `variables` to arrays with the shapes of the network's variables."""
        remaining = iter(arrays)
        groups = [[next(remaining) for _ in shards] for shards in self._shards]
        return [group[0] if len(group) == 1 else np.concatenate(group) for group in groups]

    def split(self, arrays: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Splits arrays with the shapes of the network's variables into arrays with the shapes of `variables`."""
        return [rows for array, bounds in zip(arrays, self._bounds, strict=True) for rows in _rows(array, bounds)]

    def _split_variables(self) -> list[tuple[tf.Variable, list[int], list[tf.Variable]]]:
        entries = zip(self._variables, self._bounds, self._shards, strict=True)
        return [(variable, bounds, shards) for variable, bounds, shards in entries if len(shards) > 1]


def _shard_bounds(shape: tf.TensorShape, shards: int) -> list[int]:
    """Returns the first row of each shard, and the row behind the last one."""
    rows = shape[0]
    if shape.num_elements() < _MIN_SPLIT_SIZE or rows < shards:
        shards = 1
    return [rows * shard // shards for shard in range(shards + 1)]


def _rows(array: Any, bounds: list[int]) -> list[Any]:
    return [array[start:end] for start, end in pairwise(bounds)]
