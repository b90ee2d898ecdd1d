"""Temperature scaling against probabilities whose right temperature is known."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.special import softmax

from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import load_dataset
from model_lib.evaluation.calibration import calibration_of
from model_lib.evaluation.evaluation import Evaluation
from model_lib.networks import build_network
from model_lib.predictions import load_pretrained, predict
from model_lib.pretrained.temperature import best_factor, scale_logits


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.5])
def test_the_factor_is_the_one_by_which_the_logits_are_too_small(factor: float) -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (20_000, 10))
    truth = softmax(logits, axis=1)
    labels = (truth.cumsum(axis=1) > rng.random((len(truth), 1))).argmax(axis=1)
    assert best_factor(softmax(logits / factor, axis=1).astype(np.float32), labels) == pytest.approx(factor, rel=0.05)


def test_scaling_changes_the_output_layer_alone_and_no_answer() -> None:
    network = build_network(PRESETS["lightning"], seed=1)
    images = load_dataset("mnist").test.images[:200] / np.float32(255)
    before, weights = np.asarray(network(images[..., None])), [each.copy() for each in network.get_weights()]
    scale_logits(network, 2.5)
    after = np.asarray(network(images[..., None]))
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))
    for new, old in zip(network.get_weights()[:-2], weights[:-2], strict=True):
        np.testing.assert_array_equal(new, old)
    np.testing.assert_allclose(after, softmax(2.5 * np.log(before), axis=1), atol=1e-5)
    assert isinstance(network.layers[-1], keras.layers.Dense)


def test_the_bundled_network_is_as_sure_as_it_is_right_on_people_whom_nothing_has_seen() -> None:
    drawn = load_dataset("pen_digits").test
    calibration = calibration_of(Evaluation(predict(load_pretrained(), drawn.images), drawn.labels, "pen_digits"))
    assert calibration.error < 0.005
