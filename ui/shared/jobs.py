"""Long computations beside the pages: a click does not lose them, and whoever asks again finds the result.

A job runs in a thread of its own, or waits there for the compute worker, and knows nothing of Streamlit; the page looks
at it from a small part that runs again several times a second.
"""

from __future__ import annotations

import logging
import pickle
import threading
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar, cast

import streamlit as st

from model_lib.compute.messages import Computation
from model_lib.compute.worker import WorkerLostError, shared_worker
from model_lib.datasets.loading import DatasetError
from model_lib.predictions import PredictionError
from model_lib.storage.run import RunError
from ui.shared.visit import state_of

T = TypeVar("T")
Report = Callable[[float], None]
Work = Callable[[Report], T]

_LOOK_SECONDS = 0.25
# A result that comes within this time needs no progress bar, nor the page runs after it, which a full class would wait
# for; a thread that waits costs nothing. While nothing is computed yet that is said at once.
_PATIENCE_SECONDS = 0.8
# All visitors' results together. What takes much memory, the features of all images, stays in the compute worker.
_KEPT_BYTES = 64 * 1024 * 1024
# Above this many even small ones are let go: each holds some objects besides its numbers.
_KEPT_RESULTS = 500
# A computation that failed is begun again for whoever asks after this time, as its cause may be gone.
_FAILED_SECONDS = 20.0
# In this process two at a time, as they hold the interpreter lock for the most part; see `Computation.is_batch`.
_THREADS = {"here": 2, "interactive": 1, "batch": 1}

# What can go wrong without a fault of the app; the message is for the visitor.
_EXPECTED = (RunError, DatasetError, PredictionError, WorkerLostError)


class _CancelledError(Exception):
    pass


