"""When layers are measured, by a clock that the test sets: densely at first, within a hundredth of the time."""

from __future__ import annotations

import pytest

from model_lib.diagnostics.schedule import MeasurementSchedule


def _measured(total: int, step_seconds: float, cost_seconds: float, chunk: int = 1, first: int = 0) -> list[int]:
    """Goes through a training and returns the steps that were measured; the hundredth is checked on the way."""
    schedule = MeasurementSchedule(total, first, cost_seconds)
    seconds, spent, measured = 0.0, 0.0, []
    for step in range(first, total, chunk):
        if schedule.is_due(step, seconds):
            measured.append(step)
            seconds += cost_seconds
            spent += cost_seconds
            schedule.note(step, cost_seconds)
            assert spent <= 0.01 * seconds
        seconds += chunk * step_seconds
    return measured


def test_a_long_training_is_measured_at_all_planned_steps_more_often_at_the_beginning() -> None:
    steps = _measured(total=15_210, step_seconds=1.0, cost_seconds=0.01)
    # 39 parts of a parabola: 15,210 / 39 squared is 10; the untrained network and the last one come besides.
    assert steps == [10 * number**2 for number in range(1, 39)]


@pytest.mark.parametrize(("step_seconds", "cost_seconds"), [(0.001, 0.01), (0.05, 0.3), (0.01, 0.005)])
def test_no_more_than_a_hundredth_of_the_time_is_spent_at_any_moment(step_seconds: float, cost_seconds: float) -> None:
    steps = _measured(total=7_500, step_seconds=step_seconds, cost_seconds=cost_seconds)
    # Nearly all that fits, or that is planned, is made.
    assert len(steps) > min(35, int(0.01 * 7_500 * step_seconds / cost_seconds) - 2)


def test_a_training_of_a_second_is_measured_only_before_and_behind() -> None:
    assert _measured(total=1_000, step_seconds=0.001, cost_seconds=0.02) == []


def test_a_measurement_that_takes_longer_than_expected_postpones_the_next_one() -> None:
    schedule = MeasurementSchedule(1_000, 0, 0.01)
    assert not schedule.is_due(100, 0.9)
    assert schedule.is_due(100, 1.0)
    schedule.note(100, 0.5)
    assert not schedule.is_due(200, 99.0)
    assert schedule.is_due(200, 100.0)


def test_steps_that_were_passed_are_not_made_up_for() -> None:
    schedule = MeasurementSchedule(1_000, 0, 0.001)
    schedule.note(900, 0.001)
    assert not schedule.is_due(901, 1e6)


def test_a_training_that_resumes_is_measured_from_where_it_goes_on() -> None:
    steps = _measured(total=15_210, step_seconds=1.0, cost_seconds=0.01, first=4_000)
    assert steps == [10 * number**2 for number in range(21, 39)]
