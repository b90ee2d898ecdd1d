"""The training step against Keras's own `train_on_batch`, on real digits."""

from __future__ import annotations

import numpy as np
import pytest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import LEARNING_RATES, OPTIMIZERS
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import build_network
from tests.support.keras_training import IMAGES, LABELS, order_of, run_epochs, small_config, train_with_keras

_CONVOLUTIONAL = NetworkSpec(
    "convolutional",
    (
        LayerSpec("Conv2D", filters=6, kernel_size=5),
        LayerSpec("MaxPooling2D"),
        LayerSpec("BatchNormalization"),
        LayerSpec("Conv2D", filters=8, kernel_size=3, padding="same", activation="linear", use_bias=False),
        LayerSpec("BatchNormalization"),
        LayerSpec("Activation", activation="relu"),
        LayerSpec("MaxPooling2D", pool_size=3, strides=2, padding="same"),
        LayerSpec("Flatten"),
        LayerSpec("Dense", units=16, activation="tanh"),
    ),
)
_SINGLE_LAYER = NetworkSpec("single", (LayerSpec("Flatten"), LayerSpec("Dense", units=12)))
_WITH_DROPOUT = NetworkSpec(
    "with_dropout",
    (LayerSpec("Conv2D", filters=4), LayerSpec("Dropout", rate=0.3), LayerSpec("Flatten"), LayerSpec("Dropout")),
)
# In three shards the dense kernel's 64 rows make 21, 21 and 22.
_LARGE = NetworkSpec(
    "large",
    (
        LayerSpec("Conv2D", filters=3, kernel_size=3),
        LayerSpec("MaxPooling2D"),
        LayerSpec("Conv2D", filters=4, kernel_size=5, strides=2, padding="same"),
        LayerSpec("MaxPooling2D", pool_size=3, strides=2, padding="same"),
        LayerSpec("Flatten"),
        LayerSpec("Dense", units=1000),
    ),
)


@pytest.mark.parametrize(
    ("optimizer", "spec", "shards"),
    [
        *((optimizer, _CONVOLUTIONAL, 1) for optimizer in OPTIMIZERS),
        *((optimizer, _SINGLE_LAYER, 1) for optimizer in OPTIMIZERS),
        ("adam", _LARGE, 3),
        ("adadelta", _LARGE, 3),
        ("adam", _CONVOLUTIONAL, 3),
        ("adam", _LARGE, 1),
    ],
)
def test_two_epochs_with_a_smaller_last_batch_change_the_weights_as_keras_does(
    optimizer: str, spec: NetworkSpec, shards: int
) -> None:
    config = small_config(optimizer=optimizer, learning_rate=LEARNING_RATES[optimizer] / 3)
    ours, theirs = build_network(spec, seed=3), build_network(spec, seed=3)
    steps = TrainingSteps(ours, config, len(IMAGES), shards)
    assert steps.steps_per_epoch == 3
    losses, correct = run_epochs(steps, 2)
    keras_losses, keras_correct = train_with_keras(theirs, config, 2)
    np.testing.assert_allclose(losses, keras_losses, rtol=2e-3)
    np.testing.assert_allclose(correct, keras_correct, atol=1)  # a tie may fall the other way
    for variable, own, other in zip(theirs.variables, ours.get_weights(), theirs.get_weights(), strict=False):
        np.testing.assert_allclose(own, other, atol=2e-4, rtol=2e-3, err_msg=variable.path)


def test_batch_normalisation_of_raw_pixels_trains_as_in_keras() -> None:
    spec, config = PRESETS["mlp_batchnorm"], small_config()
    ours, theirs = build_network(spec, seed=3), build_network(spec, seed=3)
    losses, correct = run_epochs(TrainingSteps(ours, config, len(IMAGES)), 2)
    keras_losses, keras_correct = train_with_keras(theirs, config, 2)
    np.testing.assert_allclose(losses, keras_losses, rtol=2e-3)
    np.testing.assert_allclose(correct, keras_correct, atol=1)
    statistics = [variable for variable in theirs.variables if "moving" in variable.path]
    own = {variable.path.split("/")[-1]: variable.numpy() for variable in ours.non_trainable_variables}
    for variable in statistics:
        np.testing.assert_allclose(own[variable.path.split("/")[-1]], variable.numpy(), rtol=1e-4, atol=1e-4)


