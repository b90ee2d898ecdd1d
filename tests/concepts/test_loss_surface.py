"""The loss on the plane is that of Keras networks with the weights there, and its gradient that of TensorFlow."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from model_lib.concepts.training.loss_surface import FILE, IMAGES, TICKS, LossPlane, load_surface, train_network
from model_lib.datasets.loading import Split, load_dataset

_TRAIN = load_dataset("mnist").train
_SURFACE = load_surface(_TRAIN)
_PLANE = _SURFACE.plane
_POINTS = [(0.0, 0.0), (1.0, 0.0), (0.5, 0.5), (-0.5, 1.5), (1.45, -0.3)]


def keras_loss_and_gradients(plane: LossPlane, point: tuple[float, float]) -> tuple[float, list[np.ndarray]]:
    """Builds the network at a point in Keras, in float64, and returns its loss and the gradient of all its weights."""
    network = keras.Sequential(
        [
            keras.Input((784,), dtype="float64"),
            keras.layers.Dense(16, activation="relu", dtype="float64"),
            keras.layers.Dense(10, activation="softmax", dtype="float64"),
        ]
    )
    network.set_weights(plane.weights(np.array(point)).arrays)
    images = tf.constant(_TRAIN.images[:IMAGES].reshape(IMAGES, 784) / 255.0)
    with tf.GradientTape() as tape:
        losses = keras.losses.sparse_categorical_crossentropy(_TRAIN.labels[:IMAGES], network(images))
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, [variable.value for variable in network.trainable_variables])
    return float(loss), [each.numpy() for each in gradients]


@pytest.mark.parametrize("point", _POINTS)
def test_loss_and_gradient_at_a_point_are_those_of_the_keras_network_there(point: tuple[float, float]) -> None:
    # Keras cuts probabilities off at 1e-7, which matters far from the three networks, on the sixth digit.
    expected, gradients = keras_loss_and_gradients(_PLANE, point)
    loss, gradient = _PLANE.loss_and_gradient(np.array(point))
    assert loss == pytest.approx(expected, rel=1e-6 if loss < 2 else 0.02)
    if loss < 2:
        by_chain_rule = [
            sum((one * two).sum() for one, two in zip(gradients, way.arrays, strict=True))
            for way in (_PLANE.right, _PLANE.up)
        ]
        np.testing.assert_allclose(gradient, by_chain_rule, rtol=1e-5, atol=1e-7)


def test_the_gradient_agrees_with_finite_differences() -> None:
    rng = np.random.default_rng(0)
    distance = 1e-6
    for point in rng.uniform(-0.5, 1.5, (20, 2)):
        _, gradient = _PLANE.loss_and_gradient(point)
        for axis in range(2):
            shift = distance * np.eye(2)[axis]
            quotient = (_PLANE.loss(point + shift) - _PLANE.loss(point - shift)) / (2 * distance)
            assert gradient[axis] == pytest.approx(quotient, rel=1e-4, abs=1e-5)


def test_the_stored_losses_are_those_of_the_stored_networks() -> None:
    rng = np.random.default_rng(1)
    for row, column in rng.integers(len(TICKS), size=(25, 2)):
        assert _SURFACE.losses[row, column] == pytest.approx(_PLANE.loss(np.array([TICKS[column], TICKS[row]])), 1e-5)


def test_the_corners_are_the_three_networks_and_the_axes_are_perpendicular_and_of_one_length() -> None:
    with np.load(FILE, allow_pickle=False) as stored:
        assert set(stored.files) == {"losses", "hidden_kernel", "hidden_bias", "kernel", "bias"}
        for place, corner in enumerate(_PLANE.corners):
            weights = _PLANE.weights(corner)
            np.testing.assert_allclose(weights.hidden_kernel, stored["hidden_kernel"][place], atol=1e-6)
            np.testing.assert_allclose(weights.bias, stored["bias"][place], atol=1e-6)
    assert _PLANE.right.dot(_PLANE.up) == pytest.approx(0.0, abs=1e-9 * _PLANE.unit**2)
    assert np.sqrt(_PLANE.up.dot(_PLANE.up)) == pytest.approx(_PLANE.unit)
    assert ((_PLANE.corners >= TICKS[0]) & (_PLANE.corners <= TICKS[-1])).all()


def test_the_three_networks_lie_in_valleys_with_ridges_between_them() -> None:
    for one, two in ((0, 1), (0, 2), (1, 2)):
        middle = (_PLANE.corners[one] + _PLANE.corners[two]) / 2
        assert _PLANE.loss(middle) > 2 * max(_SURFACE.network_losses)


def test_the_same_seed_trains_the_same_network() -> None:
    few = Split(_TRAIN.images[:640], _TRAIN.labels[:640])
    one, two, other = (train_network(few, seed) for seed in (1, 1, 2))
    assert (one.kernel == two.kernel).all() and not (one.kernel == other.kernel).all()
    network = keras.Sequential(
        [keras.Input((784,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(10, activation="softmax")]
    )
    network.set_weights(one.arrays)
    network.compile(loss="sparse_categorical_crossentropy")
    assert network.evaluate(few.images.reshape(-1, 784) / 255.0, few.labels, verbose=0) < 2.2
