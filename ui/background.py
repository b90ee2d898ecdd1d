"""Long computations beside the pages: a click does not lose them, and whoever asks again finds the result.

A job runs in a thread of its own and knows nothing of Streamlit; the page looks at it from a small part that runs again
several times a second.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import streamlit as st

Report = Callable[[float], None]
Work = Callable[[Report], Any]

_LOOK_SECONDS = 0.25
# A result that comes within this time needs no progress bar.
_PATIENCE_SECONDS = 0.2
_KEPT_RESULTS = 60
# Two at a time, as most computations already keep several cores busy.
_THREADS = 2


class _CancelledError(Exception):
    pass


class Job:
    """One computation under way or done.

    Args:
        work: is given a function to report its progress, 0 to 1, and returns the result.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._is_cancelled = threading.Event()
        self.progress = 0.0
        self.future: Future[Any] = Future()

    def run(self) -> None:
        """Does the work in the calling thread. Whoever needs it does not raise here, but at `future.result()`."""
        try:
            self._report(0.0)
            self.future.set_result(self._work(self._report))
        except Exception as error:
            if not isinstance(error, _CancelledError):
                logging.getLogger(__name__).exception("a computation failed")
            self.future.set_exception(error)
        # The result is kept for long; what the work needed for it need not be.
        self._work = _nothing

    @property
    def is_done(self) -> bool:
        """Whether it ended, well or not."""
        return self.future.done()

    @property
    def has_failed(self) -> bool:
        """Whether it ended without a result."""
        return self.is_done and self.future.exception() is not None

    @property
    def is_cancelled(self) -> bool:
        """Whether it was told to end."""
        return self._is_cancelled.is_set()

    def cancel(self) -> None:
        """Ends it at its next report."""
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


class JobStore:
    """Jobs by what they compute, the latest ones kept."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(_THREADS, "look-inside")

    def start(self, key: Hashable, work: Work) -> Job:
        """Returns the job of this key, begun now unless it is there. One that was cancelled is begun again."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.is_cancelled:
                job = self._jobs[key] = Job(work)
                self._threads.submit(job.run)
            self._jobs.move_to_end(key)
            while len(self._jobs) > _KEPT_RESULTS:
                self._jobs.popitem(last=False)
            return job


@st.cache_resource(show_spinner=False)
def _jobs() -> JobStore:
    return JobStore()


def wait_for(key: Hashable, work: Work, text: str, slot: str | None = None) -> Any | None:
    """Returns the result of a computation, or shows how far it is and returns None until the page runs again.

    Args:
        key: what is computed; all visitors who ask for the same share one job.
        work: computes it, see `Job`.
        text: what is going on, beside the bar.
        slot: of this visitor's jobs with the same slot only the last goes on.

    Returns:
        The result; None while it is being computed, or when it failed, which is then said in the page.
    """
    if slot is not None:
        _cancel_other(slot, key)
    job = _jobs().start(key, work)
    if slot is not None:
        st.session_state[f"job-{slot}"] = (key, job)
    # A place of its own, also when there is nothing to show: parts of the page that redraw themselves must not move.
    with st.container():
        if not job.wait(_PATIENCE_SECONDS):
            st.fragment(_show_progress, run_every=_LOOK_SECONDS)(job, text)
            return None
        if job.has_failed:
            st.error(_words(job), icon=":material/error:")
            return None
    return job.future.result()


def _show_progress(job: Job, text: str) -> None:
    if job.is_done:
        st.rerun()
    st.progress(job.progress, text)


def _cancel_other(slot: str, key: Hashable) -> None:
    before = st.session_state.get(f"job-{slot}")
    if before is not None and before[0] != key:
        before[1].cancel()


def _words(job: Job) -> str:
    error = job.future.exception()
    return f"The computation failed with {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _nothing(report: Report) -> None:
    return None
