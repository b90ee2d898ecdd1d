"""The compute worker as a process: what it answers, how it is cancelled, and what happens when it is killed."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from model_lib.compute.worker import ComputeWorker, WorkerLostError
from tests.support.app_server import PROJECT
from tests.support.sample_computations import Counting, Deadly, Faulty, Foreign, ProcessId, prepare_nothing


@pytest.fixture(scope="module")
def worker() -> Iterator[ComputeWorker]:
    """One that loads nothing."""
    worker = ComputeWorker(prepare_nothing)
    worker.wait_until_ready()
    yield worker
    worker.close()


def _until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _ignore(progress: float) -> None:
    pass


class _LeftError(Exception):
    pass


def _leave_after(seconds: float) -> Callable[[float], None]:
    end = time.monotonic() + seconds

    def report(progress: float) -> None:
        if time.monotonic() > end:
            raise _LeftError

    return report


def test_it_computes_in_another_process_and_reports_progress(worker: ComputeWorker, tmp_path: Path) -> None:
    reported: list[float] = []
    pid = worker.compute(Counting(tmp_path / "file", 1.0), reported.append)
    assert pid == worker.pid != os.getpid()
    assert reported == sorted(reported)
    assert 0.2 < reported[-1] < 1.0


def test_a_cancelled_computation_stops_and_the_next_one_of_its_kind_begins(
    worker: ComputeWorker, tmp_path: Path
) -> None:
    long = Counting(tmp_path / "long", 60.0)
    with pytest.raises(_LeftError):
        worker.compute(long, _leave_after(0.5))
    worker.compute(Counting(tmp_path / "next", 0.1), _ignore)
    count = long.file.with_suffix(".count").read_text()
    time.sleep(1.5)  # more than two of its steps
    assert long.file.with_suffix(".count").read_text() == count


def test_one_that_is_cancelled_before_its_turn_is_not_begun(worker: ComputeWorker, tmp_path: Path) -> None:
    first = threading.Thread(target=worker.compute, args=(Counting(tmp_path / "first", 1.0), _ignore))
    first.start()
    _until((tmp_path / "first").exists)
    with pytest.raises(_LeftError):
        worker.compute(Counting(tmp_path / "second", 1.0), _leave_after(0.1))
    first.join()
    worker.compute(Counting(tmp_path / "third", 0.1), _ignore)
    assert not (tmp_path / "second").exists()


def test_an_interactive_computation_does_not_wait_for_a_batch(worker: ComputeWorker, tmp_path: Path) -> None:
    batch = threading.Thread(target=worker.compute, args=(Counting(tmp_path / "batch", 2.0), _ignore))
    batch.start()
    _until((tmp_path / "batch").exists)
    worker.compute(ProcessId(), _ignore)
    assert batch.is_alive()
    batch.join()


@pytest.mark.parametrize(("is_picklable", "kind"), [(True, ZeroDivisionError), (False, RuntimeError)])
def test_an_error_arrives_with_its_traceback(worker: ComputeWorker, is_picklable: bool, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="nothing to divide by") as raised:
        worker.compute(Faulty(is_picklable), _ignore)
    assert "in compute" in raised.value.__notes__[0]


def test_an_error_of_another_library_arrives_without_its_class(worker: ComputeWorker) -> None:
    with pytest.raises(RuntimeError, match=r"^ForeignError: no memory\n"):
        worker.compute(Foreign(), _ignore)


def test_a_worker_killed_in_the_middle_comes_back_and_answers_what_it_had_been_asked(
    worker: ComputeWorker, tmp_path: Path
) -> None:
    worker.wait_until_ready()
    killed, answers = worker.pid, []
    long = Counting(tmp_path / "long", 1.0)
    asking = threading.Thread(target=lambda: answers.append(worker.compute(long, _ignore)))
    asking.start()
    _until(long.file.exists)
    os.kill(killed or 0, signal.SIGKILL)
    _until(lambda: worker.obstacle, 5)
    assert "ended unexpectedly and is being started again" in (worker.obstacle or "")
    asking.join(60)
    assert answers == [worker.pid] != [killed]
    assert long.file.read_text() == "begun begun "
    assert worker.obstacle is None


def test_what_kills_the_worker_twice_fails_in_words_and_the_next_computation_succeeds(
    worker: ComputeWorker, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(WorkerLostError, match="ended unexpectedly, twice"):
        worker.compute(Deadly(), _ignore)
    assert "exit code -9" in caplog.text
    assert worker.compute(ProcessId(), _ignore) == worker.pid


def test_closing_fails_what_is_not_answered_and_leaves_no_process(tmp_path: Path) -> None:
    worker = ComputeWorker(prepare_nothing)
    _until(lambda: worker.pid)
    process = psutil.Process(worker.pid)
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            worker.compute(ProcessId(), _ignore)
        except WorkerLostError as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    worker.close()
    asking.join(5)
    assert str(errors[0]) == "The server is ending."
    assert not process.is_running()
    with pytest.raises(WorkerLostError):
        worker.compute(ProcessId(), _ignore)


_OWNER = """
import sys
import time
from pathlib import Path
from model_lib.compute.worker import ComputeWorker
from tests.support.sample_computations import Counting, prepare_nothing
if __name__ == "__main__":
    file = Path(sys.argv[1])
    worker = ComputeWorker(prepare_nothing) if file.name == "computes" else ComputeWorker()
    while worker.pid is None:
        time.sleep(0.01)
    print(worker.pid, flush=True)
    worker.compute(Counting(file, 600.0), lambda progress: None)
"""


@pytest.mark.parametrize("occupation", ["loads", "computes"])
def test_the_worker_ends_with_a_killed_web_process_whatever_it_does(occupation: str, tmp_path: Path) -> None:
    (tmp_path / "owner.py").write_text(_OWNER)
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    file = tmp_path / occupation
    with subprocess.Popen(
        [sys.executable, tmp_path / "owner.py", file], stdout=subprocess.PIPE, text=True, env=environment
    ) as owner:
        assert owner.stdout is not None
        process = psutil.Process(int(owner.stdout.readline()))
        if occupation == "loads":
            time.sleep(1.0)
        else:
            _until(file.exists)
        owner.kill()
    process.wait(10)
