"""Graphs against Keras: every kind, activation, padding and stride, every layer's output, on random stacks too."""

from __future__ import annotations

import dataclasses
import itertools
import random

import keras
import numpy as np
import onnx
import onnxruntime
import pytest

from model_lib.config.layer_kinds import KINDS
from model_lib.config.network import ACTIVATIONS, PADDINGS, LayerSpec, NetworkError, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.summary import summarise
from model_lib.inference import onnx_graph
from model_lib.inference.onnx_graph import build_onnx_model, output_shapes, pre_activation_of
from model_lib.inference.weight_shapes import WeightsError
from tests.support.sample_networks import ALL_KINDS, AVERAGED, network_with_random_weights, random_network

_FLATTEN = LayerSpec("Flatten")
_WINDOWS = [kind for kind in KINDS if {"kernel_size", "pool_size"} & set(LayerSpec(kind).options())]


def _images(count: int = 3) -> np.ndarray:
    images = np.random.default_rng(5).random((count, 28, 28), np.float32)
    images[:, :9] = 0.0  # as the border of a digit
    return images


def _run(model: onnx.ModelProto, images: np.ndarray) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs = session.run(None, {"image": images})
    return {output.name: array for output, array in zip(session.get_outputs(), outputs, strict=True)}


def _assert_equal_to_keras(spec: NetworkSpec, seed: int = 0) -> None:
    network = network_with_random_weights(spec, seed)
    layers = network.layers[1:]
    inner = keras.Model({"image": network.inputs[0]}, [layer.output for layer in layers])
    images = _images()
    expected = inner({"image": images[..., np.newaxis]}, training=False)
    names = [layer.name for layer in layers]
    model = build_onnx_model(spec, network.get_weights(), names)
    onnx.checker.check_model(model, full_check=True)
    actual = _run(model, images)
    assert list(actual) == names
    for layer, output in zip(layers, expected, strict=True):
        wanted = np.asarray(output)
        assert actual[layer.name].shape == wanted.shape, (spec, layer.name)
        error = np.abs(actual[layer.name] - wanted).max()
        assert error <= 1e-5 * max(np.abs(wanted).max(), 1e-30), (spec, layer.name, error)
    # Alone, as the page asks for it: ONNX Runtime fuses the layers then.
    (probabilities,) = _run(build_onnx_model(spec, network.get_weights()), images).values()
    np.testing.assert_allclose(probabilities, np.asarray(expected[-1]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("spec", PRESETS.values(), ids=PRESETS)
def test_every_layer_of_every_preset_equals_kerass(spec: NetworkSpec) -> None:
    _assert_equal_to_keras(spec, seed=1)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_equals_kerass_wherever_it_stands(activation: str) -> None:
    own = LayerSpec("Activation", activation=activation)
    convolution = LayerSpec("Conv2D", filters=3, activation=activation)
    _assert_equal_to_keras(
        NetworkSpec("own", (own, convolution, own, _FLATTEN, LayerSpec("Dense", units=9, activation=activation), own))
    )


_SIZES = [(size, stride) for size in (1, 2, 3, 6) for stride in (None, 1, 2, 3)]


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("pool", [1, 3])
def test_every_window_and_stride_equals_kerass(padding: str, pool: int) -> None:
    # Pooled first, so that padding meets sides of 28 and of 9 or 10 pixels, and values below zero.
    first = LayerSpec("MaxPooling2D", pool_size=pool, padding=padding)
    below_zero = LayerSpec("Conv2D", filters=2, kernel_size=1, activation="linear")
    for (size, stride), kind in itertools.product(_SIZES, _WINDOWS):
        layer = LayerSpec(
            kind,
            filters=2,
            kernel_size=size,
            pool_size=size,
            strides=stride,
            padding=padding,
            activation="linear",
        )
        _assert_equal_to_keras(NetworkSpec("own", (first, below_zero, layer, _FLATTEN)))


def test_random_stacks_equal_kerass() -> None:
    chance = random.Random(1)
    built = 0
    while built < 25:
        # Not 255 as one of the presets: without normalisation the logits are hundreds, and their rounding alone moves
        # probabilities by more than 1e-5, Keras's too.
        spec = dataclasses.replace(random_network(chance), pixel_scale=chance.choice([1.0, 1.0, 2.0]))
        try:
            summarise(spec)
        except NetworkError:
            continue
        _assert_equal_to_keras(spec, built)
        built += 1


def test_each_kind_of_layer_has_its_nodes() -> None:
    assert set(onnx_graph._BUILDERS) >= set(KINDS)
    assert set(onnx_graph._ACTIVATIONS) == {*ACTIVATIONS, "softmax"}


def test_what_an_activation_is_given_equals_a_keras_network_without_it() -> None:
    layers = (
        LayerSpec("Conv2D", filters=4, activation="relu"),
        _FLATTEN,
        LayerSpec("Dense", units=6, activation="tanh"),
    )
    spec = NetworkSpec("own", layers)
    network = network_with_random_weights(spec)
    names = [pre_activation_of(name) for name in ("conv2d_1", "dense_1", "output")]
    actual = _run(build_onnx_model(spec, network.get_weights(), names), _images())
    for name in names:
        layer = network.get_layer(name.split("/")[0])
        inner = keras.Model({"image": network.inputs[0]}, layer.input)({"image": _images()[..., np.newaxis]})
        function, layer.activation = layer.activation, keras.activations.linear
        wanted = np.asarray(layer(inner))
        layer.activation = function
        np.testing.assert_allclose(actual[name], wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())


def test_an_activation_layer_is_given_what_the_layer_before_it_puts_out() -> None:
    network = network_with_random_weights(ALL_KINDS)
    names = ["batch_normalization_1", pre_activation_of("activation_1")]
    before, given = _run(build_onnx_model(ALL_KINDS, network.get_weights(), names), _images()).values()
    np.testing.assert_array_equal(before, given)


def test_the_outputs_are_named_before_a_graph_is_built() -> None:
    shapes = output_shapes(AVERAGED)
    assert list(shapes) == [
        "conv2d_1/pre_activation",
        "conv2d_1",
        "max_pooling2d_1",
        "global_average_pooling2d_1",
        "output/pre_activation",
        "output",
    ]
    actual = _run(
        build_onnx_model(AVERAGED, network_with_random_weights(AVERAGED).get_weights(), list(shapes)), _images(4)
    )
    assert {name: array.shape for name, array in actual.items()} == {
        name: (4, *shape) for name, shape in shapes.items()
    }


def test_nodes_bear_the_names_of_the_layers() -> None:
    model = build_onnx_model(ALL_KINDS, network_with_random_weights(ALL_KINDS).get_weights())
    assert {row.name for row in summarise(ALL_KINDS)} - {node.name for node in model.graph.node} == set()
    assert model.ir_version == 9
    assert [(each.domain, each.version) for each in model.opset_import] == [("", 17)]


def test_weights_of_another_network_are_named() -> None:
    weights = network_with_random_weights(PRESETS["mlp"]).get_weights()
    with pytest.raises(WeightsError, match=r"must have 4 weight arrays. Received: 3"):
        build_onnx_model(PRESETS["mlp"], weights[:3])
    with pytest.raises(WeightsError, match=r"dense_1/kernel must be float32 of shape \(784, 128\).*\(128, 784\)"):
        build_onnx_model(PRESETS["mlp"], [weights[0].T, *weights[1:]])
    with pytest.raises(WeightsError, match=r"dense_1/bias.*float64"):
        build_onnx_model(PRESETS["mlp"], [weights[0], weights[1].astype(np.float64), *weights[2:]])


def test_an_output_that_the_network_does_not_have_is_named() -> None:
    weights = network_with_random_weights(PRESETS["mlp"]).get_weights()
    for name in ("conv2d_1", pre_activation_of("flatten_1")):
        with pytest.raises(KeyError, match=name):
            build_onnx_model(PRESETS["mlp"], weights, [name])


@pytest.mark.parametrize(("kind", "padding"), itertools.product(_WINDOWS, PADDINGS))
def test_a_window_as_large_as_the_image_equals_kerass(kind: str, padding: str) -> None:
    layer = LayerSpec(kind, filters=2, kernel_size=28, pool_size=28, strides=5, padding=padding)
    _assert_equal_to_keras(NetworkSpec("own", (layer, _FLATTEN)))
