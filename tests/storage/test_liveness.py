"""Whether the owner process of a run is alive, also where machines with clocks of their own share the folder."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run
from model_lib.storage import liveness
from model_lib.storage.run import Run

_YEAR = 365 * 86_400.0


class _Clock:
    """The clock of the machine that looks, set by hand; the file's stamps are those of another machine."""

    def __init__(self) -> None:
        self.seconds = 2_000_000_000.0

    def time(self) -> float:
        return self.seconds

    monotonic = time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """The clock that `liveness` reads."""
    clock = _Clock()
    monkeypatch.setattr(liveness, "time", SimpleNamespace(time=clock.time, monotonic=clock.monotonic))
    return clock


@pytest.fixture
def elsewhere(tmp_path: Path) -> Run:
    """A run that another machine trains."""
    return _run_elsewhere(tmp_path)


def _run_elsewhere(folder: Path) -> Run:
    run = create_run(PRESETS["mlp"], TrainingConfig(), folder)
    run.set_state("running", host="another")
    return run


def _touched(run: Run, seconds: float) -> None:
    os.utime(run.folder / "state.json", (seconds, seconds))


def test_a_state_dated_a_year_ahead_does_not_keep_a_dead_machine_alive(elsewhere: Run, clock: _Clock) -> None:
    _touched(elsewhere, clock.seconds + _YEAR)
    assert elsewhere.state == "running"  # nothing is known of it yet
    clock.seconds += 4
    assert elsewhere.state == "running"
    clock.seconds += 2
    assert elsewhere.state == "interrupted"
    clock.seconds += 3600
    assert elsewhere.state == "interrupted"


@pytest.mark.parametrize("ahead", [_YEAR, 3.0, 0.0, -3.0, -_YEAR])
def test_a_machine_is_alive_while_it_reports_however_wrong_its_clock_is(
    elsewhere: Run, clock: _Clock, ahead: float
) -> None:
    states = []
    for _ in range(20):
        _touched(elsewhere, clock.seconds + ahead)
        states.append(elsewhere.state)
        clock.seconds += 1
    # Of the very first look alone at a state that is a year old nobody can tell.
    assert set(states[1:]) == {"running"}
    clock.seconds += 5
    assert elsewhere.state == "interrupted"


def test_a_machine_that_reports_again_is_alive_again(elsewhere: Run, clock: _Clock) -> None:
    for _ in range(2):
        _touched(elsewhere, clock.seconds + _YEAR)
        assert elsewhere.state == "running"
        clock.seconds += 6
        assert elsewhere.state == "interrupted"


def test_runs_left_behind_by_other_machines_do_not_fill_the_memory(
    tmp_path: Path, clock: _Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "_MAX_TRACKED_HEARTBEATS", 3)
    for run in [_run_elsewhere(tmp_path) for _ in range(6)]:
        _touched(run, clock.seconds + _YEAR)
        assert run.state == "running"
    assert len(liveness._heartbeats) <= 3
