"""The compute worker as the web process sees it: started with the server, asked through a pipe, restarted when it ends.

A pipe, not Dask as for trainings: its end is seen at once, and a round trip costs the interpreter of the web process,
which all visitors share, a thirtieth (docs/performance.md).
"""

from __future__ import annotations

import atexit
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar, cast

from model_lib.compute import process as process_program
from model_lib.compute.messages import Cancellation, Computation, Failure, Progress, Ready, Request, Result
from model_lib.compute.warm_up import warm_up
from model_lib.datasets.loading import ProgressCallback
from model_lib.environment import environment_with

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_REPORT_SECONDS: Final = 0.1
# A computation that ends the process, for want of memory, is not tried for ever.
_ATTEMPTS: Final = 2
_LONGEST_PAUSE_SECONDS: Final = 30.0
_CLOSE_SECONDS: Final = 5.0

_logger = logging.getLogger(__name__)


class WorkerLostError(RuntimeError):
    """The worker ended repeatedly before it had answered; the message is for the visitor."""


@dataclass
class _Pending:
    """A computation that is not answered yet."""

    computation: Computation[Any]
    progress: float = 0.0
    attempts: int = 0
    future: Future[Any] = field(default_factory=Future)


class ComputeWorker:
    """A process with TensorFlow loaded that computes for the web process.

    It computes one interactive and one batch computation at a time, in the order of the requests. Started in the
    background: `compute` can be called immediately. When the process ends it is started again, and what it had not
    answered is asked once more.

    Args:
        prepare: what the process does before it answers.
    """

    def __init__(self, prepare: Callable[[], None] = warm_up) -> None:
        self._prepare = prepare
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count()
        self._pending: dict[int, _Pending] = {}
        # Guards all of these.
        self._lock = threading.Lock()
        self._is_ready = False
        self._without_process_since = time.monotonic()
        self._was_lost = False
        self._is_closing = threading.Event()
        threading.Thread(target=self._serve, daemon=True, name="compute-worker").start()

    @property
    def is_ready(self) -> bool:
        """Whether TensorFlow is loaded."""
        return self._is_ready

    @property
    def obstacle(self) -> str | None:
        """What a computation waits for, for the visitor; None if the worker computes."""
        if self._is_ready:
            return None
        since = f"{time.monotonic() - self._without_process_since:.0f} s so far"
        if self._was_lost:
            return (
                f"The process that computes this ended unexpectedly and is being started again ({since}). "
                "Then it goes on by itself."
            )
        return f"The process that computes this is being started ({since}). It loads TensorFlow."

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none."""
        return None if self._process is None else self._process.pid

    def wait_until_ready(self, timeout_seconds: float = 120.0) -> None:
        """Waits until TensorFlow is loaded.

        Raises:
            TimeoutError: if it takes longer.
        """
        end = time.monotonic() + timeout_seconds
        while not self._is_ready:
            if time.monotonic() > end:
                raise TimeoutError(f"The compute worker is not ready after {timeout_seconds:g} seconds.")
            time.sleep(0.02)

    def compute(self, computation: Computation[T], report: ProgressCallback) -> T:
        """Computes something in the worker and waits for the result.

        Args:
            computation: see `computations`.
            report: is called several times a second with 0 to 1; what it raises cancels the computation.

        Raises:
            WorkerLostError: if the worker ended twice meanwhile, or is closed.
            Exception: what the computation raises.
        """
        number, pending = next(self._numbers), _Pending(computation)
        with self._lock:
            if self._is_closing.is_set():
                raise WorkerLostError("The server is ending.")
            self._pending[number] = pending
            self._request(number)
        try:
            while not wait((pending.future,), _REPORT_SECONDS).done:
                report(pending.progress)
        except BaseException:
            with self._lock:
                self._pending.pop(number, None)
                self._send(Cancellation(number))
            raise
        return cast(T, pending.future.result())

    def close(self) -> None:
        """Ends the process; what is not answered fails."""
        self._is_closing.set()
        if (process := self._process) is not None:
            process.kill()
            process.wait(_CLOSE_SECONDS)

    def _serve(self) -> None:
        """Starts the process, receives what it sends, and starts it again when it ends, until `close`."""
        failed_starts = 0
        while not self._is_closing.is_set():
            try:
                self._receive(self._start())
            except Exception:  # no process or no memory for one now
                _logger.exception("the compute worker")
            failed_starts = 0 if self._is_ready else failed_starts + 1
            self._take_loss()
            self._is_closing.wait(min(_LONGEST_PAUSE_SECONDS, 2.0**failed_starts) if failed_starts > 1 else 0.0)
        self._fail_all("The server is ending.")

    def _start(self) -> IO[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", process_program.__name__],
            env=environment_with({"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl+C in a terminal is for the web process alone. The session stays: in another one, Linux would not
            # weigh this process's priority against that of a training.
            process_group=0,
        )
        with self._lock:
            self._process = process
            if self._is_closing.is_set():
                process.kill()
            self._send(self._prepare)
            for number in self._pending:
                self._request(number)
        assert process.stdout is not None
        return process.stdout

    def _receive(self, answers: IO[bytes]) -> None:
        while True:
            try:
                message = pickle.load(answers)
            except (EOFError, OSError, pickle.UnpicklingError):  # the last one when it ends in the middle of an answer
                return
            if isinstance(message, Ready):
                self._is_ready = True
                continue
            with self._lock:
                pending = self._pending.get(message.number)
                if pending is None:  # cancelled
                    continue
                if isinstance(message, Progress):
                    pending.progress = message.fraction
                    continue
                del self._pending[message.number]
            if isinstance(message, Result):
                pending.future.set_result(message.value)
            elif isinstance(message, Failure):
                pending.future.set_exception(message.error)

    def _take_loss(self) -> None:
        """Fails what has been asked often enough; the rest is asked again when the next process starts."""
        with self._lock:
            process, self._process = self._process, None
            self._is_ready = False
            self._was_lost = True
            self._without_process_since = time.monotonic()
            given_up = [number for number, each in self._pending.items() if each.attempts >= _ATTEMPTS]
            failed = [self._pending.pop(number) for number in given_up]
        if process is not None:
            process.kill()
            with suppress(OSError), process:  # closes the pipes and waits for its end
                pass
            if not self._is_closing.is_set():
                _logger.warning("the compute worker ended with exit code %s and is started again", process.returncode)
        for pending in failed:
            pending.future.set_exception(
                WorkerLostError(
                    "The process that computes this ended unexpectedly, twice. It is being started again. "
                    "The server may be short of memory."
                )
            )

    def _fail_all(self, message: str) -> None:
        with self._lock:
            pending = list(self._pending.values())
            self._pending.clear()
        for each in pending:
            each.future.set_exception(WorkerLostError(message))

    def _request(self, number: int) -> None:
        pending = self._pending[number]
        if self._process is not None:
            pending.attempts += 1
            pending.progress = 0.0
            self._send(Request(number, pending.computation))

    def _send(self, message: Any) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            with suppress(OSError):  # the process has ended: `_serve` sees it too
                pickle.dump(message, self._process.stdin, pickle.HIGHEST_PROTOCOL)
                self._process.stdin.flush()


_shared: ComputeWorker | None = None
_shared_lock: Final = threading.Lock()


def shared_worker() -> ComputeWorker:
    """Returns the compute worker of this process, started in the background by the first call."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = ComputeWorker()
            atexit.register(_shared.close)
        return _shared


def close_shared_worker() -> None:
    """Ends the compute worker of this process, if there is one."""
    if _shared is not None:
        _shared.close()
