"""The driver of sweeps: a few runs at a time, none lost, none twice, whatever happens in between."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from model_lib import runs
from model_lib.runs import create_run, list_runs
from model_lib.storage.run import Run, RunError
from model_lib.storage.sweep_link import SweepLink, read_link
from model_lib.sweeps.driver import SweepDriver
from model_lib.sweeps.lease import Lease
from model_lib.sweeps.plan import SweepError
from model_lib.sweeps.sweep import Sweep, create_sweep, find_sweep, go_on, list_sweeps
from tests.sweeps.fake_runs import end, learn, lose_process, nobody_trains, plan_of

_VALUES = {"batch_size": (16, 64)}


@pytest.fixture(autouse=True)
def _nobody_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody_trains(monkeypatch)


def _driver(root: Path, workers: int = 1) -> SweepDriver:
    driver = SweepDriver(root, workers)
    driver.step()  # gets the lease, if nobody has it
    driver.step()
    return driver


def _places(root: Path) -> list[tuple[int, int]]:
    links = [read_link(run.folder) for run in reversed(list_runs(root))]
    return [(link.point, link.seed) for link in links if link is not None]


def _finish_all(root: Path) -> None:
    for run in list_runs(root):
        if run.state == "queued":
            learn(run, [0.9])
            end(run)


def _to_the_end(driver: SweepDriver, root: Path, sweep: Sweep) -> None:
    for _ in range(100):
        if sweep.state == "finished":
            return
        _finish_all(root)
        driver.step()
    raise AssertionError(sweep.state)


@pytest.mark.parametrize("workers", [1, 3])
def test_so_many_runs_are_under_way_as_there_are_workers_and_one(tmp_path: Path, workers: int) -> None:
    sweep = create_sweep(plan_of(_VALUES), tmp_path)
    driver = _driver(tmp_path, workers)
    for _ in range(3):
        driver.step()
        assert len(list_runs(tmp_path)) == workers + 1
    _finish_all(tmp_path)
    driver.step()
    assert len(list_runs(tmp_path)) == min(6, 2 * (workers + 1))
    _to_the_end(driver, tmp_path, sweep)
    assert sorted(_places(tmp_path)) == sorted(sweep.plan.order())


def test_two_sweeps_take_turns(tmp_path: Path) -> None:
    sweeps = [create_sweep(plan_of(_VALUES), tmp_path) for _ in range(2)]
    _driver(tmp_path, workers=3)
    links = [read_link(run.folder) for run in list_runs(tmp_path)]
    assert sorted(link.sweep for link in links if link) == sorted([sweeps[0].id] * 2 + [sweeps[1].id] * 2)


def test_runs_whose_process_was_killed_go_on_and_none_is_started_twice(tmp_path: Path) -> None:
    sweep = create_sweep(plan_of(_VALUES), tmp_path)
    _driver(tmp_path)
    before = {run.id for run in list_runs(tmp_path)}
    one, other = list_runs(tmp_path)
    learn(one, [0.8])
    lose_process(one)
    lose_process(other, "queued")
    driver = _driver(tmp_path)  # of the next process
    assert {run.id for run in list_runs(tmp_path)} == before
    assert [run.state for run in list_runs(tmp_path)] == ["queued", "queued"]
    _to_the_end(driver, tmp_path, sweep)
    assert sorted(_places(tmp_path)) == sorted(sweep.plan.order())


def test_a_process_killed_while_it_creates_a_run_leaves_none_or_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    sweep = create_sweep(plan_of(_VALUES), tmp_path)
    driver = SweepDriver(tmp_path, 1)
    driver.step()
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "rename", killed)
        driver.step()
    assert list_runs(tmp_path) == []

    def killed_before_submission(*arguments: object, **options: object) -> None:
        create_run(*arguments, **options)  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(runs, "start_run", killed_before_submission)
        driver.step()
    (run,) = list_runs(tmp_path)
    assert read_link(run.folder) == SweepLink(sweep.id, 0, 1)
    lose_process(run, "queued")
    _to_the_end(_driver(tmp_path), tmp_path, sweep)
    assert sorted(_places(tmp_path)) == sorted(sweep.plan.order())


def test_a_run_whose_process_is_killed_again_and_again_is_given_up(tmp_path: Path) -> None:
    sweep = create_sweep(plan_of(_VALUES, seeds=1), tmp_path)
    driver = _driver(tmp_path)
    for _ in range(10):
        for run in list_runs(tmp_path):
            lose_process(run)
        driver.step()
    driver.step()
    assert [run.state for run in list_runs(tmp_path)] == ["interrupted"] * 2
    assert sweep.state == "finished"


def test_a_paused_sweep_starts_nothing_and_what_is_under_way_goes_on(tmp_path: Path) -> None:
    sweep = create_sweep(plan_of(_VALUES), tmp_path)
    driver = _driver(tmp_path)
    sweep.set_state("paused")
    _finish_all(tmp_path)
    assert not driver.step()
    assert [run.state for run in list_runs(tmp_path)] == ["finished"] * 2
    go_on(sweep, list_runs(tmp_path))
    driver.step()
    assert len(list_runs(tmp_path)) == 4


def test_stop_cancels_the_queue_keeps_what_is_there_and_go_on_begins_with_it_again(tmp_path: Path) -> None:
    sweep = create_sweep(plan_of(_VALUES), tmp_path)
    driver = _driver(tmp_path, workers=2)
    done, running, queued = reversed(list_runs(tmp_path))
    learn(done, [0.9])
    end(done)
    learn(running, [0.5])
    sweep.set_state("stopping")
    driver.step()
    assert (done.state, running.state, queued.state) == ("finished", "running", "stopped")
    assert running.is_requested("stop") and sweep.state == "stopping"
    running.set_state("stopped")
    driver.step()
    assert sweep.state == "stopped" and len(list_runs(tmp_path)) == 3
    go_on(sweep, list_runs(tmp_path))
    driver.step()
    assert (done.state, running.state, queued.state) == ("finished", "queued", "queued")
    for run in (running, queued):
        run.set_state("stopped")
    sweep.set_state("stopped")
    go_on(sweep, list_runs(tmp_path))
    driver.step()
    assert (running.state, queued.state) == ("queued", "queued"), "also the second time"
    _to_the_end(driver, tmp_path, sweep)
    assert sorted(_places(tmp_path)) == sorted(sweep.plan.order())


def test_a_run_that_is_stopped_after_the_sweep_went_on_with_it_stays_so_after_a_restart(tmp_path: Path) -> None:
    sweep = create_sweep(plan_of(_VALUES), tmp_path)
    driver = _driver(tmp_path, workers=2)
    one = list_runs(tmp_path)[0]
    one.set_state("stopped")
    go_on(sweep, list_runs(tmp_path))
    driver.step()
    assert one.state == "queued"
    time.sleep(0.05)  # longer than a file system tells two changes apart
    one.set_state("stopped")
    driver.close()
    again = SweepDriver(tmp_path, workers=2)
    again.step()
    again.step()
    assert one.state == "stopped"


def test_an_error_that_nobody_expected_pauses_its_sweep_and_no_other(tmp_path: Path) -> None:
    damaged = create_sweep(plan_of(_VALUES, seeds=1, epochs=4, is_halving=True), tmp_path)
    (damaged.folder / "study.log").write_text('{"half a line\n{}\n')
    good = create_sweep(plan_of(_VALUES), tmp_path)
    driver = _driver(tmp_path)
    assert damaged.state == "paused" and "could not be looked at" in damaged.reason
    _to_the_end(driver, tmp_path, good)


def test_a_run_that_a_visitor_paused_is_waited_for_and_one_that_was_stopped_is_not(tmp_path: Path) -> None:
    sweep = create_sweep(plan_of(_VALUES, seeds=1), tmp_path)
    driver = _driver(tmp_path)
    one, other = list_runs(tmp_path)
    one.set_state("paused")
    other.set_state("stopped")
    driver.step()
    assert (sweep.state, one.state, other.state) == ("running", "paused", "stopped")
    go_on(sweep, [one])
    driver.step()
    assert (one.state, other.state) == ("queued", "stopped")
    _to_the_end(driver, tmp_path, sweep)
    assert other.state == "stopped"


def test_halving_stops_the_worst_early_and_go_on_leaves_them_stopped(tmp_path: Path) -> None:
    sweep = create_sweep(plan_of(_VALUES, seeds=1, epochs=4, is_halving=True), tmp_path)
    driver = _driver(tmp_path)
    good, bad = sorted(list_runs(tmp_path), key=lambda run: run.config.batch_size)
    learn(good, [0.9])
    learn(bad, [0.4])
    driver.step()
    assert not good.is_requested("stop") and bad.is_requested("stop")
    link = read_link(bad.folder)
    assert link is not None and link.stopped_at == 1
    (bad.folder / "stop").unlink()  # the server was killed before the training read it, and the training went on
    driver.step()
    assert bad.is_requested("stop")
    bad.set_state("stopped")
    learn(good, [0.9, 0.9, 0.9, 0.9])
    end(good)
    driver.step()
    assert sweep.state == "finished"
    driver.step()
    assert not driver._histories and not driver._studies  # all steps of all runs would stay until the server ends
    go_on(sweep, list_runs(tmp_path))
    driver.step()
    assert bad.state == "stopped"


def test_a_sweep_that_cannot_start_a_run_is_paused_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Run:
        raise RunError("No space left on device. Free some space.")

    monkeypatch.setattr(runs, "start_run", full)
    sweep = create_sweep(plan_of(_VALUES), tmp_path)
    _driver(tmp_path)
    assert (sweep.state, sweep.reason) == ("paused", "No space left on device. Free some space.")


def test_a_damaged_sweep_does_not_hold_up_the_others(tmp_path: Path) -> None:
    damaged, good = (create_sweep(plan_of(_VALUES), tmp_path) for _ in range(2))
    (damaged.folder / "sweep.json").write_text("{")
    damaged = Sweep(damaged.folder)
    driver = _driver(tmp_path)
    _to_the_end(driver, tmp_path, good)
    assert damaged.state == "paused" and "cannot be read" in damaged.reason
    with pytest.raises(SweepError):
        _ = damaged.plan


def test_one_process_of_several_starts_the_runs_and_another_takes_over_when_it_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "driver.json"
    lease = Lease(file)
    assert not lease.is_held(), "from the next call on"
    assert lease.is_held() and lease.is_held()
    record = json.loads(file.read_text())
    file.write_text(json.dumps(record | {"pid": 1, "born": 0.0}))  # another process, gone since
    assert not lease.is_held()
    assert lease.is_held()
    lease.release()
    assert not file.exists()
    other = json.dumps(record | {"host": "another machine"})
    file.write_text(other)
    assert not lease.is_held() and file.read_text() == other, "it is alive"


def test_sweeps_are_listed_and_found_by_id_and_are_no_runs(tmp_path: Path) -> None:
    assert list_sweeps(tmp_path) == []
    sweep = create_sweep(plan_of(_VALUES), tmp_path)
    assert [each.id for each in list_sweeps(tmp_path)] == [sweep.id]
    found = find_sweep(sweep.id, tmp_path)
    assert found is not None and found.plan == sweep.plan
    for name in ("", ".", "..", "../..", "20260101-000000-abcd", "\0", "x" * 5000):
        assert find_sweep(name, tmp_path) is None
    assert list_runs(tmp_path) == []
