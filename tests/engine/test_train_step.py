"""The engine's arithmetic against Keras's own `train_on_batch`, on real digits."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from model_lib.config.network import ACTIVATIONS, LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import LEARNING_RATES, OPTIMIZERS, TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.engine.forward import ForwardPass
from model_lib.engine.layer_ops import drop
from model_lib.engine.optimizers import one_cycle
from model_lib.engine.train_step import TrainingSteps, accuracy, mean_loss, probabilities
from model_lib.networks import build_network

_TRAIN = load_dataset("mnist").train
_IMAGES, _LABELS = _TRAIN.images[:70], _TRAIN.labels[:70]

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


def _config(**settings: object) -> TrainingConfig:
    return dataclasses.replace(TrainingConfig(batch_size=32, precision="float32", epochs=2), **settings)


def _order(epoch: int) -> np.ndarray:
    return np.random.default_rng(epoch).permutation(len(_IMAGES))


def _run_epochs(steps: TrainingSteps, epochs: int) -> tuple[np.ndarray, np.ndarray]:
    results = []
    for epoch in range(epochs):
        steps.begin_epoch(_IMAGES, _LABELS, _order(epoch))
        results.append(steps.run(0, steps.steps_per_epoch))
    losses, right = zip(*results, strict=True)
    return np.concatenate(losses), np.concatenate(right)


def _keras_optimizer(config: TrainingConfig) -> keras.optimizers.Optimizer:
    classes = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop", "adadelta": "Adadelta", "adagrad": "Adagrad"}
    options = {"momentum": config.momentum} if config.optimizer == "sgd" else {}
    return getattr(keras.optimizers, classes[config.optimizer])(learning_rate=config.rate, **options)


def _train_with_keras(network: keras.Model, config: TrainingConfig, epochs: int) -> tuple[np.ndarray, np.ndarray]:
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
    network.compile(optimizer=_keras_optimizer(config), loss=loss, metrics=["accuracy"], jit_compile=False)
    losses, right = [], []
    for epoch in range(epochs):
        for start in range(0, len(_IMAGES), config.batch_size):
            rows = _order(epoch)[start : start + config.batch_size]
            wanted = keras.utils.to_categorical(_LABELS[rows], 10)
            images = _IMAGES[rows][..., np.newaxis].astype(np.float32) / 255
            network.reset_metrics()
            one_loss, one_accuracy = network.train_on_batch(images, wanted)
            losses.append(float(one_loss))
            right.append(round(float(one_accuracy) * len(rows)))
    return np.array(losses), np.array(right)


# Cut into three, the dense layer's 64 rows make parts of 21, 21 and 22.
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
    ("optimizer", "spec", "shares"),
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
    optimizer: str, spec: NetworkSpec, shares: int
) -> None:
    config = _config(optimizer=optimizer, learning_rate=LEARNING_RATES[optimizer] / 3)
    ours, theirs = build_network(spec, seed=3), build_network(spec, seed=3)
    steps = TrainingSteps(ours, config, len(_IMAGES), shares)
    assert steps.steps_per_epoch == 3
    losses, right = _run_epochs(steps, 2)
    keras_losses, keras_right = _train_with_keras(theirs, config, 2)
    np.testing.assert_allclose(losses, keras_losses, rtol=2e-3)
    np.testing.assert_allclose(right, keras_right, atol=1)  # a tie may fall the other way
    for variable, own, other in zip(theirs.variables, ours.get_weights(), theirs.get_weights(), strict=False):
        np.testing.assert_allclose(own, other, atol=2e-4, rtol=2e-3, err_msg=variable.path)


def test_batch_normalisation_of_raw_pixels_learns_as_in_keras() -> None:
    spec, config = PRESETS["mlp_batchnorm"], _config()
    ours, theirs = build_network(spec, seed=3), build_network(spec, seed=3)
    losses, right = _run_epochs(TrainingSteps(ours, config, len(_IMAGES)), 2)
    keras_losses, keras_right = _train_with_keras(theirs, config, 2)
    np.testing.assert_allclose(losses, keras_losses, rtol=2e-3)
    np.testing.assert_allclose(right, keras_right, atol=1)
    statistics = [variable for variable in theirs.variables if "moving" in variable.path]
    own = {variable.path.split("/")[-1]: variable.numpy() for variable in ours.non_trainable_variables}
    for variable in statistics:
        np.testing.assert_allclose(own[variable.path.split("/")[-1]], variable.numpy(), rtol=1e-4, atol=1e-4)


def test_label_smoothing_gives_the_loss_of_keras() -> None:
    config = _config(label_smoothing=0.1)
    ours, theirs = build_network(_SINGLE_LAYER, seed=3), build_network(_SINGLE_LAYER, seed=3)
    losses, _ = _run_epochs(TrainingSteps(ours, config, len(_IMAGES)), 2)
    np.testing.assert_allclose(losses, _train_with_keras(theirs, config, 2)[0], rtol=1e-4)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_pooling_before_the_activation_changes_no_answer(activation: str) -> None:
    layers = (
        LayerSpec("Conv2D", filters=5, activation=activation),
        LayerSpec("MaxPooling2D", padding="same"),
        LayerSpec("Conv2D", filters=5, strides=2, activation=activation),
        LayerSpec("GlobalAveragePooling2D"),
    )
    network = build_network(NetworkSpec("pooled", layers), seed=1)
    for variable in network.trainable_variables:  # biases start at zero, which would hide what they do
        variable.assign(np.random.default_rng(1).normal(0, 0.5, variable.shape))
    expected = network(_IMAGES[..., np.newaxis].astype(np.float32) / 255, training=False)
    np.testing.assert_allclose(probabilities(network, _IMAGES), expected, atol=2e-6)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_probabilities_are_those_of_the_keras_network(name: str) -> None:
    network = build_network(PRESETS[name], seed=1)
    images = _IMAGES.astype(np.float32) / 255
    expected = network(images, training=False)
    np.testing.assert_allclose(probabilities(network, images, batch=32), expected, atol=1e-5)
    np.testing.assert_allclose(probabilities(network, _IMAGES), expected, atol=1e-5)


def test_loss_and_accuracy_of_probabilities_are_those_of_keras() -> None:
    answers = np.random.default_rng(1).dirichlet(np.ones(10), 50).astype(np.float32)
    labels = _LABELS[:50]
    expected = keras.losses.sparse_categorical_crossentropy(labels, answers)
    assert mean_loss(answers, labels) == pytest.approx(float(np.mean(expected)), rel=1e-5)
    hits = keras.metrics.sparse_categorical_accuracy(labels, answers)
    assert accuracy(answers, labels) == pytest.approx(float(np.mean(hits)))


def test_an_epoch_in_pieces_is_the_epoch_in_one_and_is_traced_once() -> None:
    whole, pieces = build_network(_WITH_DROPOUT, seed=2), build_network(_WITH_DROPOUT, seed=2)
    config = _config(batch_size=10)
    expected = _run_epochs(TrainingSteps(whole, config, 70), 1)
    steps = TrainingSteps(pieces, config, 70)
    steps.begin_epoch(_IMAGES, _LABELS, _order(0))
    parts = [steps.run(0, 1), steps.run(1, 4), steps.run(5, 2)]
    np.testing.assert_array_equal(np.concatenate([loss for loss, _ in parts]), expected[0])
    np.testing.assert_array_equal(np.concatenate([right for _, right in parts]), expected[1])
    assert steps._loop.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_training_resumed_from_its_state_goes_on_bit_for_bit(optimizer: str) -> None:
    config = _config(optimizer=optimizer, schedule="one_cycle")
    network = build_network(_WITH_DROPOUT, seed=2)
    steps = TrainingSteps(network, config, 70)
    _run_epochs(steps, 1)
    state, weights = {name: array.copy() for name, array in steps.state().items()}, network.get_weights()
    steps.begin_epoch(_IMAGES, _LABELS, _order(5))
    expected, _ = steps.run(0, 3)

    resumed = build_network(_WITH_DROPOUT, seed=99)
    resumed.set_weights(weights)
    again = TrainingSteps(resumed, config, 70)
    again.load_state(state)
    again.begin_epoch(_IMAGES, _LABELS, _order(5))
    np.testing.assert_array_equal(again.run(0, 3)[0], expected)
    for one, other in zip(network.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_in_shares_a_resumed_training_goes_on_with_the_weights_that_it_was_given() -> None:
    config = _config(optimizer="adam")
    network = build_network(_LARGE, seed=2)
    steps = TrainingSteps(network, config, 70, shares=3)
    _run_epochs(steps, 1)
    state, weights = steps.state(), network.get_weights()
    expected, _ = _run_epochs(steps, 1)

    # A machine with other cores goes on with the same numbers; only their rounding differs.
    for shares, tolerance in ((3, 0.0), (1, 1e-4)):
        resumed = build_network(_LARGE, seed=99)
        again = TrainingSteps(resumed, config, 70, shares)
        resumed.set_weights(weights)
        again.load_state(state)
        losses, _ = _run_epochs(again, 1)
        np.testing.assert_allclose(losses, expected, rtol=tolerance)


def test_a_batch_with_fewer_images_than_shares_is_learnt_too() -> None:
    config = _config(batch_size=23)  # the last of 70 images is a batch by itself
    ours, theirs = build_network(_CONVOLUTIONAL, seed=3), build_network(_CONVOLUTIONAL, seed=3)
    losses, _ = _run_epochs(TrainingSteps(ours, config, 70, shares=3), 1)
    expected, _ = _run_epochs(TrainingSteps(theirs, config, 70, shares=1), 1)
    assert len(losses) == 4
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


def test_each_share_has_a_chance_of_its_own() -> None:
    layers = (LayerSpec("Conv2D", filters=1), LayerSpec("Dropout"), LayerSpec("Flatten"))
    network = build_network(NetworkSpec("dropped", layers), seed=1)
    twice = tf.constant(np.repeat(_IMAGES[:1], 2, axis=0))
    key = tf.constant([1, 2], tf.uint64)
    logits, _ = ForwardPass(network, in_16_bits=False, shares=2).logits(twice, key)
    assert not np.allclose(logits[0], logits[1])


def test_the_chance_of_a_step_is_not_that_of_the_step_before_moved_along() -> None:
    first, second = (drop(tf.ones([4096]), 0.5, tf.constant([1, step], tf.uint64), 3).numpy() for step in (7, 8))
    for shift in range(-64, 65):
        assert (first == np.roll(second, shift)).mean() == pytest.approx(0.5, abs=0.05)


def test_other_images_in_the_next_epoch_are_taken() -> None:
    network = build_network(_SINGLE_LAYER, seed=2)
    steps = TrainingSteps(network, _config(learning_rate=1e-7), 70)
    steps.begin_epoch(_IMAGES, _LABELS, _order(0))
    first, _ = steps.run(0, 3)
    steps.begin_epoch(np.zeros_like(_IMAGES), _LABELS, _order(0))
    black, _ = steps.run(0, 3)
    np.testing.assert_allclose(black, np.log(10), rtol=1e-3)  # no ink: every digit is as likely
    assert not np.allclose(first, black)


@pytest.mark.parametrize("rate", [0.2, 0.25])
def test_dropout_sets_its_share_to_zero_and_keeps_the_mean(rate: float) -> None:
    key = tf.constant([1, 2], tf.uint64)
    dropped = drop(tf.ones([301, 333]), rate, key, 3).numpy()
    assert (dropped == 0).mean() == pytest.approx(rate, abs=0.01)
    np.testing.assert_allclose(dropped[dropped != 0], 1 / (1 - rate), rtol=1e-4)
    assert not np.array_equal(dropped, drop(tf.ones([301, 333]), rate, key, 4).numpy())
    assert not np.array_equal(dropped, drop(tf.ones([301, 333]), rate, key + 1, 3).numpy())


def test_16_bit_convolutions_leave_float32_weights_and_nearly_the_same_loss() -> None:
    exact, rough = build_network(_CONVOLUTIONAL, seed=2), build_network(_CONVOLUTIONAL, seed=2)
    expected, _ = _run_epochs(TrainingSteps(exact, _config(), 70), 2)
    losses, _ = _run_epochs(TrainingSteps(rough, _config(precision="bfloat16"), 70), 2)
    assert not np.array_equal(losses, expected)
    np.testing.assert_allclose(losses, expected, rtol=0.05)
    assert {variable.dtype for variable in rough.variables} == {"float32"}


def test_one_cycle_rises_to_the_learning_rate_and_falls_to_almost_nothing() -> None:
    shares = one_cycle(np.arange(101), 101)
    assert shares.argmax() == 30
    assert shares.max() == 1.0
    assert shares[0] == pytest.approx(0.04)
    assert 0.0 < shares[-1] < 1e-4


def test_a_trained_network_is_saved_and_opened_by_keras_with_the_same_answers(tmp_path: Path) -> None:
    network = build_network(_CONVOLUTIONAL, seed=2)
    _run_epochs(TrainingSteps(network, _config(precision="bfloat16"), 70), 1)
    answers = probabilities(network, _IMAGES)
    network.save(tmp_path / "network.keras")
    opened = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_allclose(opened(_IMAGES.astype(np.float32) / 255, training=False), answers, atol=1e-6)
