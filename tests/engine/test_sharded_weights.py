"""Sharded kernels against NumPy's own splitting and joining."""

from __future__ import annotations

import numpy as np

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.engine.sharded_weights import ShardedWeights
from model_lib.networks import build_network

# The kernels: (784, 100), large enough to be split, and (100, 10).
_SPEC = NetworkSpec("large", (LayerSpec("Flatten"), LayerSpec("Dense", units=100)))


def test_only_a_large_dense_kernel_is_split_by_rows() -> None:
    network = build_network(_SPEC, seed=1)
    weights = ShardedWeights(network, 3)
    kernel, bias, *output = network.get_weights()
    expected = [kernel[:261], kernel[261:522], kernel[522:], bias, *output]
    for shard, rows in zip(weights.variables, expected, strict=True):
        np.testing.assert_array_equal(shard.numpy(), rows)


def test_shards_are_stored_in_the_network_and_loaded_from_it() -> None:
    network = build_network(_SPEC, seed=1)
    weights = ShardedWeights(network, 2)
    first, second, *_ = weights.variables
    first.assign(np.full((392, 100), 1.0))
    second.assign(np.full((392, 100), 2.0))
    weights.store()
    np.testing.assert_array_equal(network.get_weights()[0][:, 0], np.repeat([1.0, 2.0], 392))
    network.set_weights([np.zeros_like(array) for array in network.get_weights()])
    weights.load()
    assert not first.numpy().any()
    assert not second.numpy().any()


def test_arrays_are_concatenated_to_what_was_split() -> None:
    weights = ShardedWeights(build_network(_SPEC, seed=1), 5)
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=shape) for shape in ((784, 100), (100,), (100, 10), (10,))]
    shards = weights.split(arrays)
    assert [shard.shape for shard in shards] == [tuple(variable.shape) for variable in weights.variables]
    for array, whole in zip(arrays, weights.concat(shards), strict=True):
        np.testing.assert_array_equal(whole, array)
