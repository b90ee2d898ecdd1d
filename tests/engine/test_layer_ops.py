"""Dropout masks by their frequencies, and max pooling before the activation against Keras."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from model_lib.config.network import ACTIVATIONS, LayerSpec, NetworkSpec
from model_lib.engine.forward import ForwardPass
from model_lib.engine.inference import probabilities
from model_lib.engine.layer_ops import dropout
from model_lib.networks import build_network
from tests.support.keras_training import IMAGES


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_max_pooling_before_the_activation_changes_no_probability(activation: str) -> None:
    layers = (
        LayerSpec("Conv2D", filters=5, activation=activation),
        LayerSpec("MaxPooling2D", padding="same"),
        LayerSpec("Conv2D", filters=5, strides=2, activation=activation),
        LayerSpec("GlobalAveragePooling2D"),
    )
    network = build_network(NetworkSpec("pooled", layers), seed=1)
    for variable in network.trainable_variables:  # biases start at zero, which would hide what they do
        variable.assign(np.random.default_rng(1).normal(0, 0.5, variable.shape))
    expected = network(IMAGES[..., np.newaxis].astype(np.float32) / 255, training=False)
    np.testing.assert_allclose(probabilities(network, IMAGES), expected, atol=2e-6)


@pytest.mark.parametrize("rate", [0.2, 0.25])
def test_dropout_zeroes_values_at_its_rate_and_keeps_the_mean(rate: float) -> None:
    key = tf.constant([1, 2], tf.uint64)
    dropped = dropout(tf.ones([301, 333]), rate, key, 3).numpy()
    assert (dropped == 0).mean() == pytest.approx(rate, abs=0.01)
    np.testing.assert_allclose(dropped[dropped != 0], 1 / (1 - rate), rtol=1e-4)
    assert not np.array_equal(dropped, dropout(tf.ones([301, 333]), rate, key, 4).numpy())
    assert not np.array_equal(dropped, dropout(tf.ones([301, 333]), rate, key + 1, 3).numpy())


def test_the_mask_of_a_step_is_not_a_shifted_mask_of_the_step_before() -> None:
    first, second = (dropout(tf.ones([4096]), 0.5, tf.constant([1, step], tf.uint64), 3).numpy() for step in (7, 8))
    for shift in range(-64, 65):
        assert (first == np.roll(second, shift)).mean() == pytest.approx(0.5, abs=0.05)


def test_each_shard_has_a_mask_of_its_own() -> None:
    layers = (LayerSpec("Conv2D", filters=1), LayerSpec("Dropout"), LayerSpec("Flatten"))
    network = build_network(NetworkSpec("dropped", layers), seed=1)
    twice = tf.constant(np.repeat(IMAGES[:1], 2, axis=0))
    key = tf.constant([1, 2], tf.uint64)
    logits, _ = ForwardPass(network, in_bfloat16=False, shards=2).logits(twice, key)
    assert not np.allclose(logits[0], logits[1])
