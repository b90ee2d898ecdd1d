"""A run is its folder, also when that is damaged, half written, abandoned or of a newer format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from model_lib.config.presets import PRESETS
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.runs import create_run, list_runs, queue_place
from model_lib.storage import run as run_module
from model_lib.storage import run_folders
from model_lib.storage.run import Run, RunError

_SPEC = PRESETS["mlp"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run in the queue."""
    return create_run(_SPEC, TrainingConfig(), tmp_path)


def _pid_of_a_dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def _held_by(run: Run, state: str, **record: object) -> None:
    content = json.loads((run.folder / "state.json").read_text()) | {"state": state, **record}
    (run.folder / "state.json").write_text(json.dumps(content))


def test_a_new_run_is_queued_with_its_network_and_settings(run: Run) -> None:
    assert run.state == "queued"
    assert run.spec == _SPEC
    assert run.config == TrainingConfig()
    assert queue_place(run) == 1


def test_two_visitors_who_start_in_the_same_second_get_two_runs(tmp_path: Path) -> None:
    runs = {create_run(_SPEC, TrainingConfig(), tmp_path).id for _ in range(20)}
    assert len(runs) == 20


def test_a_run_whose_id_another_one_has_by_chance_gets_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = iter(["20261126-120000-mlp-aaaa", "20261126-120000-mlp-aaaa", "20261126-120000-mlp-bbbb"])
    monkeypatch.setattr(run_folders, "new_id", lambda spec: next(ids))
    assert [create_run(_SPEC, TrainingConfig(), tmp_path).id[-4:] for _ in range(2)] == ["aaaa", "bbbb"]


def test_runs_of_one_network_begun_in_the_same_minute_have_titles_of_their_own(tmp_path: Path) -> None:
    titles = [create_run(_SPEC, TrainingConfig(), tmp_path).title for _ in range(5)]
    assert len(set(titles)) == 5
    assert all(title.startswith("Dense network · ") for title in titles)


def test_runs_are_listed_the_newest_first(tmp_path: Path) -> None:
    for name in ("20260101-000000-a", "20260301-000000-b", "20260201-000000-c"):
        (tmp_path / name).mkdir()
    (tmp_path / "a file").touch()
    assert [run.id[:8] for run in list_runs(tmp_path)] == ["20260301", "20260201", "20260101"]


def test_no_folder_means_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "nowhere") == []


def test_a_run_whose_process_is_dead_is_interrupted_at_once(run: Run) -> None:
    (run.folder / "log.txt").write_text("first\nout of memory\n")
    _held_by(run, "running", pid=_pid_of_a_dead_process())
    assert run.state == "interrupted"
    assert "out of memory" in (run.error or "")


def test_a_run_whose_number_now_belongs_to_another_process_is_interrupted(run: Run) -> None:
    owner = {"pid": os.getpid(), "born": time.time() - 10_000_000}
    _held_by(run, "running", **owner)
    assert run.state == "interrupted"


def test_a_run_on_another_machine_without_a_recent_heartbeat_is_interrupted(run: Run) -> None:
    _held_by(run, "running", host="another")
    assert run.state == "running"
    long_ago = time.time() - 6
    os.utime(run.folder / "state.json", (long_ago, long_ago))
    assert run.state == "interrupted"
    run.touch()
    assert run.state == "running"


def test_a_run_of_a_live_process_may_miss_heartbeats_for_less_than_a_minute(run: Run) -> None:
    _held_by(run, "running")
    for silence_seconds, state in ((30, "running"), (61, "interrupted")):
        then = time.time() - silence_seconds
        os.utime(run.folder / "state.json", (then, then))
        assert run.state == state


def test_a_run_on_another_machine_is_judged_by_its_heartbeat_alone(run: Run) -> None:
    _held_by(run, "running", host="another", pid=_pid_of_a_dead_process())
    assert run.state == "running"


def test_a_run_stopped_in_the_queue_is_stopped(run: Run) -> None:
    run.stop()
    assert run.state == "stopped"


