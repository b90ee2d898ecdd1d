"""Deleted runs lie in the bin for seven days: listed nowhere, brought back whole, and then removed."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run, list_runs
from model_lib.storage.bin import delete_run, deleted_runs, restore_run, sweep_bin
from model_lib.storage.notes import RunNotes, write_notes
from model_lib.storage.run import Run, RunError
from model_lib.storage.run_folders import datasets_in_use
from model_lib.storage.run_snapshot import RunSnapshots

DAY_SECONDS = 24 * 60 * 60


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = create_run(PRESETS["mlp"], TrainingConfig(dataset="pen_digits", training_images=4_000), tmp_path)
    run.set_state("finished")
    return run


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_deleted_run_is_listed_nowhere_but_in_the_bin_and_comes_back_as_it_was(tmp_path: Path, run: Run) -> None:
    before = files_of(run.folder)
    delete_run(run)
    assert not run.exists
    assert list_runs(tmp_path) == []
    assert RunSnapshots(tmp_path).now() == ()
    assert [each.run.id for each in deleted_runs(tmp_path)] == [run.id]
    assert restore_run(tmp_path, run.id) == run
    assert files_of(run.folder) == before
    assert list_runs(tmp_path) == [run]
    assert deleted_runs(tmp_path) == []


@pytest.mark.parametrize(("state", "words"), [("queued", "waits in the queue"), ("running", "is being trained")])
def test_a_run_that_is_under_way_is_not_deleted(run: Run, state: str, words: str) -> None:
    run.set_state(state)  # type: ignore[arg-type]
    with pytest.raises(RunError, match=f"{words}. Stop it first"):
        delete_run(run)
    assert run.exists


def test_a_run_is_removed_for_good_after_seven_days_and_not_before(tmp_path: Path, run: Run) -> None:
    delete_run(run)
    (entry,) = deleted_runs(tmp_path)
    file = entry.run.folder / "deleted.json"
    file.write_text(json.dumps({"time": time.time() - 7 * DAY_SECONDS + 60}))
    sweep_bin(tmp_path)
    assert len(deleted_runs(tmp_path)) == 1
    file.write_text(json.dumps({"time": time.time() - 7 * DAY_SECONDS - 60}))
    sweep_bin(tmp_path)
    assert deleted_runs(tmp_path) == []
    with pytest.raises(RunError, match="not in the bin any more"):
        restore_run(tmp_path, run.id)


@pytest.mark.parametrize("content", ["", "[]", '{"time": "long ago"}', "{}"])
def test_a_run_whose_time_of_deletion_is_damaged_was_deleted_just_now(tmp_path: Path, run: Run, content: str) -> None:
    delete_run(run)
    (deleted_runs(tmp_path)[0].run.folder / "deleted.json").write_text(content)
    sweep_bin(tmp_path)
    (entry,) = deleted_runs(tmp_path)
    assert abs(entry.deleted - time.time()) < DAY_SECONDS


def test_the_data_of_a_run_in_the_bin_is_still_in_use(tmp_path: Path, run: Run) -> None:
    delete_run(run)
    assert datasets_in_use(tmp_path) == {"pen_digits"}


def test_a_named_run_has_its_name_in_the_list_at_once_and_stays_apart_from_its_namesake(
    tmp_path: Path, run: Run
) -> None:
    other = create_run(PRESETS["mlp"], TrainingConfig(), tmp_path)
    snapshots = RunSnapshots(tmp_path, fresh_seconds=0)
    assert {entry.title for entry in snapshots.now()} == {run.title, other.title}
    for each in (run, other):
        write_notes(each.folder, RunNotes(title="My\nbest  one"))
    assert {entry.title for entry in snapshots.now()} == {f"My best one · {each.id[-4:]}" for each in (run, other)}
