"""The five update rules give the weights that Keras's optimizers give for the same gradients."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

from model_lib.concepts.training.optimizers import OPTIMIZERS, descend

# Learning rates that float32, in which Keras keeps them, holds exactly.
_KERAS: dict[str, Callable[[float], keras.optimizers.Optimizer]] = {
    "sgd": lambda rate: keras.optimizers.SGD(rate),
    "momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
    "rmsprop": lambda rate: keras.optimizers.RMSprop(rate),
    "adam": lambda rate: keras.optimizers.Adam(rate),
    "adadelta": lambda rate: keras.optimizers.Adadelta(rate),
}


@pytest.mark.parametrize("rate", [1.0, 0.0625])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_twenty_steps_lead_where_keras_leads(name: str, rate: float) -> None:
    sizes = np.array([1.0, 10.0, 1e-4])
    gradients = np.random.default_rng(3).normal(size=(20, 3)) * sizes
    weights = keras.Variable(np.zeros(3), dtype="float64")
    theirs, ours = _KERAS[name](rate), OPTIMIZERS[name](rate)
    place, farthest = np.zeros(3), np.zeros(3)
    for gradient in gradients:
        theirs.apply([keras.ops.convert_to_tensor(gradient)], [weights])
        place = place + ours.change(gradient)
        # Keras rounds momentum and betas to float32: 1 - beta 2 is 1.3e-5 off, and its root half of that.
        farthest = np.maximum(farthest, np.abs(place))
        assert (np.abs(place - keras.ops.convert_to_numpy(weights)) <= 1e-5 * farthest).all()


def test_there_is_a_rule_for_each_of_kerass() -> None:
    assert set(OPTIMIZERS) == set(_KERAS)


def _bowl(point: np.ndarray) -> tuple[float, np.ndarray]:
    return float(0.5 * (point**2).sum()), point


def test_plain_descent_in_a_bowl_shrinks_by_one_minus_the_learning_rate() -> None:
    path = descend(_bowl, OPTIMIZERS["sgd"](0.25), np.array([4.0, -8.0]), 5)
    np.testing.assert_allclose(path.points, [np.array([4.0, -8.0]) * 0.75**step for step in range(6)])
    np.testing.assert_allclose(path.losses, 0.5 * (path.points**2).sum(axis=1))
    assert path.first(2).steps == 2 and path.steps == 5
    assert path.first_length == pytest.approx(0.25 * np.hypot(4.0, 8.0))


def test_a_path_that_runs_away_ends_instead_of_overflowing() -> None:
    path = descend(_bowl, OPTIMIZERS["sgd"](30.0), np.array([1.0, 1.0]), 500)
    assert path.steps < 5
    assert np.isfinite(path.losses).all()


@pytest.mark.parametrize("name", ["adam", "rmsprop"])
def test_the_first_step_of_adam_and_rmsprop_does_not_depend_on_the_length_of_the_gradient(name: str) -> None:
    short, long = (OPTIMIZERS[name](0.1).change(np.array([length, -length])) for length in (0.5, 50.0))
    np.testing.assert_allclose(short, long, rtol=1e-4)
