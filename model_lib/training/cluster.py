"""Where trainings run: a small Dask cluster of warm processes on this machine, or a Dask scheduler elsewhere.

The queue, the warm processes, their restart after a crash and the other machines are Dask's. A worker is given
nothing but the path of a run's folder; on several machines that folder lies on shared storage.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import signal
import tempfile
import threading
import time
from dataclasses import dataclass
from multiprocessing import resource_tracker
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from model_lib.engine.threads import tf_thread_env
from model_lib.storage.run import Run
from model_lib.training.worker_restarts import end_processes, restart_lost_workers

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

WORKERS_VARIABLE: Final = "TRAINING_WORKERS"
THREADS_VARIABLE: Final = "TRAINING_THREADS"
SCHEDULER_VARIABLE: Final = "TRAINING_SCHEDULER"

# Keras computes on several threads inside one worker, so few workers with several cores each learn faster than many.
_CORES_PER_WORKER: Final = 4
_LARGEST_NUMBER: Final = 1024
# A page says what is wrong within five seconds.
_CONNECT_SECONDS: Final = 3.0
_WATCH_SECONDS: Final = 0.5
_CLOSE_SECONDS: Final = 10.0

_logger = logging.getLogger(__name__)


class ClusterError(ValueError):
    """Settings under which no training process can be started; the message says what was expected."""


@dataclass(frozen=True)
class ClusterSettings:
    """How trainings are shared out.

    Args:
        workers: number of processes.
        threads: cores for each.
        scheduler: address of a Dask scheduler that runs elsewhere; None starts the workers on this machine.
    """

    workers: int
    threads: int
    scheduler: str | None


def cluster_settings() -> ClusterSettings:
    """Reads TRAINING_WORKERS, TRAINING_THREADS and TRAINING_SCHEDULER, and starts nothing.

    Returns:
        What the variables say; without them one worker for every four cores, which shares the cores out evenly.

    Raises:
        ClusterError: for a variable that is no whole number above 0.
    """
    cores = os.cpu_count() or 1
    workers = _whole_number(WORKERS_VARIABLE) or max(1, cores // _CORES_PER_WORKER)
    threads = _whole_number(THREADS_VARIABLE) or max(1, cores // workers)
    return ClusterSettings(workers, threads, os.environ.get(SCHEDULER_VARIABLE) or None)


class TrainingCluster:
    """Warm worker processes that train runs, one at a time each, in the order of their submission.

    Starting takes some seconds (every worker loads Keras), so it happens in a thread of its own: `submit` may be
    called at once and returns at once. The same thread starts anew what has ended.

    Args:
        workers: number of processes; None reads TRAINING_WORKERS, else one for every four cores.
        threads: cores for each; None reads TRAINING_THREADS, else the cores shared out evenly.
        scheduler: address of a Dask scheduler that runs elsewhere; None reads TRAINING_SCHEDULER, else the
            workers are started on this machine.

    Raises:
        ClusterError: if one of the variables is no whole number above 0.
    """

    def __init__(self, workers: int | None = None, threads: int | None = None, scheduler: str | None = None) -> None:
        settings = cluster_settings()
        self.workers = workers or settings.workers
        self.threads = threads or (settings.threads if workers is None else max(1, (os.cpu_count() or 1) // workers))
        self._scheduler = scheduler or settings.scheduler
        self._cluster: LocalCluster | None = None
        self._client: Client | None = None
        self._scratch: str | None = None
        self._futures: dict[str, Any] = {}
        self._submitted: SimpleQueue[Run] = SimpleQueue()
        self._error: str | None = None
        self._live_workers = 0
        self._had_workers = False
        self._had_client = False
        self._without_workers_since = time.monotonic()
        self._is_closing = threading.Event()
        # One thread: submissions keep their order. A daemon: the end of a program need not wait for TensorFlow.
        self._server = threading.Thread(target=self._serve, daemon=True, name="training-cluster")
        self._server.start()

    @property
    def is_ready(self) -> bool:
        """Whether at least one worker is there and warm."""
        return self._live_workers > 0

    @property
    def error(self) -> str | None:
        """Why the last attempt to start the workers failed, or None."""
        return self._error

    @property
    def obstacle(self) -> str | None:
        """What keeps the next run from being taken by any worker, in words for a page; None if nothing does."""
        if self._error is not None:
            return self._error
        if self._live_workers:
            return None
        seconds = time.monotonic() - self._without_workers_since
        since = f"{seconds:.0f} s so far"
        if self._scheduler:
            return f"No training process has joined the scheduler at {self._scheduler} ({since})."
        if self._had_workers:
            return (
                f"The training process ended unexpectedly and is being started again ({since}). It loads TensorFlow, "
                "which takes some seconds, longer on a busy machine."
            )
        return f"The training process is being started ({since}). It loads TensorFlow, which takes some seconds."

    def wait_until_ready(self, timeout_seconds: float = 120.0) -> None:
        """Waits until all workers are warm.

        Raises:
            TimeoutError: if it takes longer, or they cannot be started.
        """
        end = time.monotonic() + timeout_seconds
        while self._live_workers < (1 if self._scheduler else self.workers):
            if self._error is not None or time.monotonic() > end:
                raise TimeoutError(self.obstacle or f"Some workers are not ready after {timeout_seconds:g} seconds.")
            time.sleep(0.05)

    def submit(self, run: Run) -> None:
        """Puts a run into the queue. If the workers cannot be started, the run fails with the reason."""
        self._submitted.put(run)

    def close(self) -> None:
        """Ends the workers, and with them the trainings under way, which can be resumed from their last epoch."""
        if self._is_closing.is_set():
            return
        self._is_closing.set()
        # What Dask says of connections that end is no news now.
        for name in ("distributed", "tornado.application", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        closer = threading.Thread(target=self._close_parts, daemon=True)
        try:
            closer.start()
        except RuntimeError:  # Python 3.12 begins no thread when a program ends
            if self._cluster is not None:
                end_processes(self._cluster)
        end = time.monotonic() + _CLOSE_SECONDS
        while closer.is_alive() and time.monotonic() < end:
            # Dask waits for a worker that is being started, and that one for TensorFlow.
            if self._cluster is not None:
                end_processes(self._cluster)
            closer.join(0.2)
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _serve(self) -> None:
        """Starts the cluster, hands runs to it and starts lost workers again, until `close`."""
        if hasattr(signal, "pthread_sigmask"):
            # Ctrl+C in a terminal reaches all its processes. The workers inherit this thread's mask: they are ended by
            # `close`, not in the middle of an import, with a traceback each. Python's resource tracker is started
            # first: starting it would clear the mask again.
            resource_tracker.ensure_running()
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self._try_to_start()
        while not self._is_closing.is_set():
            try:
                run = self._submitted.get(timeout=_WATCH_SECONDS)
            except Empty:
                run = None
            if self._is_closing.is_set():
                return
            try:
                self._serve_once(run)
            except Exception as error:
                _logger.exception("the training cluster")
                if run is not None:
                    _fail(run, f"The run could not be handed to a training process: {error}")

    def _serve_once(self, run: Run | None) -> None:
        # Dask gives a scheduler elsewhere up after the seconds that it may take to connect; it may come back any time.
        is_lost = self._had_client and (self._client is None or self._client.status == "closed")
        if is_lost or (run is not None and self._client is None):
            self._try_to_start()
        if self._client is not None:
            self._look_after_workers()
        if run is not None and self._client is not None and self._client.status == "running":
            self._hand_over(run)
            return
        if self._had_client:  # the queue waits for the scheduler that was there
            if run is not None:
                self._submitted.put(run)
                self._is_closing.wait(_WATCH_SECONDS)
            return
        if run is None:
            return
        # The attempt took some time: all who wait now waited for this one.
        _fail(run, self._error or "")
        while not self._submitted.empty():
            _fail(self._submitted.get(), self._error or "")

    def _try_to_start(self) -> None:
        try:
            self._start()
        except Exception as error:
            _logger.debug("starting the training cluster", exc_info=True)
            where = f"The scheduler at {self._scheduler} cannot be reached" if self._scheduler else "They do not start"
            self._error = f"The training processes could not be started. {where}: {_first_line(error)}"
            if self._had_client:
                self._error = self._silence
            self._client = None
            self._live_workers = 0
        else:
            self._error = None
            self._had_client = True

    def _start(self) -> None:
        import dask
        from distributed import Client, LocalCluster
        from distributed.security import Security

        if self._scheduler:
            self._client = Client(self._scheduler, set_as_default=False, timeout=_CONNECT_SECONDS)
            return
        dask.config.set(
            {
                # A run in the queue must outlive any number of crashes of the worker it waits for; one that was under
                # way when its worker died finds in its state.json that it was, and is not trained a second time (see
                # loop.py).
                "distributed.scheduler.allowed-failures": 1_000_000,
                # After this long Dask gives a worker up that has not registered again. One that loads TensorFlow on a
                # busy machine takes more than the usual 15 seconds; `restart_lost_workers` looks after the others.
                "distributed.deploy.lost-worker-timeout": "365 days",
            }
        )
        if self._is_closing.is_set():
            return
        self._scratch = tempfile.mkdtemp(prefix="training-workers-")
        # No workers yet: one that is killed while it starts would be a cluster that cannot be started.
        self._cluster = LocalCluster(
            n_workers=0,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            # This machine only: in a classroom nobody else shall look into the queue.
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            security=Security.temporary(),
            preload=["model_lib.training.worker_preload"],
            env=dict(tf_thread_env(self.threads)),
            local_directory=self._scratch,
            silence_logs=logging.CRITICAL,
        )
        self._client = Client(self._cluster, set_as_default=False)
        self._cluster.scale(self.workers)

    def _look_after_workers(self) -> None:
        if self._cluster is not None:
            restart_lost_workers(self._cluster, self.workers)
            live = len(self._cluster.scheduler_info["workers"])
        else:
            assert self._client is not None
            live = self._count_elsewhere()
        if live < self._live_workers and not self._is_closing.is_set():
            _logger.warning("a training process has ended unexpectedly and is started again")
        if self._live_workers and not live:
            self._without_workers_since = time.monotonic()
        self._live_workers = live
        self._had_workers |= live > 0

    @property
    def _silence(self) -> str:
        return f"The scheduler at {self._scheduler} does not answer. The queue goes on when it does again."

    def _count_elsewhere(self) -> int:
        """Returns how many workers a scheduler elsewhere has, 0 while it does not answer."""
        assert self._client is not None
        if self._client.status != "running":
            self._error = self._silence
            return 0
        self._error = None
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def _hand_over(self, run: Run) -> None:
        assert self._client is not None
        # Not pure, and a key of its own: a resumed run is the same folder again.
        future = self._client.submit(train_folder, str(run.folder), pure=False, key=f"{run.id}-{os.urandom(4).hex()}")
        self._futures[future.key] = future  # Dask forgets a task that nobody holds
        future.add_done_callback(lambda done: self._release(run, done))

    def _release(self, run: Run, future: Any) -> None:
        """Forgets a task that has ended; a run that no worker has begun is not lost with it."""
        self._futures.pop(future.key, None)
        if self._is_closing.is_set() or future.status == "finished" or run.recorded_state != "queued":
            return
        if future.status == "error":
            _fail(run, f"The training could not be begun: {_first_line(future.exception())}")
        else:  # lost with a scheduler elsewhere
            self._submitted.put(run)

    def _close_parts(self) -> None:
        self._server.join(_CLOSE_SECONDS)  # it may just be making what is to be closed
        for part in (self._client, self._cluster):
            if part is not None:
                try:
                    part.close(timeout=_CLOSE_SECONDS)
                except Exception:  # at the end of the process there is nobody left to tell
                    _logger.debug("closing the training cluster", exc_info=True)


def train_folder(folder: str) -> str:
    """Trains one run inside a worker. All that is to be known stands in its folder afterwards.

    Returns:
        The state it ended in.
    """
    from model_lib.training.loop import train

    return train(Run(folder))


_shared: TrainingCluster | None = None
_shared_lock: Final = threading.Lock()


def shared_cluster() -> TrainingCluster:
    """Returns the one cluster of this process, started in the background by the first call.

    Raises:
        ClusterError: if one of the variables is no whole number above 0.
    """
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = TrainingCluster()
            atexit.register(_shared.close)
        return _shared


def shared_obstacle() -> str | None:
    """Returns the `obstacle` of this process's cluster; None also if none has been started."""
    return None if _shared is None else _shared.obstacle


def close_shared_cluster() -> None:
    """Ends the workers of this process's cluster, if there is one."""
    if _shared is not None:
        _shared.close()


def _whole_number(variable: str) -> int | None:
    """Returns the number that an environment variable holds, or None."""
    value = os.environ.get(variable, "").strip()
    if not value:
        return None
    is_number = value.isascii() and value.isdecimal() and len(value) < 10
    if not is_number or not 0 < int(value) <= _LARGEST_NUMBER:
        raise ClusterError(
            f"{variable} must be a whole number from 1 to {_LARGEST_NUMBER}. Received: {value!r:.60}. "
            "Set it to such a number, or unset it: then the app chooses one that suits this machine."
        )
    return int(value)


def _fail(run: Run, message: str) -> None:
    try:
        if run.recorded_state == "queued":
            run.fail(message)
    except OSError:  # a full disk must not end the thread that hands out all other runs
        _logger.error("run %s: %s", run.id, message)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
