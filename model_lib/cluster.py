"""Where trainings run: a small Dask cluster of warm processes on this machine, or a Dask scheduler elsewhere.

The queue, the warm processes, their restart after a crash and the other machines are Dask's. A worker is given
nothing but the path of a run's folder; on several machines that folder lies on shared storage.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from model_lib.cores import shared_out
from model_lib.run import Run

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

WORKERS_VARIABLE: Final = "TRAINING_WORKERS"
THREADS_VARIABLE: Final = "TRAINING_THREADS"
SCHEDULER_VARIABLE: Final = "TRAINING_SCHEDULER"

# Keras computes on several threads inside one worker, so few workers with several cores each learn faster than many.
_CORES_PER_WORKER: Final = 4

_logger = logging.getLogger(__name__)


class TrainingCluster:
    """Warm worker processes that train runs, one at a time each, in the order of their submission.

    Starting takes some seconds (every worker loads Keras), so it happens in the background: `submit` may be called at
    once and returns at once.

    Args:
        workers: number of processes; None reads TRAINING_WORKERS, else one for every four cores.
        threads: cores for each; None reads TRAINING_THREADS, else the cores shared out evenly.
        scheduler: address of a Dask scheduler that runs elsewhere; None reads TRAINING_SCHEDULER, else the
            workers are started on this machine.
    """

    def __init__(self, workers: int | None = None, threads: int | None = None, scheduler: str | None = None) -> None:
        cores = os.cpu_count() or 1
        self.workers = workers or _whole_number(WORKERS_VARIABLE) or max(1, cores // _CORES_PER_WORKER)
        self.threads = threads or _whole_number(THREADS_VARIABLE) or max(1, cores // self.workers)
        self._scheduler = scheduler or os.environ.get(SCHEDULER_VARIABLE)
        self._cluster: LocalCluster | None = None
        self._client: Client | None = None
        self._futures: dict[str, Any] = {}
        # One thread: submissions keep their order, and wait in it until the workers are there.
        self._submitter = ThreadPoolExecutor(1, thread_name_prefix="training-cluster")
        self._ready = self._submitter.submit(self._start)

    @property
    def is_ready(self) -> bool:
        """Whether the workers are there and warm."""
        return self._ready.done() and self._ready.exception() is None

    @property
    def error(self) -> str | None:
        """Why the workers could not be started, or None."""
        failure = self._ready.exception() if self._ready.done() else None
        return None if failure is None else f"The training processes could not be started: {failure}"

    def wait_until_ready(self, timeout_seconds: float = 120.0) -> None:
        """Waits until the workers are warm.

        Raises:
            TimeoutError: if it takes longer.
        """
        self._ready.result(timeout_seconds)

    def submit(self, run: Run) -> Future[None]:
        """Puts a run into the queue."""
        return self._submitter.submit(self._submit, run)

    def close(self) -> None:
        """Ends the workers, and with them the trainings under way, which can be resumed from their last epoch."""
        self._submitter.shutdown(wait=False, cancel_futures=True)
        for part in (self._client, self._cluster):
            if part is not None:
                _quietly(part.close)

    def _start(self) -> None:
        import dask
        from distributed import Client, LocalCluster
        from distributed.security import Security

        if self._scheduler:
            self._client = Client(self._scheduler, set_as_default=False)
            return
        # A run in the queue must outlive any number of crashes of the worker it waits for; one that was under way
        # when its worker died finds in its state.json that it was, and is not trained a second time (see training.py).
        dask.config.set({"distributed.scheduler.allowed-failures": 1_000_000})
        self._cluster = LocalCluster(
            n_workers=self.workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            # This machine only: in a classroom nobody else shall look into the queue.
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            security=Security.temporary(),
            preload=["model_lib.warm_worker"],
            env=dict(shared_out(self.threads)),
            silence_logs=logging.ERROR,
        )
        self._client = Client(self._cluster, set_as_default=False)
        self._client.wait_for_workers(self.workers)

    def _submit(self, run: Run) -> None:
        if self._client is None:
            return
        # Not pure, and a key of its own: a resumed run is the same folder again.
        future = self._client.submit(train_folder, str(run.folder), pure=False, key=f"{run.id}-{os.urandom(4).hex()}")
        self._futures[run.id] = future  # Dask forgets a task that nobody holds


def train_folder(folder: str) -> str:
    """Trains one run inside a worker. All that is to be known stands in its folder afterwards.

    Returns:
        The state it ended in.
    """
    from model_lib.training import train

    return train(Run(folder))


_shared: TrainingCluster | None = None
_shared_lock: Final = threading.Lock()


def shared_cluster() -> TrainingCluster:
    """Returns the one cluster of this process, started in the background by the first call."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = TrainingCluster()
            atexit.register(_shared.close)
        return _shared


def _whole_number(variable: str) -> int | None:
    """Returns the number that an environment variable holds, or None."""
    value = os.environ.get(variable, "")
    if value and not (value.isdecimal() and int(value) > 0):
        raise ValueError(f"{variable} must be a whole number above 0. Received: {value!r}.")
    return int(value) if value else None


def _quietly(close: Callable[[], object]) -> None:
    try:
        close()
    except Exception:  # at the end of the process there is nobody left to tell
        _logger.debug("closing the training cluster", exc_info=True)
