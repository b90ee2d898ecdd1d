"""Statistics of layers against NumPy and Keras's own gradients, on real digits."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import load_dataset
from model_lib.diagnostics.statistics import PROBABILITIES, LayerStatistics
from model_lib.engine.layer_probe import SAMPLE_SIZE, LayerProbe
from model_lib.networks import build_network
from tests.support.sample_networks import network_with_random_weights

_TRAIN = load_dataset("mnist").train
_IMAGES, _LABELS = _TRAIN.images[:24], _TRAIN.labels[:24]
_PLAIN = NetworkSpec(
    "plain",
    (
        LayerSpec("Conv2D", filters=3, kernel_size=5, strides=3),
        LayerSpec("MaxPooling2D"),
        LayerSpec("Dropout", rate=0.5),
        LayerSpec("Flatten"),
        LayerSpec("Dense", units=12, activation="tanh"),
        LayerSpec("Dense", units=9, use_bias=False),
    ),
)
_NORMALISED = NetworkSpec(
    "normalised",
    (
        LayerSpec("Conv2D", filters=4, kernel_size=5, strides=3, activation="linear", use_bias=False),
        LayerSpec("BatchNormalization"),
        LayerSpec("MaxPooling2D"),
        LayerSpec("Activation", activation="relu"),
        LayerSpec("Flatten"),
        LayerSpec("Dense", units=7),
        LayerSpec("BatchNormalization"),
    ),
    pixel_scale=255.0,
)


def _without_dropout(spec: NetworkSpec) -> NetworkSpec:
    return NetworkSpec(spec.name, tuple(each for each in spec.layers if each.kind != "Dropout"), spec.pixel_scale)


def _quantiles(values: object) -> np.ndarray:
    return np.quantile(np.asarray(values), PROBABILITIES)


def _assert_near(ours: tuple[float, ...] | None, values: object) -> None:
    found = _quantiles(values)
    np.testing.assert_allclose(ours, found, rtol=2e-3, atol=2e-4 * np.abs(found).max())


@pytest.mark.parametrize("spec", [_PLAIN, _NORMALISED], ids=lambda spec: spec.name)
def test_every_number_is_that_of_keras_on_the_same_images(spec: NetworkSpec) -> None:
    network = network_with_random_weights(spec)
    measured = LayerProbe(network, _IMAGES, _LABELS).measure(7)
    # Keras's twin computes as in training: by the batch's own mean and variance. Dropout is left out.
    twin = build_network(_without_dropout(spec))
    twin.set_weights(network.get_weights())
    inner = keras.Model({"image": twin.inputs[0]}, {layer.name: layer.output for layer in twin.layers[1:]})
    with tf.GradientTape() as tape:
        outputs = inner({"image": _IMAGES[..., np.newaxis].astype(np.float32) / 255}, training=True)
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(_LABELS, outputs["output"]))
    gradients = dict(
        zip(
            (variable.path for variable in twin.trainable_variables),
            tape.gradient(loss, [variable.value for variable in twin.trainable_variables]),
            strict=True,
        )
    )
    assert (measured.step, measured.images) == (7, 24)
    assert measured.loss == pytest.approx(float(loss), rel=1e-3)
    ends = {"conv2d_1": "activation_1"} if spec is _NORMALISED else {}
    trained = [layer for layer in twin.layers if layer.trainable_variables]
    assert [layer.name for layer in measured.layers] == [layer.name for layer in trained]
    for ours, layer in zip(measured.layers, trained, strict=True):
        assert ours.units == layer.output.shape[-1]
        _assert_near(ours.activations, outputs[ends.get(layer.name, layer.name)])
        own = [np.asarray(gradients[variable.path]).ravel() for variable in layer.trainable_variables]
        assert ours.gradient_norm == pytest.approx(np.linalg.norm(np.concatenate(own)), rel=2e-3)
        _assert_near(ours.gradients, np.concatenate(own))
        by_name = {variable.name: variable for variable in layer.trainable_variables}
        weights = by_name.get("kernel", by_name.get("gamma"))
        biases = by_name.get("bias", by_name.get("beta"))
        _assert_near(ours.weights, weights)
        if biases is None:
            assert ours.biases is None
        else:
            _assert_near(ours.biases, biases)


def _layer(network: keras.Model, name: str) -> LayerStatistics:
    return next(layer for layer in LayerProbe(network, _IMAGES, _LABELS).measure(0).layers if layer.name == name)


@pytest.mark.parametrize("count", [0, 1, 61, 128])
def test_exactly_the_units_that_were_made_dead_are_counted(count: int) -> None:
    network = build_network(PRESETS["mlp"], 1)
    kernel, bias = network.get_layer("dense_1").get_weights()
    bias += 100.0  # all other units fire on every image
    bias[:count] = -100.0
    network.get_layer("dense_1").set_weights([kernel, bias])
    assert _layer(network, "dense_1").dead == count


def test_dead_filters_are_counted_behind_normalisation_pooling_and_activation() -> None:
    network = build_network(_NORMALISED, 1)
    layer = network.get_layer("batch_normalization_1")
    gamma, _, mean, variance = layer.get_weights()
    layer.set_weights([gamma, np.array([50, -50, 50, -50], np.float32), mean, variance])
    assert _layer(network, "conv2d_1").dead == 2


def test_a_unit_that_fires_on_a_single_image_is_not_dead() -> None:
    network = build_network(PRESETS["mlp"], 1)
    kernel, bias = network.get_layer("dense_1").get_weights()
    sums = _IMAGES.reshape(24, -1).astype(np.float32) / 255 @ kernel[:, 0]
    bias[:] = -100.0
    bias[0] = -np.sort(sums)[-2:].mean()
    network.get_layer("dense_1").set_weights([kernel, bias])
    assert _layer(network, "dense_1").dead == 127


def test_layers_without_a_range_of_zeros_have_no_count_of_dead_units() -> None:
    network = build_network(_PLAIN, 1)
    assert [layer.dead is None for layer in LayerProbe(network, _IMAGES, _LABELS).measure(0).layers] == [
        False,
        True,
        False,
        True,
    ]


def test_quantiles_of_a_large_layer_are_estimated_and_its_ends_exact() -> None:
    network = build_network(PRESETS["mlp"], 1)
    kernel = np.random.default_rng(0).standard_normal((784, 128)).astype(np.float32)
    assert kernel.size > 5 * SAMPLE_SIZE
    network.get_layer("dense_1").set_weights([kernel, np.zeros(128, np.float32)])
    ours = _layer(network, "dense_1").weights
    assert ours is not None
    assert (ours[0], ours[-1]) == pytest.approx((kernel.min(), kernel.max()), rel=1e-4)
    # In standard deviations: four standard errors of a quantile at 7 %, the outermost band, are 0.08.
    np.testing.assert_allclose(ours[1:-1], _quantiles(kernel)[1:-1], atol=0.08)


def test_numbers_that_are_not_finite_are_none() -> None:
    network = build_network(PRESETS["mlp"], 1)
    kernel, bias = network.get_layer("dense_1").get_weights()
    network.get_layer("dense_1").set_weights([kernel * np.float32(np.nan), bias])
    measured = LayerProbe(network, _IMAGES, _LABELS).measure(0)
    assert measured.loss is None
    assert measured.gradient_norm is None
    assert measured.layers[0].weights is None
    assert measured.layers[0].biases is not None


def test_a_norm_whose_square_is_too_large_for_float32_is_a_number() -> None:
    network = build_network(NetworkSpec("linear", (LayerSpec("Flatten"), LayerSpec("Dense", activation="linear"))), 1)
    for layer in network.layers[2:]:
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel * np.float32(1e11), bias])
    norms = [layer.gradient_norm for layer in LayerProbe(network, _IMAGES, _LABELS).measure(0).layers]
    assert None not in norms


@pytest.mark.parametrize("spec", [PRESETS["mlp"], _NORMALISED], ids=lambda spec: spec.name)
def test_measuring_changes_no_weight_and_draws_no_random_number(spec: NetworkSpec) -> None:
    network = build_network(spec, 1)
    before = [variable.numpy() for variable in network.variables]
    keras.utils.set_random_seed(5)
    expected = (np.random.random(), float(tf.random.uniform([])))
    keras.utils.set_random_seed(5)
    LayerProbe(network, _IMAGES, _LABELS).measure(0)
    assert (np.random.random(), float(tf.random.uniform([]))) == expected
    for variable, old in zip(network.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), old)
