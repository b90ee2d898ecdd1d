"""Filters that are switched off, against networks whose weights are zero by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, recall_score

from model_lib.datasets.loading import Split, load_dataset
from model_lib.interpretability.ablation import ablate
from model_lib.interpretability.layer_outputs import FeatureReader
from model_lib.interpretability.results import class_accuracy
from tests.support.sample_networks import ALL_KINDS, DENSE, network_with_random_weights

_WHOLE = load_dataset("mnist").test
_TEST = Split(_WHOLE.images[:600], _WHOLE.labels[:600])
_INPUTS = (_TEST.images / np.float32(255))[..., np.newaxis]


def test_a_unit_that_is_switched_off_counts_for_nothing() -> None:
    network = network_with_random_weights(DENSE)
    without = ablate(FeatureReader(network), "dense_1", (3, 11), _TEST)
    first, bias, second, offset = network.get_weights()
    second[[3, 11]] = 0.0
    network.set_weights([first, bias, second, offset])
    np.testing.assert_array_equal(without.predictions, np.asarray(network(_INPUTS)).argmax(axis=1))


def test_a_filter_is_switched_off_behind_its_normalisation() -> None:
    network = network_with_random_weights(ALL_KINDS)
    shares: list[float] = []
    without = ablate(FeatureReader(network), "conv2d_1", (2,), _TEST, shares.append)
    normalisation = network.get_layer("batch_normalization_1")
    gamma, beta, mean, variance = normalisation.get_weights()
    gamma[2], beta[2] = 0.0, -1.0  # below zero, so that relu makes zeros of it
    normalisation.set_weights([gamma, beta, mean, variance])
    np.testing.assert_array_equal(without.predictions, np.asarray(network(_INPUTS)).argmax(axis=1))
    assert shares[-1] == 1.0


def test_nothing_switched_off_is_the_network_as_it_is() -> None:
    network = network_with_random_weights(ALL_KINDS)
    whole = ablate(FeatureReader(network), "conv2d_2", (), _TEST)
    np.testing.assert_array_equal(whole.predictions, np.asarray(network(_INPUTS)).argmax(axis=1))


def test_the_accuracy_of_each_digit_is_scikit_learns_recall() -> None:
    predictions = np.random.default_rng(0).integers(0, 10, 600)
    accuracy = class_accuracy(predictions, _TEST.labels)
    assert accuracy.overall == pytest.approx(accuracy_score(_TEST.labels, predictions))
    np.testing.assert_allclose(accuracy.by_class, recall_score(_TEST.labels, predictions, average=None))


def test_a_filter_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="0 to 19"):
        ablate(FeatureReader(network_with_random_weights(DENSE)), "dense_1", (20,), _TEST)
