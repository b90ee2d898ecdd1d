"""Multiplications for one image: by hand, and as TensorFlow's own profiler counts them in the graph of the network."""

from __future__ import annotations

import pytest
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from model_lib.config.layer_kinds import KINDS
from model_lib.config.multiplications import multiplications
from model_lib.config.network import LayerSpec, NetworkError, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.networks import build_network

_DENSE = 128 * 10
# A dense layer: inputs x units. A convolution: height x width of its output x filters x window x input channels.
_BY_HAND = {
    "mlp": 784 * 128 + _DENSE,  # 101,632
    # 28 - 3 + 1 = 26, pooled 13
    "cnn_3x3": 26 * 26 * 32 * 9 + 13 * 13 * 32 * 128 + _DENSE,  # 888,192
    # 28, pooled 14, 14, pooled 7
    "two_conv": 28 * 28 * 16 * 25 + 14 * 14 * 36 * 25 * 16 + 7 * 7 * 36 * 128 + _DENSE,  # 3,363,072
}
# Of batch normalisation: one for each number that is normalised. Of raw pixels: one for each.
_OF_OTHER_LAYERS = {
    "mlp_batchnorm": 784 + 784,
    "lightning": 12 * 12 * 16 + 5 * 5 * 48,
    "bundled": 12 * 12 * 32 + 10 * 10 * 64 + 4 * 4 * 96 + 2 * 2 * 256,
    "champion": 12 * 12 * 32 + 10 * 10 * 64 + 4 * 4 * 64 + 2 * 2 * 128,
}


@pytest.mark.parametrize(("name", "count"), _BY_HAND.items())
def test_the_multiplications_of_a_preset_are_those_worked_out_by_hand(name: str, count: int) -> None:
    assert multiplications(PRESETS[name]) == count


@pytest.mark.parametrize("name", PRESETS)
def test_convolutions_and_dense_layers_multiply_as_often_as_tensorflows_profiler_counts(name: str) -> None:
    assert multiplications(PRESETS[name]) - _OF_OTHER_LAYERS.get(name, 0) == _profiled(PRESETS[name])


def _profiled(spec: NetworkSpec) -> int:
    """Returns half of the floating-point operations of all products: each is one multiplication and one addition."""
    network = build_network(spec)
    call = tf.function(lambda images: network(images, training=False))
    graph = convert_variables_to_constants_v2(call.get_concrete_function(tf.TensorSpec((1, 28, 28)))).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options |= {"output": "none", "account_type_regexes": ["Conv2D|MatMul"]}
    operations: int = tf.compat.v1.profiler.profile(graph, options=options).total_float_ops
    return operations // 2


def test_every_kind_of_layer_is_counted() -> None:
    layers = {
        "Conv2D": LayerSpec("Conv2D", filters=2, kernel_size=3, strides=5),  # 26 places, each fifth: 6 x 6
        "AveragePooling2D": LayerSpec("AveragePooling2D"),
        "MaxPooling2D": LayerSpec("MaxPooling2D", pool_size=1),
        "BatchNormalization": LayerSpec("BatchNormalization"),
        "Activation": LayerSpec("Activation"),
        "Dropout": LayerSpec("Dropout"),
        "GlobalAveragePooling2D": LayerSpec("GlobalAveragePooling2D"),
        "Flatten": LayerSpec("Flatten"),
        "Dense": LayerSpec("Dense", units=4),
    }
    assert set(layers) == set(KINDS)
    spec = NetworkSpec("all", tuple(layers.values()))
    assert multiplications(spec) == 6 * 6 * 2 * 9 + 3 * 3 * 2 + 0 + 3 * 3 * 2 + 0 + 0 + 2 + 0 + 2 * 4 + 4 * 10


def test_a_network_that_cannot_be_built_has_no_count() -> None:
    with pytest.raises(NetworkError):
        multiplications(NetworkSpec("none", ()))