@pytest.mark.parametrize("name", ["spec.json", "config.json", "state.json"])
@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"layers": 1}'])
def test_a_half_written_run_leaves_the_others_readable(
    run: Run, tmp_path: Path, name: str, content: str | None
) -> None:
    sound = create_run(_SPEC, TrainingConfig(), tmp_path)
    if content is None:
        (run.folder / name).unlink()
    else:
        (run.folder / name).write_text(content)
    assert {each.id: each.state for each in list_runs(tmp_path)}[sound.id] == "queued"
    assert run.title
    if name == "state.json":
        assert run.state == "failed"
        assert "state.json" in (run.error or "") or "failed" in (run.error or "")
    elif name == "spec.json":
        with pytest.raises(RunError, match=r"spec\.json"):
            _ = run.spec
    elif content != '{"layers": 1}':  # names that settings do not know are passed over
        with pytest.raises(RunError, match=r"config\.json"):
            _ = run.config


def test_a_folder_that_cannot_be_written_is_an_error_before_anything_starts(tmp_path: Path) -> None:
    blocked = tmp_path / "runs"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(RunError, match=r"could not be written.*RUNS_FOLDER"):
        create_run(_SPEC, TrainingConfig(), blocked)


def test_impossible_settings_make_no_run(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        create_run(_SPEC, TrainingConfig(epochs=0), tmp_path)
    assert list_runs(tmp_path) == []


def test_only_what_stands_still_can_be_resumed(run: Run) -> None:
    with pytest.raises(RunError, match="This one is queued"):
        run.prepare_again()


def test_waiting_gives_up_after_the_time_that_is_given(run: Run) -> None:
    with pytest.raises(TimeoutError, match="still queued"):
        run.wait(timeout_seconds=0.2)


def test_a_deleted_run_is_gone(run: Run, tmp_path: Path) -> None:
    run.delete()
    assert not run.exists
    assert list_runs(tmp_path) == []


def test_a_run_whose_folder_cannot_be_written_is_not_resumed_and_the_error_names_the_cause(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.set_state("paused")

    def full(file: Path, content: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_module, "write_json", full)
    with pytest.raises(RunError, match="No space left on device"):
        run.prepare_again()


def test_an_event_log_that_cannot_be_written_does_not_undo_a_state(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path, event: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_module, "append_event", full)
    run.set_state("paused")
    run.prepare_again()
    assert run.state == "queued"


@pytest.mark.parametrize("name", ["spec.json", "config.json"])
def test_a_new_run_has_its_format_number_and_one_without_opens_too(run: Run, name: str) -> None:
    content = json.loads((run.folder / name).read_text())
    assert content.pop("format") == 1
    (run.folder / name).write_text(json.dumps(content))
    assert (run.spec, run.config) == (_SPEC, TrainingConfig())


@pytest.mark.parametrize("name", ["spec.json", "config.json"])
def test_a_run_of_a_newer_format_is_neither_guessed_at_nor_changed(run: Run, name: str) -> None:
    content = json.loads((run.folder / name).read_text()) | {"format": 2, "layers": "of another kind"}
    (run.folder / name).write_text(json.dumps(content))
    run.set_state("paused")
    before = {file.name: file.read_bytes() for file in run.folder.iterdir() if file.is_file()}
    words = rf"{name} of the run {run.id} .* format 2 .* formats up to 1\. Update the app"
    with pytest.raises(RunError, match=words):
        _ = run.spec, run.config
    with pytest.raises(RunError, match=words):
        run.prepare_again()
    assert {file.name: file.read_bytes() for file in run.folder.iterdir() if file.is_file()} == before


@pytest.mark.parametrize("number", ["1", 1.0, True, None, -1])
def test_a_format_that_is_no_whole_number_is_damage(run: Run, number: object) -> None:
    content = json.loads((run.folder / "spec.json").read_text()) | {"format": number}
    (run.folder / "spec.json").write_text(json.dumps(content))
    with pytest.raises(RunError, match="`format` must be a whole number"):
        _ = run.spec
