"""Training cluster: worker processes of a local Dask cluster, or a remote Dask scheduler.

Dask provides the queue, the processes, their restart after a crash, and the workers on other machines. A task's only
argument is the path of a run's folder; with several machines that folder is on shared storage.
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
from multiprocessing import resource_tracker
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from model_lib.engine.threads import tf_thread_env
from model_lib.storage.run import Run
from model_lib.training import worker_preload
from model_lib.training.cluster_settings import cluster_settings
from model_lib.training.worker_restarts import end_processes, restart_lost_workers

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

# A page says what is wrong within five seconds.
_CONNECT_SECONDS: Final = 3.0
_WATCH_SECONDS: Final = 0.5
_CLOSE_SECONDS: Final = 10.0
# Of a worker until it has joined, on a laptop of two cores.
_USUAL_START_SECONDS: Final = 20

_logger = logging.getLogger(__name__)


class TrainingCluster:
    """Preloaded worker processes, one run each at a time, in the order of submission.

    Starting takes some seconds (every worker loads Keras), so a thread does it: `submit` can be called immediately and
    does not block. The same thread restarts workers that have ended.

    Args:
        workers: number of processes; None reads TRAINING_WORKERS, else one for every four cores.
        threads: cores for each; None reads TRAINING_THREADS, else the cores divided evenly.
        scheduler: address of a remote Dask scheduler; None reads TRAINING_SCHEDULER, else the workers are started on
            this machine.

    Raises:
        VariableError: if one of the variables has an invalid value.
    """

    def __init__(self, workers: int | None = None, threads: int | None = None, scheduler: str | None = None) -> None:
        settings = cluster_settings(workers)
        self.workers = settings.workers
        self.threads = threads or settings.threads
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
        """Whether at least one worker is connected and preloaded."""
        return self._live_workers > 0

    @property
    def obstacle(self) -> str | None:
        """Why no worker can take the next run, for the visitor; None if one can."""
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
                "The training process ended unexpectedly and is being started again: "
                f"loading TensorFlow, about {_USUAL_START_SECONDS} s ({since})."
            )
        return f"Loading TensorFlow, about {_USUAL_START_SECONDS} s the first time ({since})."

    @property
    def start_progress(self) -> float | None:
        """How much of a worker's usual start has passed, 0 to 0.95; None while none is being started."""
        if self._error is not None or self._live_workers or self._scheduler:
            return None
        return min(0.95, (time.monotonic() - self._without_workers_since) / _USUAL_START_SECONDS)

    def wait_until_ready(self, timeout_seconds: float = 120.0) -> None:
        """Waits until all workers are connected and preloaded.

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
        """Ends the workers; runs in training become interrupted and can resume from their last epoch."""
        if self._is_closing.is_set():
            return
        self._is_closing.set()
        # Dask logs every connection that ends.
        for name in ("distributed", "tornado.application", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        closer = threading.Thread(target=self._close_parts, daemon=True)
        try:
            closer.start()
        except RuntimeError:  # Python 3.12 starts no thread during interpreter shutdown
            if self._cluster is not None:
                end_processes(self._cluster)
        end = time.monotonic() + _CLOSE_SECONDS
        while closer.is_alive() and time.monotonic() < end:
            # Dask waits for a worker that starts, which waits for TensorFlow.
            if self._cluster is not None:
                end_processes(self._cluster)
            closer.join(0.2)
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _serve(self) -> None:
        """Starts the cluster, submits runs and restarts lost workers, until `close`."""
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
                    _fail(run, f"The run could not be submitted to a training process: {error}")

    def _serve_once(self, run: Run | None) -> None:
        # Dask gives up a remote scheduler after its connection timeout; the scheduler may come back later.
        is_lost = self._had_client and (self._client is None or self._client.status == "closed")
        if is_lost or (run is not None and self._client is None):
            self._try_to_start()
        if self._client is not None:
            self._monitor_workers()
        if run is not None and self._client is not None and self._client.status == "running":
            self._submit(run)
            return
        if self._had_client:  # keep the queue until the scheduler is back
            if run is not None:
                self._submitted.put(run)
                self._is_closing.wait(_WATCH_SECONDS)
            return
        if run is None:
            return
        # Runs submitted during the failed attempt fail with it.
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
                self._error = self._unreachable_message
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
                # A queued run must survive any number of worker crashes. A run in training whose worker died is
                # submitted again too; `train` finds the state "running" and returns.
                "distributed.scheduler.allowed-failures": 1_000_000,
                # After this timeout Dask drops a worker that has not registered again. Loading TensorFlow on a busy
                # machine takes more than the default of 15 seconds; `restart_lost_workers` handles lost workers.
                "distributed.deploy.lost-worker-timeout": "365 days",
            }
        )
        if self._is_closing.is_set():
            return
        self._scratch = tempfile.mkdtemp(prefix="training-workers-")
        # No workers yet: if one were killed while starting, LocalCluster would raise.
        self._cluster = LocalCluster(
            n_workers=0,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            # Loopback only: the dashboard exposes the queue.
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            security=Security.temporary(),
            preload=[worker_preload.__name__],
            env=dict(tf_thread_env(self.threads)),
            local_directory=self._scratch,
            silence_logs=logging.CRITICAL,
        )
        self._client = Client(self._cluster, set_as_default=False)
        # Registered after distributed's own exit handler, and so called before it: its workers' end is no crash.
        atexit.register(self.close)
        self._cluster.scale(self.workers)

    def _monitor_workers(self) -> None:
        if self._cluster is not None:
            restart_lost_workers(self._cluster, self.workers)
            live = len(self._cluster.scheduler_info["workers"])
        else:
            assert self._client is not None
            live = self._count_remote_workers()
        if live < self._live_workers and not self._is_closing.is_set():
            _logger.warning("a training process has ended unexpectedly and is started again")
        if self._live_workers and not live:
            self._without_workers_since = time.monotonic()
        self._live_workers = live
        self._had_workers |= live > 0

    @property
    def _unreachable_message(self) -> str:
        return f"The scheduler at {self._scheduler} does not answer. The queue goes on when it does again."

    def _count_remote_workers(self) -> int:
        """Returns the number of workers of the remote scheduler, 0 while it does not answer."""
        assert self._client is not None
        if self._client.status != "running":
            self._error = self._unreachable_message
            return 0
        self._error = None
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def _submit(self, run: Run) -> None:
        assert self._client is not None
        # Impure and with a unique key: a resumed run has the same argument.
        future = self._client.submit(train_folder, str(run.folder), pure=False, key=f"{run.id}-{os.urandom(4).hex()}")
        self._futures[future.key] = future  # Dask cancels a task without references
        future.add_done_callback(lambda done: self._release(run, done))

    def _release(self, run: Run, future: Any) -> None:
        """Drops the reference to a finished task; a run that no worker has started is failed or queued again."""
        self._futures.pop(future.key, None)
        if self._is_closing.is_set() or future.status == "finished" or run.recorded_state != "queued":
            return
        if future.status == "error":
            _fail(run, f"The training could not be started: {_first_line(future.exception())}")
        else:  # lost with a remote scheduler
            self._submitted.put(run)

    def _close_parts(self) -> None:
        self._server.join(_CLOSE_SECONDS)  # it may be starting what has to be closed
        for part in (self._client, self._cluster):
            if part is not None:
                try:
                    part.close(timeout=_CLOSE_SECONDS)
                except Exception:  # no caller can handle it during shutdown
                    _logger.debug("closing the training cluster", exc_info=True)


def train_folder(folder: str) -> str:
    """Trains one run inside a worker; the results are in its folder.

    Returns:
        The state in which it ended.
    """
    from model_lib.training.loop import train

    return train(Run(folder))


_shared: TrainingCluster | None = None
_shared_lock: Final = threading.Lock()


def shared_cluster() -> TrainingCluster:
    """Returns the cluster of this process, started in the background by the first call.

    Raises:
        VariableError: if one of the variables has an invalid value.
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


def shared_start_progress() -> float | None:
    """Returns the `start_progress` of this process's cluster; None also if none has been started."""
    return None if _shared is None else _shared.start_progress


def close_shared_cluster() -> None:
    """Ends the workers of this process's cluster, if there is one."""
    if _shared is not None:
        _shared.close()


def _fail(run: Run, message: str) -> None:
    try:
        if run.recorded_state == "queued":
            run.fail(message)
    except OSError:  # a full disk must not end the thread that submits all other runs
        _logger.error("run %s: %s", run.id, message)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
