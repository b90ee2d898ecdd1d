"""The queue and the warm workers, for real: order, crash, and that one run's end is not another's."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from model_lib import cluster as cluster_module
from model_lib.cluster import TrainingCluster
from model_lib.presets import PRESETS
from model_lib.run import Run
from model_lib.runs import queue_place, resume_run, start_run
from model_lib.settings import TrainingConfig

_SPEC = PRESETS["mlp"]
_SHORT = TrainingConfig(training_images=1000, batch_size=50, epochs=1)
_LONG = TrainingConfig(batch_size=32, epochs=50)


@pytest.fixture(scope="module")
def cluster() -> Iterator[TrainingCluster]:
    """One warm worker, so that a second run must wait."""
    cluster = TrainingCluster(workers=1, threads=1)
    cluster.wait_until_ready()
    yield cluster
    cluster.close()


@pytest.fixture(autouse=True)
def _shared(cluster: TrainingCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_shared", cluster)


def _until(run: Run, state: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while run.state != state:
        assert time.monotonic() < end, f"{run.state} instead of {state}"
        time.sleep(0.05)


def _worker_of(run: Run) -> psutil.Process:
    return psutil.Process(json.loads((run.folder / "state.json").read_text())["pid"])


def _until_an_epoch_is_kept(run: Run) -> None:
    end = time.monotonic() + 60
    while not (run.folder / "progress.npz").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_run_started_from_a_program_comes_to_its_end(tmp_path: Path) -> None:
    run = start_run(_SPEC, _SHORT, tmp_path)
    assert run.wait(120) == "finished"
    assert run.outcome is not None


def test_a_second_run_waits_for_its_turn_and_can_be_taken_out_of_the_queue(tmp_path: Path) -> None:
    first = start_run(_SPEC, _LONG, tmp_path)
    _until(first, "running")
    second, third, fourth = (start_run(_SPEC, _SHORT, tmp_path) for _ in range(3))
    assert [queue_place(run) for run in (second, third, fourth)] == [1, 2, 3]
    third.stop()
    assert third.state == "stopped"
    assert queue_place(fourth) == 2
    first.stop()
    assert first.wait(60) == "stopped"
    assert second.wait(60) == "finished"
    assert fourth.wait(60) == "finished"
    assert not (third.folder / "network.keras").exists()


def test_a_paused_run_gives_its_place_to_the_next_one(tmp_path: Path) -> None:
    first = start_run(_SPEC, _LONG, tmp_path)
    _until_an_epoch_is_kept(first)
    first.pause()
    assert first.wait(60) == "paused"
    second = start_run(_SPEC, _SHORT, tmp_path)
    assert second.wait(60) == "finished"
    resume_run(first)
    _until(first, "running")
    first.stop()
    assert first.wait(60) == "stopped"


def test_a_paused_run_that_is_stopped_is_evaluated(tmp_path: Path) -> None:
    run = start_run(_SPEC, _LONG, tmp_path)
    _until_an_epoch_is_kept(run)
    run.pause()
    assert run.wait(60) == "paused"
    run.stop()
    assert run.wait(60) == "stopped"
    assert (run.outcome or {})["test_accuracy"] > 0.9


def test_a_killed_worker_interrupts_its_run_alone_and_it_can_be_resumed(tmp_path: Path) -> None:
    run = start_run(_SPEC, _LONG, tmp_path)
    waiting = start_run(_SPEC, _SHORT, tmp_path)
    _until_an_epoch_is_kept(run)
    os.kill(_worker_of(run).pid, signal.SIGKILL)
    _until(run, "interrupted", seconds=5)
    assert "Resume" in (run.error or "")
    assert "training in process" in (run.error or ""), "the last words of its log"
    assert waiting.wait(120) == "finished"
    epochs = len(run.epochs_done)
    resume_run(run)
    _until(run, "running")
    while len(run.epochs_done) <= epochs:
        time.sleep(0.05)
    run.stop()
    assert run.wait(60) == "stopped"


def test_the_worker_gives_way_to_the_web_server(tmp_path: Path) -> None:
    run = start_run(_SPEC, _LONG, tmp_path)
    _until(run, "running")
    assert _worker_of(run).nice() > psutil.Process().nice()
    run.stop()
    run.wait(60)