def test_label_smoothing_gives_the_loss_of_keras() -> None:
    config = small_config(label_smoothing=0.1)
    ours, theirs = build_network(_SINGLE_LAYER, seed=3), build_network(_SINGLE_LAYER, seed=3)
    losses, _ = run_epochs(TrainingSteps(ours, config, len(IMAGES)), 2)
    np.testing.assert_allclose(losses, train_with_keras(theirs, config, 2)[0], rtol=1e-4)


def test_an_epoch_in_pieces_is_the_epoch_in_one_and_is_traced_once() -> None:
    whole, pieces = build_network(_WITH_DROPOUT, seed=2), build_network(_WITH_DROPOUT, seed=2)
    config = small_config(batch_size=10)
    expected = run_epochs(TrainingSteps(whole, config, 70), 1)
    steps = TrainingSteps(pieces, config, 70)
    steps.begin_epoch(IMAGES, LABELS, order_of(0))
    parts = [steps.run(0, 1), steps.run(1, 4), steps.run(5, 2)]
    np.testing.assert_array_equal(np.concatenate([loss for loss, _ in parts]), expected[0])
    np.testing.assert_array_equal(np.concatenate([correct for _, correct in parts]), expected[1])
    assert steps._loop.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_training_resumed_from_its_state_goes_on_bit_for_bit(optimizer: str) -> None:
    config = small_config(optimizer=optimizer, schedule="one_cycle")
    network = build_network(_WITH_DROPOUT, seed=2)
    steps = TrainingSteps(network, config, 70)
    run_epochs(steps, 1)
    state, weights = {name: array.copy() for name, array in steps.state().items()}, network.get_weights()
    steps.begin_epoch(IMAGES, LABELS, order_of(5))
    expected, _ = steps.run(0, 3)

    resumed = build_network(_WITH_DROPOUT, seed=99)
    resumed.set_weights(weights)
    again = TrainingSteps(resumed, config, 70)
    again.load_state(state)
    again.begin_epoch(IMAGES, LABELS, order_of(5))
    np.testing.assert_array_equal(again.run(0, 3)[0], expected)
    for one, other in zip(network.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_next_epoch_may_have_other_images() -> None:
    network = build_network(_SINGLE_LAYER, seed=2)
    steps = TrainingSteps(network, small_config(learning_rate=1e-7), 70)
    steps.begin_epoch(IMAGES, LABELS, order_of(0))
    first, _ = steps.run(0, 3)
    steps.begin_epoch(np.zeros_like(IMAGES), LABELS, order_of(0))
    black, _ = steps.run(0, 3)
    np.testing.assert_allclose(black, np.log(10), rtol=1e-3)  # no ink: every digit is as likely
    assert not np.allclose(first, black)


def test_bfloat16_convolutions_leave_float32_weights_and_nearly_the_same_loss() -> None:
    exact, rough = build_network(_CONVOLUTIONAL, seed=2), build_network(_CONVOLUTIONAL, seed=2)
    expected, _ = run_epochs(TrainingSteps(exact, small_config(), 70), 2)
    losses, _ = run_epochs(TrainingSteps(rough, small_config(precision="bfloat16"), 70), 2)
    assert not np.array_equal(losses, expected)
    np.testing.assert_allclose(losses, expected, rtol=0.05)
    assert {variable.dtype for variable in rough.variables} == {"float32"}


def test_a_sharded_training_resumes_with_the_weights_that_the_network_was_given() -> None:
    config = small_config(optimizer="adam")
    network = build_network(_LARGE, seed=2)
    steps = TrainingSteps(network, config, 70, shards=3)
    run_epochs(steps, 1)
    state, weights = steps.state(), network.get_weights()
    expected, _ = run_epochs(steps, 1)

    # A machine with other cores goes on with the same numbers; only their rounding differs.
    for shards, tolerance in ((3, 0.0), (1, 1e-4)):
        resumed = build_network(_LARGE, seed=99)
        again = TrainingSteps(resumed, config, 70, shards)
        resumed.set_weights(weights)
        again.load_state(state)
        losses, _ = run_epochs(again, 1)
        np.testing.assert_allclose(losses, expected, rtol=tolerance)


def test_a_batch_with_fewer_images_than_shards_trains_as_a_whole_one() -> None:
    config = small_config(batch_size=23)  # the last of 70 images is a batch by itself
    ours, theirs = build_network(_CONVOLUTIONAL, seed=3), build_network(_CONVOLUTIONAL, seed=3)
    losses, _ = run_epochs(TrainingSteps(ours, config, 70, shards=3), 1)
    expected, _ = run_epochs(TrainingSteps(theirs, config, 70, shards=1), 1)
    assert len(losses) == 4
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
