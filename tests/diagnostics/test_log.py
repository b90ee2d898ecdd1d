"""The log of statistics: what is written is read, in order, whatever happened to the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model_lib.diagnostics.log import (
    STATISTICS_FILE,
    StatisticsLog,
    append_start,
    append_statistics,
    read_statistics,
)
from model_lib.diagnostics.statistics import LayerStatistics, NetworkStatistics


def _at(step: int, loss: float | None = 1.5) -> NetworkStatistics:
    quantiles = tuple(float(number) for number in range(9))
    layer = LayerStatistics(
        name="dense_1",
        kind="Dense",
        units=8,
        dead=3,
        gradient_norm=None if loss is None else 0.25,
        weights=quantiles,
        activations=None if loss is None else quantiles,
    )
    return NetworkStatistics(step=step, images=128, loss=loss, seconds=0.004, layers=(layer,))


def _steps(folder: Path) -> list[int]:
    return [each.step for each in read_statistics(folder)]


def test_what_was_appended_is_read_also_where_a_number_is_not_finite(tmp_path: Path) -> None:
    append_start(tmp_path, 0)
    append_statistics(tmp_path, [_at(0), _at(5)])
    append_statistics(tmp_path, [_at(9, loss=None)])
    assert read_statistics(tmp_path) == [_at(0), _at(5), _at(9, loss=None)]
    for line in (tmp_path / STATISTICS_FILE).read_text().splitlines():
        json.loads(line, parse_constant=pytest.fail)  # NaN and Infinity are no JSON


def test_without_a_log_there_are_no_measurements(tmp_path: Path) -> None:
    assert read_statistics(tmp_path) == []
    assert read_statistics(tmp_path / "nowhere") == []


def test_a_log_is_read_as_it_grows_and_a_cut_off_line_when_it_is_whole(tmp_path: Path) -> None:
    log, file = StatisticsLog(tmp_path), tmp_path / STATISTICS_FILE
    append_statistics(tmp_path, [_at(0)])
    assert [each.step for each in log.update()] == [0]
    append_statistics(tmp_path, [_at(3)])
    whole = file.read_bytes()
    file.write_bytes(whole[:-10])
    assert [each.step for each in log.update()] == [0]
    file.write_bytes(whole)
    assert [each.step for each in log.update()] == [0, 3]


def test_a_writer_goes_on_behind_the_cut_off_line_of_one_that_was_killed(tmp_path: Path) -> None:
    append_statistics(tmp_path, [_at(0), _at(4)])
    file = tmp_path / STATISTICS_FILE
    file.write_bytes(file.read_bytes()[:-10])
    append_start(tmp_path, 2)
    append_statistics(tmp_path, [_at(2), _at(7)])
    assert _steps(tmp_path) == [0, 2, 7]


def test_what_a_resumed_training_repeats_is_not_there_twice(tmp_path: Path) -> None:
    append_start(tmp_path, 0)
    append_statistics(tmp_path, [_at(0), _at(10), _at(20), _at(30)])
    append_start(tmp_path, 20)
    append_statistics(tmp_path, [_at(20, loss=0.5), _at(25)])
    assert _steps(tmp_path) == [0, 10, 20, 25]
    assert read_statistics(tmp_path)[2].loss == 0.5


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "7",
        '{"kind":"statistics"}',
        '{"kind":"of a newer version","step":1}',
        '{"kind":"started","step":-1}',
        '{"kind":"started","step":true}',
        '{"kind":"statistics","step":1,"images":128,"loss":NaN,"seconds":0.1,"layers":[]}',
        '{"kind":"statistics","step":1,"images":128,"loss":"1","seconds":0.1,"layers":[]}',
        '{"kind":"statistics","step":1,"images":128,"loss":1,"seconds":0.1,"layers":[{"name":"a"}]}',
        '{"kind":"statistics","step":1,"images":128,"loss":1,"seconds":0.1,"layers":[{"name":"a","kind":"Dense",'
        '"units":3,"gradient_norm":1,"weights":[1,2]}]}',
        '{"kind":"statistics","step":1,"images":128,"loss":1,"seconds":0.1,"layers":[{"name":"a","kind":"Dense",'
        '"units":3,"gradient_norm":1,"weights":[1,2,3,4,null,6,7,8,9]}]}',
    ],
)
def test_a_damaged_line_is_skipped(tmp_path: Path, line: str) -> None:
    append_statistics(tmp_path, [_at(0)])
    with (tmp_path / STATISTICS_FILE).open("a") as file:
        file.write(f"{line}\n")
    append_statistics(tmp_path, [_at(5)])
    assert _steps(tmp_path) == [0, 5]
