"""The queue and the warm workers, for real: order, crash, and that one run's end is not another's."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dask
import distributed
import psutil
import pytest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.environment import VariableError
from model_lib.runs import create_run, list_runs, queue_place, resume_run, start_run
from model_lib.storage.run import Run
from model_lib.training import cluster as cluster_module
from model_lib.training.cluster import TrainingCluster

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
    assert run.outcome is not None
    assert run.outcome.test_accuracy > 0.9


def test_a_killed_worker_interrupts_its_run_alone_and_it_can_be_resumed(tmp_path: Path) -> None:
    run = start_run(_SPEC, _LONG, tmp_path)
    waiting = start_run(_SPEC, _SHORT, tmp_path)
    _until_an_epoch_is_kept(run)
    os.kill(_worker_of(run).pid, signal.SIGKILL)
    _until(run, "interrupted", seconds=5)
    assert "Resume" in (run.error or "")
    assert "training in process" in (run.error or ""), "the end of its log"
    assert waiting.wait(120) == "finished"
    epochs = len(run.epochs_done)
    resume_run(run)
    _until(run, "running")
    while len(run.epochs_done) <= epochs:
        time.sleep(0.05)
    run.stop()
    assert run.wait(60) == "stopped"


def test_the_worker_has_a_lower_priority_than_the_web_server(tmp_path: Path) -> None:
    run = start_run(_SPEC, _LONG, tmp_path)
    _until(run, "running")
    assert _worker_of(run).nice() > psutil.Process().nice()
    run.stop()
    run.wait(60)


def _workers() -> list[multiprocessing.process.BaseProcess]:
    return [child for child in multiprocessing.active_children() if child.name.startswith("Dask Worker")]


def _until_true(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_worker_comes_back_however_often_it_is_killed(cluster: TrainingCluster, tmp_path: Path) -> None:
    for _ in range(2):
        cluster.wait_until_ready()
        (worker,) = _workers()
        worker.kill()
        _until_true(lambda: not cluster.is_ready)
        assert "TensorFlow" in (cluster.obstacle or "")
        assert cluster.start_progress is not None
    run = start_run(_SPEC, _SHORT, tmp_path)
    assert run.wait(120) == "finished"
    assert cluster.obstacle is None
    assert cluster.start_progress is None


def test_a_worker_killed_before_its_first_step_leaves_its_run_to_the_next_one(
    cluster: TrainingCluster, tmp_path: Path
) -> None:
    cluster.wait_until_ready()
    (worker,) = _workers()
    os.kill(worker.pid or 0, signal.SIGSTOP)  # so that it takes the run and does not begin it
    run = start_run(_SPEC, _SHORT, tmp_path)
    time.sleep(1)
    assert run.state == "queued"
    worker.kill()
    assert run.wait(120) == "finished"


def test_a_worker_killed_while_it_starts_or_slower_than_dask_waits_comes_back_and_closing_leaves_nothing() -> None:
    before = _workers()
    scratch_before = set(Path(tempfile.gettempdir()).glob("training-workers-*"))

    def mine() -> list[multiprocessing.process.BaseProcess]:
        return [worker for worker in _workers() if worker not in before]

    # Loading TensorFlow takes longer than this one second, as on a busy machine it takes longer than Dask's 15.
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1s"}):
        cluster = TrainingCluster(workers=1, threads=1)
        _until_true(mine)
        mine()[0].kill()
        cluster.wait_until_ready()
        mine()[0].kill()
        _until_true(lambda: not cluster.is_ready)
        cluster.wait_until_ready()
        cluster.close()
    assert _workers() == before
    assert set(Path(tempfile.gettempdir()).glob("training-workers-*")) == scratch_before


def test_closing_while_a_worker_loads_ends_its_process() -> None:
    before = _workers()
    cluster = TrainingCluster(workers=1, threads=1)
    _until_true(lambda: len(_workers()) > len(before))
    cluster.close()
    _until_true(lambda: _workers() == before, 5)


def test_a_scheduler_that_is_not_there_fails_the_run_with_its_address(tmp_path: Path) -> None:
    cluster = TrainingCluster(scheduler="tcp://127.0.0.1:9")
    run, second = (create_run(_SPEC, _SHORT, tmp_path) for _ in range(2))
    cluster.submit(run)
    cluster.submit(second)
    assert run.wait(30) == second.wait(30) == "failed"
    assert "tcp://127.0.0.1:9" in (run.error or "")
    assert "tcp://127.0.0.1:9" in (cluster.obstacle or "")
    cluster.close()


def test_a_cluster_that_cannot_start_fails_the_run_with_its_reason_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_ports(**options: object) -> None:
        raise OSError("all ports are taken")

    with monkeypatch.context() as patched:
        patched.setattr(distributed, "LocalCluster", no_ports)
        cluster = TrainingCluster(workers=1, threads=1)
        run = create_run(_SPEC, _SHORT, tmp_path)
        cluster.submit(run)
        assert run.wait(30) == "failed"
        assert "all ports are taken" in (run.error or "")
    again = create_run(_SPEC, _SHORT, tmp_path)
    cluster.submit(again)
    assert again.wait(120) == "finished"
    cluster.close()


def test_a_scheduler_that_starts_again_loses_no_run_of_the_queue(tmp_path: Path) -> None:
    elsewhere = distributed.LocalCluster(n_workers=0, dashboard_address=":0")
    address = elsewhere.scheduler_address
    cluster = TrainingCluster(scheduler=address)
    _until_true(lambda: "joined" in (cluster.obstacle or ""))
    run = create_run(_SPEC, _SHORT, tmp_path)
    cluster.submit(run)
    time.sleep(1)
    elsewhere.close()
    _until_true(lambda: address in (cluster.obstacle or "") and "answer" in (cluster.obstacle or ""))
    late = create_run(_SPEC, _SHORT, tmp_path)
    cluster.submit(late)
    time.sleep(6)  # longer than Dask's client tries to connect again
    assert late.state == "queued"
    port = int(address.rsplit(":", 1)[1])
    anew = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, scheduler_port=port, dashboard_address=":0", memory_limit=0
    )
    assert run.wait(120) == "finished"
    assert late.wait(120) == "finished"
    cluster.close()
    anew.close()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRAINING_WORKERS", "two"),
        ("TRAINING_WORKERS", "0"),
        ("TRAINING_WORKERS", "-1"),
        ("TRAINING_WORKERS", "\u00b2"),
        ("TRAINING_THREADS", "x"),
        ("TRAINING_THREADS", "9" * 5000),
    ],
)
def test_an_impossible_number_of_workers_is_refused_before_any_folder_is_made(
    variable: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(VariableError, match=f"{variable} must be a whole number from 1 to"):
        start_run(_SPEC, _SHORT, tmp_path)
    assert list_runs(tmp_path) == []


def test_the_cluster_forgets_a_run_that_has_ended(cluster: TrainingCluster, tmp_path: Path) -> None:
    run = start_run(_SPEC, _SHORT, tmp_path)
    assert run.wait(120) == "finished"
    _until_true(lambda: not cluster._futures)