class Job(Generic[T]):
    """One computation, running or done.

    `join` and `leave` are not atomic: a `JobStore` calls them under its lock.

    Args:
        work: is given a function to report its progress, 0 to 1, and returns the result.
    """

    def __init__(self, work: Work[T]) -> None:
        self._work: Work[T] | None = work
        self._is_cancelled = threading.Event()
        self._waiting: set[str] = set()
        self._ended = 0.0
        self.is_queued = True
        self.progress = 0.0
        self.bytes = 0
        self.future: Future[T] = Future()

    def run(self) -> None:
        """Does the work in the calling thread, once. An error is raised at `future.result()`, not here."""
        assert self._work is not None, "a job runs once"
        self.is_queued = False
        try:
            self._report(0.0)
            result = self._work(self._report)
            self.bytes = size_in_bytes(result)
            self._ended = time.monotonic()
            self.future.set_result(result)
        except Exception as error:
            if not isinstance(error, (_CancelledError, *_EXPECTED)):
                logging.getLogger(__name__).exception("a computation failed")
            self._ended = time.monotonic()
            self.future.set_exception(error)
        # The result is kept for long; what the work needed for it need not be.
        self._work = None

    @property
    def is_done(self) -> bool:
        """Whether it ended, well or not."""
        return self.future.done()

    @property
    def has_failed(self) -> bool:
        """Whether it ended without a result."""
        return self.is_done and self.future.exception() is not None

    @property
    def is_lost(self) -> bool:
        """Whether it must be begun again: it was told to end before it had, or it failed some time ago."""
        if not self.has_failed:
            return self._is_cancelled.is_set() and not self.is_done
        return self._is_cancelled.is_set() or time.monotonic() - self._ended > _FAILED_SECONDS

    def join(self, visitor: str) -> None:
        """Adds a visitor to those who wait for the result."""
        self._waiting.add(visitor)

    def leave(self, visitor: str) -> None:
        """Cancels the computation at its next report if it is running and no other visitor waits for it."""
        self._waiting.discard(visitor)
        if not self._waiting and not self.is_done:
            self._is_cancelled.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until it ended, at most so long. Returns whether it did."""
        try:
            self.future.exception(seconds)
        except TimeoutError:
            return False
        return True

    def _report(self, progress: float) -> None:
        if self._is_cancelled.is_set():
            raise _CancelledError
        self.progress = min(1.0, progress)


class _Queue:
    """Runs so many jobs at once, the visitors in turn: whoever asks for much does not keep the others waiting."""

    def __init__(self, threads: int, name: str) -> None:
        self._idle_threads = threads
        self._name = name
        self._jobs: OrderedDict[str, deque[Job[Any]]] = OrderedDict()  # by visitor, whose turn is next first
        self._lock = threading.Lock()

    def put(self, job: Job[Any], visitor: str) -> None:
        with self._lock:
            self._jobs.setdefault(visitor, deque()).append(job)
            if not self._idle_threads:
                return
            self._idle_threads -= 1
        # A daemon: the end of the server need not wait for a result.
        try:
            threading.Thread(target=self._run, daemon=True, name=f"jobs-{self._name}").start()
        except RuntimeError:  # the system has no thread left; the next job that is put in starts one for all
            with self._lock:
                self._idle_threads += 1

    def _run(self) -> None:
        while (job := self._next()) is not None:
            job.run()

    def _next(self) -> Job[Any] | None:
        with self._lock:
            if not self._jobs:
                self._idle_threads += 1
                return None
            visitor, jobs = next(iter(self._jobs.items()))
            job = jobs.popleft()
            self._jobs.move_to_end(visitor)
            if not jobs:
                del self._jobs[visitor]
            return job


class JobStore:
    """Jobs by what they compute, those that were asked for last kept.

    Args:
        kept_bytes: of all results together; the last one is kept whatever its size.
    """

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._jobs: OrderedDict[Hashable, Job[Any]] = OrderedDict()
        self._kept_bytes = kept_bytes
        self._lock = threading.Lock()
        self._queues = {name: _Queue(threads, name) for name, threads in _THREADS.items()}

    def start(self, key: Hashable, work: Work[T], visitor: str = "", queue: str = "here") -> Job[T]:
        """Returns the job of this key, started now unless it is running or done.

        Args:
            key: what is computed. All work under one key returns the same type.
            work: see `Job`.
            visitor: who waits for the result.
            queue: "here" for what this process computes, "interactive" and "batch" for the compute worker.
        """
        with self._lock:
            job = cast("Job[T] | None", self._jobs.get(key))
            if job is None or job.is_lost:
                job = self._jobs[key] = Job(work)
                self._queues[queue].put(job, visitor)
            job.join(visitor)
            self._jobs.move_to_end(key)
            self._let_go()
            return job

    def leave(self, job: Job[Any], visitor: str) -> None:
        """Cancels a job that nobody else waits for: under the lock, or one who joins meanwhile would see it fail."""
        with self._lock:
            job.leave(visitor)

    def forget(self, key: Hashable) -> None:
        """Drops a job, so that it is started again when it is next asked for."""
        with self._lock:
            self._jobs.pop(key, None)

    def _let_go(self) -> None:
        """Drops the results that were asked for least recently, until the others are few and small enough."""
        kept = 0
        for place, (key, job) in enumerate(reversed(list(self._jobs.items()))):
            kept += job.bytes
            if place and job.is_done and (kept > self._kept_bytes or place >= _KEPT_RESULTS):
                kept -= job.bytes
                del self._jobs[key]


def size_in_bytes(result: Any) -> int:
    """Returns how much memory a result holds: that of its arrays, counted without copying them, and the rest."""
    buffers: list[pickle.PickleBuffer] = []
    try:
        rest = len(pickle.dumps(result, protocol=5, buffer_callback=buffers.append))
    except Exception:  # what cannot be pickled is a function or a lock, and no large array
        return 0
    return rest + sum(buffer.raw().nbytes for buffer in buffers)


@st.cache_resource(show_spinner=False)
def _jobs() -> JobStore:
    return JobStore()


@dataclass
class _Waiting:
    """What this visitor waits for: who they are to the jobs, and the last job of each slot."""

    visitor: str = field(default_factory=lambda: uuid.uuid4().hex)
    slots: dict[str, tuple[Hashable, Job[Any]]] = field(default_factory=dict)


def wait_for(
    key: Hashable,
    work: Work[T],
    text: str,
    slot: str | None = None,
    obstacle: Callable[[], str | None] = lambda: None,
) -> T | None:
    """Returns the result of a computation, or shows its progress and returns None until the page runs again.

    Args:
        key: what is computed; all visitors who ask for the same share one job.
        work: computes it, see `Job`.
        text: what is computed, in words, beside the bar.
        slot: of this visitor's jobs with the same slot only the last continues.
        obstacle: what the work may have to wait for at the moment, said instead of the text; None if nothing.

    Returns:
        The result; None while it is being computed, or when it failed, which is then shown beside a button that
        starts it again.
    """
    return _wait_for(key, work, text, slot, obstacle=obstacle)


def compute(computation: Computation[T], text: str, slot: str | None = None) -> T | None:
    """Returns the result of a computation in the compute worker, as `wait_for` does.

    Args:
        computation: see `model_lib.compute.computations`.
        text: see `wait_for`; while the worker loads TensorFlow that is said instead.
        slot: see `wait_for`.
    """
    worker = shared_worker()
    queue = "batch" if computation.is_batch else "interactive"
    return _wait_for(computation, partial(worker.compute, computation), text, slot, queue, lambda: worker.obstacle)


def _wait_for(
    key: Hashable,
    work: Work[T],
    text: str,
    slot: str | None,
    queue: str = "here",
    obstacle: Callable[[], str | None] = lambda: None,
) -> T | None:
    waiting = state_of(_Waiting)
    if slot is not None:
        other, job_before = waiting.slots.get(slot, (key, None))
        if job_before is not None and other != key:
            _jobs().leave(job_before, waiting.visitor)
    job = _jobs().start(key, work, waiting.visitor, queue)
    if slot is not None:
        waiting.slots[slot] = (key, job)
    # A place of its own, also when there is nothing to show: parts of the page that redraw themselves must not move.
    with st.container():
        if not job.wait(0.0 if obstacle() else _PATIENCE_SECONDS):
            st.fragment(_show_progress, run_every=_LOOK_SECONDS)(job, text, obstacle)
            return None
        if job.has_failed:
            st.error(_words(job), icon=":material/error:")
            st.button(
                "Try again", icon=":material/refresh:", key=f"again-{hash(key)}", on_click=_jobs().forget, args=(key,)
            )
            return None
    return job.future.result()


def _show_progress(job: Job[Any], text: str, obstacle: Callable[[], str | None]) -> None:
    if job.is_done:
        st.rerun()
    st.progress(job.progress, obstacle() or (f"{text} (waits for its turn)" if job.is_queued else text))


def _words(job: Job[Any]) -> str:
    error = job.future.exception()
    if isinstance(error, _EXPECTED):
        return str(error)
    return f"The computation failed with {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
