"""Curves over each other: places on the axes, and smoothing against a sum by hand and against TensorBoard's loop."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from model_lib.comparison.curves import axis_end, run_curve, smoothed
from model_lib.storage.events import EpochEnd, Started, Steps, append_event
from model_lib.storage.history import History


@pytest.fixture
def history(tmp_path: Path) -> History:
    """Two epochs of four steps; the first step takes a second, all others a quarter."""
    append_event(tmp_path, Started(steps_per_epoch=4, epochs=2, images=40, parameters=1, epoch=0, step=0))
    seconds = {(0, 0): 1.0, (0, 1): 1.75, (1, 0): 2.75}
    for (epoch, step), clock in seconds.items():
        values = (0.5,) * {(0, 0): 1, (0, 1): 3, (1, 0): 4}[epoch, step]
        append_event(tmp_path, Steps(epoch=epoch, step=step, loss=values, accuracy=values, seconds=clock))
        if (epoch, step) != (0, 0):
            metrics = {"loss": 0.5, "accuracy": 0.5, "validation_loss": 0.7, "validation_accuracy": 0.25}
            append_event(tmp_path, EpochEnd(epoch=epoch + 1, **metrics, images_per_second=1.0, seconds=clock))
    return History(tmp_path).update()


def test_a_curve_lies_over_steps_epochs_or_seconds(history: History) -> None:
    over_steps, over_epochs, over_seconds = (
        run_curve(history, "loss", axis) for axis in ("steps", "epochs", "seconds")
    )
    assert over_steps.places.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert over_epochs.places.tolist() == [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0]
    assert over_seconds.places.tolist() == [1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75]
    assert [each.validation_places.tolist() for each in (over_steps, over_epochs, over_seconds)] == [
        [4, 8],
        [1, 2],
        [1.75, 2.75],
    ]
    assert over_steps.validation_values.tolist() == [0.7, 0.7]


def test_seconds_that_a_resumed_training_repeats_are_forgotten(history: History) -> None:
    append_event(history.folder, Started(steps_per_epoch=4, epochs=2, images=40, parameters=1, epoch=1, step=0))
    append_event(history.folder, Steps(epoch=1, step=0, loss=(1.0,) * 4, accuracy=(1.0,) * 4, seconds=3.75))
    places = run_curve(history.update(), "accuracy", "seconds").places
    assert places.tolist() == [1.0, 1.25, 1.5, 1.75, 2.25, 2.75, 3.25, 3.75]


def test_the_axis_has_the_whole_training_while_it_is_under_way_and_ends_where_it_ended(history: History) -> None:
    append_event(history.folder, Started(steps_per_epoch=4, epochs=4, images=40, parameters=1, epoch=2, step=0))
    history.update()  # 8 of 16 steps, in 2.75 seconds
    assert [axis_end(history, axis, True) for axis in ("epochs", "steps", "seconds")] == [4, 16, 5.5]
    assert [axis_end(history, axis, False) for axis in ("epochs", "steps", "seconds")] == [2, 8, 2.75]


def test_a_run_without_steps_has_an_empty_curve(tmp_path: Path) -> None:
    curve = run_curve(History(tmp_path), "loss", "seconds")
    assert len(curve.places) == len(curve.values) == len(curve.validation_places) == 0


def test_smoothing_is_the_weighted_mean_of_all_values_so_far() -> None:
    values, weight = [Fraction(3), Fraction(1), Fraction(4), Fraction(1)], Fraction(3, 4)
    by_hand = []
    for last in range(4):
        weights = [weight ** (last - place) for place in range(last + 1)]
        products = [one * other for one, other in zip(weights, values, strict=False)]
        by_hand.append(float(sum(products) / sum(weights)))
    assert by_hand[1] == pytest.approx((0.75 * 3 + 1) / 1.75)
    np.testing.assert_allclose(smoothed(np.array([3.0, 1.0, 4.0, 1.0]), 0.75), by_hand)


def test_smoothing_is_tensorboards_loop() -> None:
    values, weight = np.random.default_rng(0).uniform(0, 3, 200), 0.9
    last, expected = 0.0, []
    for number, value in enumerate(values, start=1):  # its `resmooth`: an average from 0 on, then divided
        last = last * weight + (1 - weight) * value
        expected.append(last / (1 - weight**number))
    np.testing.assert_allclose(smoothed(values, weight), expected)


def test_without_smoothing_a_curve_is_as_it_was_logged() -> None:
    values = np.array([3.0, 1.0])
    assert smoothed(values, 0.0).tolist() == [3.0, 1.0]
    assert smoothed(np.array([]), 0.9).tolist() == []
