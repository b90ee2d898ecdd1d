"""What the reader says of each layer, against Keras's own inner models, SciPy's convolution and plain loops."""

from __future__ import annotations

import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import correlate2d

from model_lib.config.network import ACTIVATIONS, LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import load_dataset
from model_lib.interpretability.layer_outputs import FeatureReader, dead_filters, reader_of
from model_lib.interpretability.output_trace import apply_activation
from model_lib.layers.layer_info import IMAGE, block_of, last_hidden_layer
from model_lib.networks import build_network
from tests.support.sample_networks import ALL_KINDS, AVERAGED, DENSE, inner_outputs, network_with_random_weights

_TEST = load_dataset("mnist").test
_SEVEN = _TEST.images[0].astype(np.float32) / 255


@pytest.mark.parametrize("spec", [ALL_KINDS, AVERAGED, DENSE, PRESETS["mlp_batchnorm"]], ids=lambda spec: spec.name)
def test_every_layer_is_read_as_keras_computes_it(spec: NetworkSpec) -> None:
    network = network_with_random_weights(spec)
    expected = inner_outputs(network, _SEVEN)
    maps = FeatureReader(network).read(_SEVEN)
    assert list(maps) == [IMAGE, *expected]
    for name, output in expected.items():
        np.testing.assert_allclose(maps[name].activation, output, rtol=1e-4, atol=1e-5, err_msg=name)


def test_feature_maps_are_scipys_correlations() -> None:
    second = LayerSpec("Conv2D", filters=4, kernel_size=5, padding="same")
    spec = NetworkSpec("two", (LayerSpec("Conv2D", filters=3), second, LayerSpec("Flatten")))
    network = network_with_random_weights(spec)
    maps = FeatureReader(network).read(_SEVEN)
    inputs = _SEVEN[..., np.newaxis]
    for name, mode in (("conv2d_1", "valid"), ("conv2d_2", "same")):
        kernel, bias = (np.asarray(weight, np.float64) for weight in network.get_layer(name).get_weights())
        for unit in range(kernel.shape[3]):
            channels = range(kernel.shape[2])
            total = sum(correlate2d(inputs[..., at], kernel[..., at, unit], mode=mode) for at in channels) + bias[unit]
            np.testing.assert_allclose(maps[name].pre_activation[..., unit], total, atol=1e-5)
            np.testing.assert_allclose(maps[name].activation[..., unit], np.maximum(total, 0.0), atol=1e-5)
        inputs = maps[name].activation


def test_a_convolution_with_a_stride_and_padding_is_four_loops() -> None:
    network = network_with_random_weights(ALL_KINDS)
    maps = FeatureReader(network).read(_SEVEN)
    kernel = network.get_layer("conv2d_1").get_weights()[0]
    # 28 pixels, window 5, step 2, "same": (14 - 1) * 2 + 5 - 28 = 3 pixels of padding, the odd one at the end.
    padded = np.zeros((31, 31))
    padded[1:29, 1:29] = _SEVEN * 2.0
    expected = np.zeros((14, 14, 5))
    for row in range(14):
        for column in range(14):
            for unit in range(5):
                for place in np.ndindex(5, 5):
                    pixel = padded[2 * row + place[0], 2 * column + place[1]]
                    expected[row, column, unit] += pixel * kernel[*place, 0, unit]
    np.testing.assert_allclose(maps["conv2d_1"].activation, expected, atol=1e-4)


def test_pooling_is_the_largest_of_each_block() -> None:
    network = network_with_random_weights(AVERAGED)
    maps = FeatureReader(network).read(_SEVEN)
    inputs, pooled = maps["conv2d_1"].activation, maps["max_pooling2d_1"].activation
    for row, column in np.ndindex(14, 14):
        block = inputs[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        np.testing.assert_array_equal(pooled[row, column], block.max(axis=(0, 1)))


def test_before_the_activation_stands_what_the_activation_was_given() -> None:
    maps = FeatureReader(network_with_random_weights(ALL_KINDS)).read(_SEVEN)
    assert maps["conv2d_1"].pre_activation is None  # its activation is a layer of its own
    np.testing.assert_array_equal(maps["activation_1"].pre_activation, maps["batch_normalization_1"].activation)
    np.testing.assert_allclose(np.tanh(maps["conv2d_2"].pre_activation), maps["conv2d_2"].activation, atol=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_keras_own(name: str) -> None:
    values = np.linspace(-4.0, 4.0, 81)
    expected = np.asarray(getattr(keras.activations, name)(values.astype(np.float32)))
    np.testing.assert_allclose(apply_activation(name, values), expected, atol=1e-5)


def test_a_block_reaches_over_what_follows_a_convolution() -> None:
    views = FeatureReader(network_with_random_weights(ALL_KINDS)).views
    kinds = [view.kind for view in views]
    first, second = (block_of(views, name) for name in ("conv2d_1", "conv2d_2"))
    assert kinds[first.start : first.stop] == [
        "Conv2D",
        "BatchNormalization",
        "Activation",
    ]
    assert kinds[second.start : second.stop] == ["Conv2D", "Dropout"]
    assert last_hidden_layer(views).name == "batch_normalization_2"


def test_a_filter_that_is_always_cut_off_at_zero_is_dead() -> None:
    network = build_network(NetworkSpec("dead", (LayerSpec("Conv2D", filters=4), LayerSpec("Flatten"))), seed=1)
    kernel, bias = network.get_layer("conv2d_1").get_weights()
    kernel[..., 2], bias[2] = -1.0, -0.5
    kernel[..., 3], bias[3] = 1.0, -2.0
    network.get_layer("conv2d_1").set_weights([kernel, bias])
    assert 2 in dead_filters(FeatureReader(network), "conv2d_1", _TEST.images[:300])
    assert 3 not in dead_filters(FeatureReader(network), "conv2d_1", _TEST.images[:300])


def test_a_network_has_one_reader_and_each_reader_its_own_cache_key() -> None:
    first, second = build_network(DENSE), build_network(DENSE)
    assert reader_of(first) is reader_of(first)
    assert reader_of(first).cache_key != reader_of(second).cache_key


def test_a_reader_and_its_functions_die_with_the_network() -> None:
    network = network_with_random_weights(DENSE)
    reader_of(network).outputs("dense_1", _TEST.images[:10])
    grad = reader_of(network).network_function("twice", lambda images: 2 * images, tf.TensorSpec((1,), tf.float32))
    assert float(grad(tf.constant([3.0]))[0]) == 6.0
    gone, reader_gone = weakref.ref(network), weakref.ref(reader_of(network))
    del network, grad
    gc.collect()
    assert gone() is None
    assert reader_gone() is None


def test_a_function_is_traced_once() -> None:
    reader = reader_of(build_network(DENSE))
    traces = []
    for _ in range(2):
        reader.network_function("identity", lambda images: traces.append(1) or images, tf.TensorSpec((), tf.float32))
    assert traces == [1]


def test_a_layer_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="conv2d_9"):
        FeatureReader(build_network(DENSE)).view("conv2d_9")
