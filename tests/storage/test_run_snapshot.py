"""The list of runs for all visitors: read once a second, right about titles, states and places."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run, queue_place
from model_lib.storage import run_snapshot
from model_lib.storage.run import Run
from model_lib.storage.run_snapshot import RunSnapshots


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    return [create_run(PRESETS["mlp"], TrainingConfig(), tmp_path) for _ in range(6)]


def test_thirty_visitors_cost_one_reading(tmp_path: Path, runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    readings = []
    read = run_snapshot.list_runs
    monkeypatch.setattr(run_snapshot, "list_runs", lambda root: readings.append(root) or read(root))
    snapshots = RunSnapshots(tmp_path, fresh_seconds=60)
    with ThreadPoolExecutor(30) as visitors:
        seen = list(visitors.map(lambda _: snapshots.now(), range(300)))
    assert len(readings) == 1
    assert all(entries is seen[0] for entries in seen)
    snapshots.forget()
    snapshots.now()
    assert len(readings) == 2


def test_a_snapshot_agrees_with_the_runs_themselves(tmp_path: Path, runs: list[Run]) -> None:
    runs[0].set_state("finished")
    runs[1].set_state("running")
    runs[2].stop()
    (runs[3].folder / "state.json").write_text("damaged")
    entries = {entry.run.id: entry for entry in RunSnapshots(tmp_path).now()}
    assert set(entries) == {run.id for run in runs}
    for run in runs:
        entry = entries[run.id]
        assert (entry.title, entry.state, entry.place) == (run.title, run.state, queue_place(run))


def test_what_has_changed_is_seen_the_next_time(tmp_path: Path, runs: list[Run]) -> None:
    snapshots = RunSnapshots(tmp_path, fresh_seconds=0)
    assert {entry.state for entry in snapshots.now()} == {"queued"}
    runs[0].set_state("finished")
    runs[1].delete()
    states = {entry.run.id: entry.state for entry in snapshots.now()}
    assert states[runs[0].id] == "finished"
    assert runs[1].id not in states
    runs[0].set_state("queued")
    assert {entry.run.id: entry.place for entry in snapshots.now()}[runs[0].id] == 5


def test_a_folder_that_does_not_exist_has_no_runs(tmp_path: Path) -> None:
    assert RunSnapshots(tmp_path / "nowhere").now() == ()


def test_a_run_seen_while_its_folder_is_made_gets_its_title_as_soon_as_it_has_one(tmp_path: Path) -> None:
    whole = create_run(PRESETS["mlp"], TrainingConfig(), tmp_path)
    hidden = tmp_path.parent / "hidden"
    hidden.mkdir()
    for name in ("spec.json", "state.json"):
        (whole.folder / name).rename(hidden / name)
    snapshots = RunSnapshots(tmp_path, fresh_seconds=0)
    snapshots.now()
    for name in ("spec.json", "state.json"):
        (hidden / name).rename(whole.folder / name)
    (entry,) = snapshots.now()
    assert entry.title.startswith("Dense network")
    assert entry.state == "queued"
