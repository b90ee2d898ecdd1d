"""How long a sweep is said to take: by what its networks need."""

from __future__ import annotations

import pytest

from model_lib.sweeps.cost import Speed, planned_seconds
from tests.sweeps.fake_runs import plan_of


def test_a_larger_network_is_said_to_take_longer() -> None:
    speed = Speed(seconds_per_multiplication=1e-9, seconds_beside=0.0, runs=1)
    plans = [plan_of({"filters": (1.0, times)}, seeds=1) for times in (2.0, 4.0)]
    one, other = (planned_seconds(plan, speed, 1) for plan in plans)
    # Dense(128) on 784 pixels and Dense(10) on its units: the multiplications grow with the units.
    assert other / one == pytest.approx((1 + 4) / (1 + 2))


def test_the_time_of_all_runs_is_shared_by_the_workers() -> None:
    speed = Speed(seconds_per_multiplication=0.0, seconds_beside=6.0, runs=1)
    plan = plan_of({"batch_size": (16, 64)}, seeds=3)
    assert planned_seconds(plan, speed, 2) == pytest.approx(6 * 6.0 / 2)
