import pytest

from ui.shared.refresh import refresh_seconds


@pytest.mark.parametrize(("visits", "interval"), [(0, 0.5), (10, 0.5), (11, 1.0), (30, 1.0), (31, 2.0), (500, 2.0)])
def test_pages_run_again_by_themselves_less_often_while_many_are_open(visits: int, interval: float) -> None:
    assert refresh_seconds(0.5, visits) == interval


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0])
def test_the_runs_of_a_second_grow_more_slowly_than_the_visitors(seconds: float) -> None:
    load = [visits / refresh_seconds(seconds, visits) for visits in (10, 30, 120)]
    assert load[1] <= 1.5 * load[0]
    assert load[2] <= 3 * load[0]
