"""The compute worker's side: a process that loads TensorFlow and answers what comes through its pipe.

`python -m model_lib.compute.process` is started by `ComputeWorker`. A program of its own, not `multiprocessing`: that
would run the main script once more, which is a page in the web process.
"""

from __future__ import annotations

import logging
import os
import pickle
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from model_lib.compute.messages import Cancellation, Failure, Progress, Ready, Request, Result

if TYPE_CHECKING:
    from collections.abc import Callable

_REPORT_SECONDS: Final = 0.1


def serve() -> None:
    """Answers what comes on standard input until that is closed, as it is when the web process ends in whatever way.

    First comes the function that prepares the process. Two threads compute, one interactive and one batch computations,
    each in the order of the requests.
    """
    # Answers have standard output for themselves: what libraries print goes to the server's log.
    worker = _Worker(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    # Nor is standard input the pipe: on Windows, libraries that ask for its kind while they load would wait for the
    # reading below. Source: https://github.com/numpy/numpy/issues/24290
    requests = os.fdopen(os.dup(0), "rb")
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    prepare = pickle.load(requests)
    interactive, batch = (ThreadPoolExecutor(1, name) for name in ("interactive", "batch"))
    # Not in this thread, which must see the end of the web process also during the import.
    is_warm = interactive.submit(worker.prepare, prepare)
    batch.submit(is_warm.result)
    while True:
        try:
            message = pickle.load(requests)
        except (EOFError, OSError, pickle.UnpicklingError):
            os._exit(0)
        if isinstance(message, Cancellation):
            worker.cancelled.add(message.number)
        elif isinstance(message, Request):
            (batch if message.computation.is_batch else interactive).submit(worker.answer, message)


class _CancelledError(Exception):
    pass


class _Worker:
    """Computes requests and sends what comes of them.

    Args:
        answers: the pipe to the web process.
    """

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._sending = threading.Lock()
        self.cancelled: set[int] = set()

    def prepare(self, prepare: Callable[[], None]) -> None:
        """Makes everything ready and says so; ends the process if that fails."""
        try:
            prepare()
        except Exception:
            logging.getLogger(__name__).exception("the compute worker cannot start")
            os._exit(1)
        self._send(Ready())

    def answer(self, request: Request) -> None:
        """Computes what is asked for and sends the result or the error; nothing if it is cancelled."""
        reported = 0.0

        def report(fraction: float) -> None:
            nonlocal reported
            if request.number in self.cancelled:
                raise _CancelledError
            if time.monotonic() - reported >= _REPORT_SECONDS:
                reported = time.monotonic()
                self._send(Progress(request.number, fraction))

        try:
            report(0.0)
            self._send(Result(request.number, request.computation.compute(report)))
        except _CancelledError:
            self.cancelled.discard(request.number)
        except Exception as error:
            self._send(Failure(request.number, _picklable(error)))

    def _send(self, message: Any) -> None:
        with self._sending:
            pickle.dump(message, self._answers, pickle.HIGHEST_PROTOCOL)
            self._answers.flush()


def _picklable(error: Exception) -> Exception:
    """Returns an error that can be sent, with its traceback for the server's log.

    Only the library's own and Python's: to read one of TensorFlow's, the web process would import TensorFlow.
    """
    sent: Exception = RuntimeError(f"{type(error).__name__}: {error}")
    if type(error).__module__.split(".")[0] in ("builtins", "model_lib"):
        with suppress(Exception):
            pickle.loads(pickle.dumps(error))
            sent = error
    sent.add_note("".join(traceback.format_exception(error)))
    return sent


if __name__ == "__main__":
    serve()
