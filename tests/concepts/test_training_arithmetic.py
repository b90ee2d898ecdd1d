"""One training step, batches and their noise: against Keras, finite differences and counting by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from model_lib.concepts.training.batches import (
    BATCH_SIZES,
    IMAGES,
    LossCurve,
    batch_counts,
    gradient_noise,
    loss_curves,
    training_images,
)
from model_lib.concepts.training.softmax_regression import (
    LayerWeights,
    finite_difference,
    initial_weights,
    loss_gradient,
    losses_of,
    telling_weights,
    training_step,
)
from model_lib.datasets.loading import load_dataset

_TRAIN = load_dataset("mnist").train
_IMAGES = _TRAIN.images[:4].reshape(4, 784) / 255.0
_LABELS = _TRAIN.labels[:4]


def keras_layer(weights: LayerWeights) -> keras.Model:
    network = keras.Sequential(
        [keras.Input((784,), dtype="float64"), keras.layers.Dense(10, activation="softmax", dtype="float64")]
    )
    network.set_weights([weights.kernel, weights.bias])
    return network


def test_a_step_is_that_of_keras_with_plain_sgd() -> None:
    before = initial_weights(0)
    step = training_step(before, _IMAGES, _LABELS, 0.125)
    network = keras_layer(before)
    images = tf.constant(_IMAGES)
    with tf.GradientTape() as tape:
        probabilities = network(images)
        losses = keras.losses.sparse_categorical_crossentropy(_LABELS, probabilities)
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, [variable.value for variable in network.trainable_variables])
    keras.optimizers.SGD(0.125).apply(gradients, network.trainable_variables)
    np.testing.assert_allclose(step.probabilities, probabilities.numpy(), rtol=1e-12)
    np.testing.assert_allclose(step.losses, losses.numpy(), rtol=1e-9)
    np.testing.assert_allclose(step.gradient.kernel, gradients[0].numpy(), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(step.gradient.bias, gradients[1].numpy(), rtol=1e-9)
    np.testing.assert_allclose(step.new_weights.kernel, network.get_weights()[0], rtol=1e-12)
    after = keras.losses.sparse_categorical_crossentropy(_LABELS, network(images)).numpy()
    np.testing.assert_allclose(step.new_losses, after, rtol=1e-9)
    np.testing.assert_allclose(np.log(step.probabilities / step.probabilities[:, :1]), step.logits - step.logits[:, :1])


def test_the_gradient_of_a_weight_agrees_with_the_finite_difference_beside_it() -> None:
    weights = initial_weights(0)
    gradient = loss_gradient(weights, _IMAGES, _LABELS)
    for place in telling_weights(_IMAGES, _LABELS):
        above, below, quotient = finite_difference(weights, _IMAGES, _LABELS, place)
        assert gradient.kernel[place] == pytest.approx(quotient, abs=1e-9)
        assert quotient == pytest.approx((above - below) / 2e-4)


def test_the_three_weights_raise_lower_and_leave_the_loss() -> None:
    for first in range(0, 400, 4):
        images, labels = _TRAIN.images[first : first + 4].reshape(4, 784) / 255.0, _TRAIN.labels[first : first + 4]
        gradient = loss_gradient(initial_weights(0), images, labels).kernel
        one, two, three = telling_weights(images, labels)
        assert gradient[two] > 0.0 == gradient[three]
        assert one[1] == labels[0] and two[1] not in labels


def test_a_loss_is_a_number_also_where_the_probability_is_none() -> None:
    kernel = np.zeros((784, 10))
    kernel[:, 0] = 1e6
    losses = losses_of(LayerWeights(kernel, np.zeros(10)), _IMAGES, np.array([5, 0, 4, 1], np.uint8))
    assert np.isfinite(losses).all() and losses[1] == 0.0 and losses[0] > 1e6


@pytest.mark.parametrize(
    ("batch_size", "epochs", "expected"),
    [
        (32, 5, (1_875, 32, 9_375, 300_000)),  # Keras prints 1875/1875 for MNIST
        (128, 12, (469, 96, 5_628, 720_000)),
        (60_000, 1, (1, 60_000, 1, 60_000)),
        (1, 2, (60_000, 1, 120_000, 120_000)),
    ],
)
def test_batches_are_counted_as_keras_counts_them(
    batch_size: int, epochs: int, expected: tuple[int, int, int, int]
) -> None:
    counts = batch_counts(60_000, batch_size, epochs)
    assert (counts.steps_per_epoch, counts.last_batch, counts.steps, counts.images_seen) == expected


def test_the_noise_of_a_gradient_falls_with_the_root_of_the_batch_size() -> None:
    noise = gradient_noise(_TRAIN)
    np.testing.assert_allclose(noise.measured, noise.expected, rtol=0.12)
    slope = np.polyfit(np.log(noise.batch_sizes), np.log(noise.measured), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.03)


def test_the_trainings_are_those_of_a_keras_layer_with_the_same_batches() -> None:
    small, whole = loss_curves(_TRAIN, 0.125, (256, IMAGES))
    assert small.losses[0] == whole.losses[0] == pytest.approx(np.log(10))
    images, labels = training_images(_TRAIN)
    measured = _TRAIN.images[IMAGES : IMAGES + 1_000].reshape(1_000, 784) / 255.0
    network = keras_layer(LayerWeights(np.zeros((784, 10)), np.zeros(10)))
    network.compile(optimizer=keras.optimizers.SGD(0.125), loss="sparse_categorical_crossentropy")
    # All images at once have one order; Keras's own loop then needs none of our batches.
    network.fit(images, labels, batch_size=IMAGES, epochs=int(whole.steps[6]), shuffle=False, verbose=0)
    expected = network.evaluate(measured, _TRAIN.labels[IMAGES : IMAGES + 1_000], verbose=0)
    assert whole.losses[6] == pytest.approx(expected, rel=1e-5)


def test_images_seen_count_the_small_last_batch_of_an_epoch() -> None:
    for batch_size in BATCH_SIZES:
        sizes = 3 * [min(batch_size, IMAGES - first) for first in range(0, IMAGES, batch_size)]
        steps = np.arange(len(sizes) + 1)
        curve = LossCurve(batch_size, steps, np.zeros(len(steps)))
        np.testing.assert_array_equal(curve.images_seen, np.r_[0, np.cumsum(sizes)])
