"""What the reader says of each layer, against Keras's own inner models, SciPy's convolution and plain loops."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest
from scipy.signal import correlate2d

from model_lib.config.layer_kinds import KINDS
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import load_dataset
from model_lib.inference.weight_shapes import WeightsError
from model_lib.layers.layer_info import IMAGE, block_of, last_hidden_layer
from model_lib.layers.layer_reader import LayerReader
from model_lib.networks import build_network
from tests.support.app_server import PROJECT
from tests.support.sample_networks import (
    ALL_KINDS,
    AVERAGED,
    DENSE,
    inner_outputs,
    network_around,
    network_with_random_weights,
)

_TEST = load_dataset("mnist").test
_SEVEN = _TEST.images[0].astype(np.float32) / 255
_AROUND = {kind: network_around(LayerSpec(kind, units=5, padding="same", strides=3)) for kind in KINDS}
_STACKS = {spec.name: spec for spec in (ALL_KINDS, AVERAGED, DENSE, PRESETS["mlp_batchnorm"])} | _AROUND


def _reader(spec: NetworkSpec) -> LayerReader:
    return LayerReader(spec, network_with_random_weights(spec).get_weights())


@pytest.mark.parametrize("spec", _STACKS.values(), ids=_STACKS)
def test_every_layer_is_read_as_keras_computes_it(spec: NetworkSpec) -> None:
    network = network_with_random_weights(spec)
    expected = inner_outputs(network, _SEVEN)
    maps = LayerReader(spec, network.get_weights()).read(_SEVEN)
    assert list(maps) == [IMAGE, *expected]
    np.testing.assert_array_equal(maps[IMAGE].activation[..., 0], _SEVEN)
    for name, output in expected.items():
        tolerance = 1e-5 * np.abs(output).max()
        np.testing.assert_allclose(maps[name].activation, output, rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("spec", _STACKS.values(), ids=_STACKS)
def test_the_layers_are_described_and_weighted_as_keras_builds_them(spec: NetworkSpec) -> None:
    network = network_with_random_weights(spec)
    reader = LayerReader(spec, network.get_weights())
    for view, layer in zip(reader.views, network.layers[1:], strict=True):
        assert (view.name, view.kind) == (layer.name, type(layer).__name__)
        assert view.input_shape == layer.input.shape[1:]
        assert view.shape == layer.output.shape[1:]
        assert view.parameters == layer.count_params()
        activation = getattr(layer, "activation", keras.activations.linear)
        assert view.activation == activation.__name__
        window = getattr(layer, "kernel_size", getattr(layer, "pool_size", (1, 1)))
        has_window = hasattr(layer, "strides")
        assert (view.window, view.window) == window
        assert (view.stride, view.stride) == (layer.strides if has_window else (1, 1))
        assert view.padding == (layer.padding if has_window else "valid")
        weights = reader.weights(view.name)
        assert list(weights) == [variable.name for variable in layer.weights]
        for variable in layer.weights:
            np.testing.assert_array_equal(weights[variable.name], variable.numpy())


def test_feature_maps_are_scipys_correlations() -> None:
    second = LayerSpec("Conv2D", filters=4, kernel_size=5, padding="same")
    reader = _reader(NetworkSpec("two", (LayerSpec("Conv2D", filters=3), second, LayerSpec("Flatten"))))
    maps = reader.read(_SEVEN)
    inputs = _SEVEN[..., np.newaxis]
    for name, mode in (("conv2d_1", "valid"), ("conv2d_2", "same")):
        kernel, bias = (weight.astype(np.float64) for weight in reader.weights(name).values())
        for unit in range(kernel.shape[3]):
            channels = range(kernel.shape[2])
            total = sum(correlate2d(inputs[..., at], kernel[..., at, unit], mode=mode) for at in channels) + bias[unit]
            np.testing.assert_allclose(maps[name].pre_activation[..., unit], total, atol=1e-5)
            np.testing.assert_allclose(maps[name].activation[..., unit], np.maximum(total, 0.0), atol=1e-5)
        inputs = maps[name].activation


def test_a_convolution_with_a_stride_and_padding_is_four_loops() -> None:
    reader = _reader(ALL_KINDS)
    kernel = reader.weights("conv2d_1")["kernel"]
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
    np.testing.assert_allclose(reader.read(_SEVEN)["conv2d_1"].activation, expected, atol=1e-4)


def test_pooling_is_the_largest_of_each_block() -> None:
    maps = _reader(AVERAGED).read(_SEVEN)
    inputs, pooled = maps["conv2d_1"].activation, maps["max_pooling2d_1"].activation
    for row, column in np.ndindex(14, 14):
        block = inputs[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        np.testing.assert_array_equal(pooled[row, column], block.max(axis=(0, 1)))


def test_before_the_activation_stands_what_the_activation_was_given() -> None:
    maps = _reader(ALL_KINDS).read(_SEVEN)
    assert maps["conv2d_1"].pre_activation is None  # its activation is a layer of its own
    np.testing.assert_array_equal(maps["activation_1"].pre_activation, maps["batch_normalization_1"].activation)
    np.testing.assert_allclose(np.tanh(maps["conv2d_2"].pre_activation), maps["conv2d_2"].activation, atol=1e-6)


def test_a_block_reaches_over_what_follows_a_convolution() -> None:
    views = _reader(ALL_KINDS).views
    kinds = [view.kind for view in views]
    first, second = (block_of(views, name) for name in ("conv2d_1", "conv2d_2"))
    assert kinds[first.start : first.stop] == ["Conv2D", "BatchNormalization", "Activation"]
    assert kinds[second.start : second.stop] == ["Conv2D", "Dropout"]
    assert last_hidden_layer(views).name == "batch_normalization_2"


def test_a_filter_that_is_always_cut_off_at_zero_is_dead() -> None:
    spec = NetworkSpec("dead", (LayerSpec("Conv2D", filters=4), LayerSpec("Flatten")))
    kernel, bias, *others = build_network(spec, seed=1).get_weights()
    kernel[..., 2], bias[2] = -1.0, -0.5
    kernel[..., 3], bias[3] = 1.0, -2.0
    dead = LayerReader(spec, [kernel, bias, *others]).dead_filters(_TEST.images[:300])
    assert list(dead) == ["conv2d_1"]
    assert 2 in dead["conv2d_1"]
    assert 3 not in dead["conv2d_1"]


def test_a_filter_that_tells_the_last_image_from_all_before_it_is_not_dead() -> None:
    spec = NetworkSpec("grey", (LayerSpec("Conv2D", filters=1, kernel_size=1), LayerSpec("Flatten")))
    _, _, *others = build_network(spec, seed=1).get_weights()
    reader = LayerReader(spec, [np.ones((1, 1, 1, 1), np.float32), np.zeros(1, np.float32), *others])
    images = np.zeros((101, 28, 28), np.uint8)
    assert reader.dead_filters(images) == {"conv2d_1": (0,)}
    images[-1] = 255
    assert reader.dead_filters(images) == {"conv2d_1": ()}


def test_a_layer_counts_as_dead_by_the_output_of_its_whole_block() -> None:
    # What the convolution puts out differs from image to image; gamma 0 makes it one number.
    layers = (LayerSpec("Conv2D", filters=2, activation="linear"), LayerSpec("BatchNormalization"))
    spec = NetworkSpec("block", (*layers, LayerSpec("Flatten")))
    network = network_with_random_weights(spec)
    network.get_layer("batch_normalization_1").gamma.assign([1.0, 0.0])
    dead = LayerReader(spec, network.get_weights()).dead_filters(_TEST.images[:50])
    assert dead == {"conv2d_1": (1,), "batch_normalization_1": (1,)}


def test_each_reader_has_its_own_cache_key() -> None:
    assert _reader(DENSE).cache_key != _reader(DENSE).cache_key


def test_a_layer_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="conv2d_9"):
        _reader(DENSE).view("conv2d_9")
    with pytest.raises(KeyError, match="conv2d_9"):
        _reader(DENSE).weights("conv2d_9")


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(WeightsError, match="weight arrays"):
        LayerReader(AVERAGED, network_with_random_weights(DENSE).get_weights()[:2])


def test_layers_are_read_without_loading_keras() -> None:
    program = (
        "import sys, numpy as np; from model_lib.config.presets import PRESETS; "
        "from model_lib.inference.weights import read_keras_weights; "
        "from model_lib.predictions import PRETRAINED_FILE; from model_lib.layers.layer_reader import LayerReader; "
        "spec = PRESETS['bundled']; reader = LayerReader(spec, read_keras_weights(PRETRAINED_FILE, spec)); "
        "assert abs(reader.read(np.zeros((28, 28)))['output'].activation.sum() - 1) < 1e-5; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=PROJECT).returncode == 0
