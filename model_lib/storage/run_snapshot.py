"""Cached snapshot of all runs, at most one read of the folder a second for all visitors."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_lib.storage.events import State
from model_lib.storage.notes import NOTES_FILE
from model_lib.storage.run import STATE_FILE, Run
from model_lib.storage.run_folders import list_runs

_FRESH_SECONDS: Final = 1.0
_MAX_RUNS: Final = 200


@dataclass(frozen=True)
class RunEntry:
    """One run of a snapshot.

    Args:
        run: the run.
        title: its display name.
        state: its state.
        place: its position in the queue, from 1; None if it is not queued.
    """

    run: Run
    title: str
    state: State
    place: int | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether it is queued or running."""
        return self.state in ("queued", "running")


@dataclass(frozen=True)
class _Cached:
    changed_ns: int
    noted_ns: int
    title: str
    state: State


class RunSnapshots:
    """Caches the last snapshot of a folder of runs; thread-safe.

    Args:
        root: the folder.
        fresh_seconds: how long a snapshot is served from the cache.
    """

    def __init__(self, root: Path, fresh_seconds: float = _FRESH_SECONDS) -> None:
        self._root = root
        self._fresh_seconds = fresh_seconds
        self._lock = threading.Lock()
        self._entries: tuple[RunEntry, ...] = ()
        self._taken: float | None = None
        # By run id, valid while state.json and notes.json are unmodified.
        self._known: dict[str, _Cached] = {}

    def now(self) -> tuple[RunEntry, ...]:
        """Returns the newest runs, at most 200, the newest first, as they were within the last second."""
        with self._lock:  # callers during a read wait for its result
            now = time.monotonic()
            if self._taken is None or now - self._taken > self._fresh_seconds:
                self._entries = self._take()
                self._taken = time.monotonic()
            return self._entries

    def forget(self) -> None:
        """Invalidates the cached snapshot."""
        with self._lock:
            self._taken = None

    def _take(self) -> tuple[RunEntry, ...]:
        known: dict[str, _Cached] = {}
        waiting: list[tuple[int, str]] = []
        runs = list_runs(self._root)[:_MAX_RUNS]
        for run in runs:
            changed_ns, noted_ns = changed_at_ns(run, STATE_FILE), changed_at_ns(run, NOTES_FILE)
            before = self._known.get(run.id)
            # Or its folder was being created, or it has been named.
            if before is None or not before.changed_ns or before.noted_ns != noted_ns:
                entry = _Cached(changed_ns, noted_ns, run.title, run.state)
            elif before.changed_ns != changed_ns or before.state in ("queued", "running"):
                entry = _Cached(changed_ns, noted_ns, before.title, run.state)
            else:
                entry = before
            known[run.id] = entry
            if entry.state == "queued":
                waiting.append((changed_ns, run.id))
        self._known = known
        places = {name: place for place, (_, name) in enumerate(sorted(waiting), 1)}
        return tuple(RunEntry(run, known[run.id].title, known[run.id].state, places.get(run.id)) for run in runs)


def changed_at_ns(run: Run, name: str) -> int:
    """Returns the modification time of a file of a run, in nanoseconds; 0 if there is none."""
    try:
        return (run.folder / name).stat().st_mtime_ns
    except OSError:
        return 0
