"""Small classifiers: each gradient, step and fit is Keras's and scikit-learn's."""

from __future__ import annotations

from itertools import pairwise

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.linear_model import Ridge

from model_lib.concepts.classifiers import (
    Classifier,
    Dense,
    Settings,
    flat_pixels,
    least_squares,
    loss_gradients,
    train,
)
from model_lib.concepts.three_models import MODELS, train_three_models
from model_lib.datasets.loading import load_dataset

_TRAIN = load_dataset("mnist").train
_LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def _random(hidden: tuple[int, ...]) -> Classifier:
    generator = np.random.default_rng(7)
    sizes = (784, *hidden, 10)
    return Classifier(
        tuple(
            Dense(generator.normal(0, 0.1, (one, two)).astype(np.float32), generator.normal(0, 1, two).astype("f4"))
            for one, two in pairwise(sizes)
        )
    )


def _keras(classifier: Classifier) -> keras.Model:
    last = len(classifier.layers) - 1
    network = keras.Sequential(
        [keras.Input((784,))]
        + [
            keras.layers.Dense(len(layer.bias), activation="relu" if place < last else None)
            for place, layer in enumerate(classifier.layers)
        ]
    )
    network.set_weights([array for layer in classifier.layers for array in (layer.kernel, layer.bias)])
    return network


@pytest.mark.parametrize("hidden", [(), (16,), (12, 8)])
def test_loss_and_gradients_are_keras_s(hidden: tuple[int, ...]) -> None:
    images, labels = flat_pixels(_TRAIN.images[:50]), _TRAIN.labels[:50]
    classifier = _random(hidden)
    network = _keras(classifier)
    with tf.GradientTape() as tape:
        expected = _LOSS(labels, network(images))
    gradients = tape.gradient(expected, network.trainable_variables)
    loss, found = loss_gradients(classifier, images, labels)
    assert loss == pytest.approx(float(expected), rel=1e-5)
    arrays = [array for layer in found for array in (layer.kernel, layer.bias)]
    for array, gradient in zip(arrays, gradients, strict=True):
        np.testing.assert_allclose(array, gradient.numpy(), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(classifier.logits(images), network(images).numpy(), rtol=1e-4, atol=1e-4)


def test_ten_steps_are_those_of_keras_s_sgd_on_the_same_batches() -> None:
    images, labels = flat_pixels(_TRAIN.images[:500]), _TRAIN.labels[:500]
    settings = Settings(learning_rate=0.1, steps=10, batch_size=20, seed=3)
    training = train(images, labels, settings)
    network = _keras(Classifier((Dense(np.zeros((784, 10), "f4"), np.zeros(10, "f4")),)))
    network.compile(optimizer=keras.optimizers.SGD(0.1), loss=_LOSS, jit_compile=False)
    generator = np.random.default_rng(3)
    losses = []
    for _ in range(10):
        batch = generator.integers(0, 500, 20)
        losses.append(float(_LOSS(labels[batch], network(images[batch]))))
        network.train_on_batch(images[batch], labels[batch])
    np.testing.assert_allclose(training.losses, losses, rtol=1e-4)
    np.testing.assert_allclose(training.classifier.layers[0].kernel, network.get_weights()[0], rtol=1e-3, atol=1e-5)


def test_least_squares_is_scikit_learns_ridge_regression() -> None:
    images, labels = flat_pixels(_TRAIN.images[:3_000]), _TRAIN.labels[:3_000]
    (layer,) = least_squares(images, labels, 10.0).layers
    expected = Ridge(alpha=10.0).fit(images.astype(np.float64), np.eye(10)[labels])
    np.testing.assert_allclose(layer.kernel, expected.coef_.T, atol=1e-5)
    np.testing.assert_allclose(layer.bias, expected.intercept_, atol=1e-5)


def test_the_same_seed_gives_the_same_network_and_another_seed_another() -> None:
    images, labels = flat_pixels(_TRAIN.images[:200]), _TRAIN.labels[:200]
    kernels = [
        train(images, labels, Settings(hidden=(8,), steps=5, seed=seed)).classifier.layers[0].kernel
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[0], kernels[2])


def test_raw_pixels_at_a_rate_65025_times_smaller_give_the_losses_of_scaled_ones_but_for_the_bias() -> None:
    """What the screen of the pixels explains: the kernel's steps go 255 x 255 times as far."""
    images, labels = flat_pixels(_TRAIN.images[:500]), _TRAIN.labels[:500]
    raw = flat_pixels(_TRAIN.images[:500], is_scaled=False)
    classifier = _random(())
    layer = Dense(classifier.layers[0].kernel, np.zeros(10, np.float32))
    _, (scaled_gradient,) = loss_gradients(Classifier((layer,)), images, labels)
    smaller = Dense(layer.kernel / 255, layer.bias)
    _, (raw_gradient,) = loss_gradients(Classifier((smaller,)), raw, labels)
    changed_sum = images @ scaled_gradient.kernel
    np.testing.assert_allclose(raw @ raw_gradient.kernel, 65_025 * changed_sum, rtol=1e-2, atol=2.0)


def test_three_models_are_measured_on_the_last_images_only_and_report_their_progress() -> None:
    images, labels = _TRAIN.images[:700], _TRAIN.labels[:700]
    seen: list[float] = []
    small, large = train_three_models(images, labels, (100, 200), 500, seen.append)
    assert seen == sorted(seen) and seen[0] >= 0 and seen[-1] < 1
    assert (small.count, large.count) == (100, 200)
    for name in MODELS:
        assert large.accuracies[name] == np.mean(large.predictions[name] == labels[-500:])
        assert large.accuracies[name] > 0.5
    expected = Ridge(alpha=10.0).fit(flat_pixels(images[:200]), np.eye(10)[labels[:200]])
    answers = expected.predict(flat_pixels(images[-500:])).argmax(axis=1)
    assert np.mean(answers == large.predictions["least_squares"]) > 0.99
    three = np.stack([large.predictions[name] for name in MODELS])
    by_hand = [place for place in range(500) if len(set(three[:, place].tolist())) > 1]
    assert large.disagreements().tolist() == by_hand
