"""Networks with layers that the engine has no operations for train by Keras's `call`, as in `train_on_batch`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from model_lib.config.layer_kinds import KINDS
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.engine.coverage import covered_kind
from model_lib.engine.inference import probabilities
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import build_network
from tests.support.keras_training import IMAGES, LABELS, order_of, run_epochs, small_config, train_with_keras

layers = keras.layers


def _network(make_inner: Callable[[Any], Any]) -> keras.Model:
    """Returns a network with an uncovered part between a sharded convolution and a split dense kernel."""
    keras.utils.set_random_seed(3)
    image = keras.Input((28, 28, 1))
    values = layers.Conv2D(4, 5, activation="relu")(image)
    values = layers.Flatten()(make_inner(values))
    values = layers.Dense(150, activation="relu")(values)
    return keras.Model(image, layers.Dense(10, activation="softmax")(values))


def _residual(values: Any) -> Any:
    return layers.Add()([values, layers.Conv2D(4, 3, padding="same")(values)])


_UNCOVERED: dict[str, Callable[[Any], Any]] = {
    "kind": layers.ZeroPadding2D(1),
    "kind_with_weights": layers.DepthwiseConv2D(3, activation="relu"),
    "activation": layers.Conv2D(6, 3, activation="hard_sigmoid"),
    "option": layers.Conv2D(6, 3, dilation_rate=2),
    "axis": layers.BatchNormalization(axis=1),
    "not_trainable": layers.BatchNormalization(trainable=False),
    "regularized": layers.Dense(6, kernel_regularizer="l2"),
    "hidden_softmax": layers.Activation("softmax"),
    "no_chain": _residual,
}


@pytest.mark.parametrize("name", _UNCOVERED)
def test_an_uncovered_layer_trains_as_in_keras(name: str) -> None:
    ours = _network(_UNCOVERED[name])
    theirs = keras.models.clone_model(ours)
    theirs.set_weights(ours.get_weights())
    config = small_config(learning_rate=0.0003)
    assert name == "no_chain" or None in [covered_kind(layer) for layer in ours.layers[1:]]
    losses, correct = run_epochs(TrainingSteps(ours, config, len(IMAGES), shards=2), 2)
    keras_losses, keras_correct = train_with_keras(theirs, config, 2)
    np.testing.assert_allclose(losses, keras_losses, rtol=2e-3)
    np.testing.assert_allclose(correct, keras_correct, atol=1)  # a tie may fall the other way
    for own, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(own, other, atol=3e-4, rtol=2e-3)
    expected = ours(IMAGES.astype(np.float32) / 255, training=False)
    np.testing.assert_allclose(probabilities(ours, IMAGES), expected, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_the_editor_is_covered(kind: str) -> None:
    ending = () if kind in ("Flatten", "GlobalAveragePooling2D") else (LayerSpec("Flatten"),)
    network = build_network(NetworkSpec("one", (LayerSpec(kind), *ending)), seed=1)
    assert covered_kind(network.layers[1]) == kind


def test_random_numbers_of_an_uncovered_layer_are_repeated_by_a_resumed_training() -> None:
    def noisy() -> tuple[keras.Model, TrainingSteps]:
        network = _network(layers.GaussianNoise(0.5))
        return network, TrainingSteps(network, small_config(), len(IMAGES))

    network, steps = noisy()
    run_epochs(steps, 1)
    state, weights = steps.state(), network.get_weights()
    steps.begin_epoch(IMAGES, LABELS, order_of(1))
    expected, _ = steps.run(0, 2)

    resumed, again = noisy()
    resumed.set_weights(weights)
    again.load_state(state)
    again.begin_epoch(IMAGES, LABELS, order_of(1))
    np.testing.assert_array_equal(again.run(0, 2)[0], expected)

    again.go_to(6)
    again.begin_epoch(IMAGES, LABELS, order_of(1))
    assert not np.array_equal(again.run(0, 2)[0], expected)


@pytest.mark.parametrize("last", [layers.Dense(10), layers.Dense(10, activation="sigmoid"), layers.Flatten()])
def test_a_network_without_softmax_at_its_end_is_refused(last: Any) -> None:
    image = keras.Input((28, 28, 1))
    network = keras.Model(image, last(layers.Flatten()(image)))
    with pytest.raises(ValueError, match="must end in Dense with softmax"):
        TrainingSteps(network, small_config(), len(IMAGES))
