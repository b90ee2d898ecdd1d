"""Activation functions and their slopes are Keras's; dead units are counted image by image."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from model_lib.concepts.activations import ACTIVATIONS, positive_shares


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_and_its_slope_are_keras_s(name: str) -> None:
    sums = np.append(np.linspace(-8, 8, 33), 0.0)
    variable = tf.Variable(sums)
    with tf.GradientTape() as tape:
        outputs = keras.activations.get(name)(variable)
    np.testing.assert_allclose(ACTIVATIONS[name].apply(sums), outputs.numpy(), atol=1e-7)
    np.testing.assert_allclose(ACTIVATIONS[name].slope(sums), tape.gradient(outputs, variable).numpy(), atol=1e-7)


def test_sigmoid_does_not_overflow() -> None:
    with np.errstate(all="raise"):
        assert ACTIVATIONS["sigmoid"].apply(np.array([-1e4, 1e4])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("shift", [0.0, -0.5, -10.0])
def test_a_unit_is_dead_whose_relu_is_0_for_all_images(shift: float) -> None:
    sums = np.random.default_rng(0).normal(0, 1, (50, 8))
    outputs = keras.activations.relu(sums + shift)
    by_hand = [sum(float(outputs[image, unit]) > 0 for image in range(50)) / 50 for unit in range(8)]
    np.testing.assert_allclose(positive_shares(sums, shift), by_hand)
