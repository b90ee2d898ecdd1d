"""Losses and their gradients are those of Keras, scikit-learn and SciPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from scipy.spatial.distance import cdist
from sklearn.metrics import accuracy_score, log_loss

from model_lib.concepts.classifiers import Classifier, Dense, flat_pixels
from model_lib.concepts.losses import (
    cross_entropy,
    cross_entropy_gradient,
    label_distances,
    squared_error_gradient,
    weight_slice,
    with_probability,
)
from model_lib.concepts.softmax import softmax
from model_lib.datasets.loading import load_dataset

_LOGITS = np.random.default_rng(1).normal(0, 3, (40, 10))
_LABELS = np.random.default_rng(2).integers(0, 10, 40)


@pytest.mark.parametrize("temperature", [0.1, 1.0, 50.0])
def test_softmax_is_scipys_at_every_temperature(temperature: float) -> None:
    expected = scipy.special.softmax(_LOGITS / temperature, axis=-1)
    np.testing.assert_allclose(softmax(_LOGITS, temperature), expected, rtol=1e-12)


def test_cross_entropy_is_keras_s_and_scikit_learns() -> None:
    probabilities = scipy.special.softmax(_LOGITS, axis=1)
    found = cross_entropy(probabilities, _LABELS)
    assert found == pytest.approx(log_loss(_LABELS, probabilities, labels=range(10)))
    loss = keras.losses.CategoricalCrossentropy()
    assert found == pytest.approx(float(loss(np.eye(10)[_LABELS], probabilities)), rel=1e-5)


def test_the_gradients_with_respect_to_the_logits_are_tensorflows() -> None:
    for logits, label in zip(_LOGITS, _LABELS, strict=True):
        one_hot = np.eye(10)[label]
        variable = tf.Variable(logits)
        with tf.GradientTape(persistent=True) as tape:
            probabilities = tf.nn.softmax(variable)
            entropy = -tf.math.log(probabilities[label])
            squares = tf.reduce_sum((probabilities - one_hot) ** 2)
        plain = probabilities.numpy()
        np.testing.assert_allclose(cross_entropy_gradient(plain, label), tape.gradient(entropy, variable), atol=1e-12)
        np.testing.assert_allclose(squared_error_gradient(plain, label), tape.gradient(squares, variable), atol=1e-12)


def test_where_the_network_is_surely_wrong_only_cross_entropy_has_a_large_gradient() -> None:
    wrong = with_probability(np.full(10, 0.1), 3, 0.001)
    assert cross_entropy_gradient(wrong, 3)[3] == pytest.approx(-0.999)
    assert abs(squared_error_gradient(wrong, 3)[3]) < 0.01


def test_a_wanted_probability_leaves_the_others_in_their_proportions() -> None:
    given = scipy.special.softmax(_LOGITS[0])
    changed = with_probability(given, 4, 0.25)
    assert changed.sum() == pytest.approx(1.0)
    assert changed[4] == 0.25
    np.testing.assert_allclose(np.delete(changed, 4) / changed[0], np.delete(given, 4) / given[0])


@pytest.mark.parametrize("label", [0, 7, 9])
def test_distances_of_labels_are_scipys(label: int) -> None:
    digits, vectors = np.arange(10.0)[:, np.newaxis], np.eye(10)
    numbers, one_hots = label_distances(label)
    np.testing.assert_allclose(numbers, cdist(digits[[label]], digits, "sqeuclidean")[0])
    np.testing.assert_allclose(one_hots, cdist(vectors[[label]], vectors, "sqeuclidean")[0])


def test_a_slice_has_the_loss_and_accuracy_of_a_network_with_that_weight() -> None:
    generator = np.random.default_rng(5)
    kernel, bias = generator.normal(0, 0.1, (784, 10)).astype("f4"), generator.normal(0, 1, 10).astype("f4")
    test = load_dataset("mnist").test
    images, labels = flat_pixels(test.images[:60]), test.labels[:60]
    weights = np.array([-3.0, 0.5, 2.0])
    found = weight_slice(Classifier((Dense(kernel, bias),)), images, labels, (406, 4), weights)
    for number, weight in enumerate(weights):
        changed = kernel.astype(np.float64)
        changed[406, 4] = weight
        probabilities = scipy.special.softmax(images @ changed + bias, axis=1)
        assert found.losses[number] == pytest.approx(log_loss(labels, probabilities, labels=range(10)), rel=1e-5)
        assert found.accuracies[number] == accuracy_score(labels, probabilities.argmax(axis=1))
