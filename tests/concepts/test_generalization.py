"""Dropout, batch normalisation, overfitting and choosing by a test set, against Keras, NumPy and order statistics."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from model_lib.concepts.classifiers import Settings, train
from model_lib.concepts.generalization import batch_normalize, dropout_masks, learning_curves, select_best


def test_a_mask_has_the_two_values_of_keras_dropout_and_its_mean_is_one() -> None:
    masks = dropout_masks(2_000, 50, 0.2, seed=1)
    dropped = np.asarray(keras.layers.Dropout(0.2, seed=1)(np.ones((2_000, 50), np.float32), training=True))
    np.testing.assert_allclose(np.unique(masks), np.unique(dropped), atol=1e-6)
    assert masks.mean() == pytest.approx(1.0, abs=0.01)
    assert (dropout_masks(3, 4, 0.0, seed=1) == 1).all()


def test_a_normalised_batch_is_that_of_keras() -> None:
    values = np.random.default_rng(0).normal(5.0, 3.0, 64)
    layer = keras.layers.BatchNormalization()
    layer.build((None, 1))
    layer.gamma.assign([2.0])
    layer.beta.assign([1.0])
    expected = np.asarray(layer(values[:, np.newaxis].astype(np.float32), training=True))[:, 0]
    found = batch_normalize(values, 2.0, 1.0)
    np.testing.assert_allclose(found.values, expected, atol=1e-4)
    assert found.values.mean() == pytest.approx(1.0)
    assert found.variance == pytest.approx(values.var())


def test_the_curves_begin_at_the_untrained_losses_and_few_images_are_overfitted() -> None:
    generator = np.random.default_rng(3)
    images, labels = generator.normal(size=(40, 30)).astype(np.float32), generator.integers(0, 10, 40)
    others = generator.normal(size=(200, 30)).astype(np.float32), generator.integers(0, 10, 200)
    settings = Settings(hidden=(16,), learning_rate=0.2, steps=300, batch_size=20)
    curves = learning_curves(images, labels, others, settings, points=7)
    assert curves.steps.tolist() == [0, 50, 100, 150, 200, 250, 300]
    untrained = train(images, labels, Settings(hidden=(16,), steps=0)).classifier.logits(others[0])
    expected = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(others[1], untrained)
    assert curves.held_out[0] == pytest.approx(float(expected), rel=1e-5)
    # Labels by chance: there is nothing to generalise, so that the held-out loss only rises.
    assert curves.training[-1] < 0.1 < curves.held_out[curves.best] < curves.held_out[-1]
    assert curves.best == int(np.argmin(curves.held_out))


def test_the_best_of_many_equal_ones_is_too_good_by_what_order_statistics_say() -> None:
    is_right = np.random.default_rng(5).random((20, 20_000)) < 0.8
    found = select_best(is_right, 100, draw=0, draws=100)
    assert found.chosen == int(found.on_test.argmax())
    # The largest of 20 standard normal numbers is 1.867 on the mean (Harter 1961, Biometrika 48, table 1).
    assert found.mean_excess == pytest.approx(1.867 * np.sqrt(0.8 * 0.2 / 100), abs=0.012)


def test_one_network_is_not_too_good_however_easy_the_test_images_are() -> None:
    is_right = np.random.default_rng(6).random((1, 300)) < 0.8
    assert [select_best(is_right, 50, draw=0, draws=draws).mean_excess for draws in (1, 2, 3, 50)] == [0.0] * 4
