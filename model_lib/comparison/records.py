"""Records of all runs, each read again only when its folder has changed."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from model_lib.comparison.record import RunRecord, read_record
from model_lib.storage.events import EVENTS_FILE
from model_lib.storage.notes import NOTES_FILE
from model_lib.storage.run import STATE_FILE, Run, RunError
from model_lib.storage.run_folders import list_runs

_FRESH_SECONDS: Final = 1.0
_WATCHED: Final = (STATE_FILE, EVENTS_FILE, NOTES_FILE)


class RunRecords:
    """Caches the records of a folder of runs; thread-safe.

    Args:
        root: the folder.
        fresh_seconds: how long the records are served from the cache.
    """

    def __init__(self, root: Path, fresh_seconds: float = _FRESH_SECONDS) -> None:
        self._root = root
        self._fresh_seconds = fresh_seconds
        self._lock = threading.Lock()
        self._taken: float | None = None
        self._known: dict[str, tuple[tuple[int, ...], RunRecord]] = {}

    def now(self) -> tuple[RunRecord, ...]:
        """Returns the records of all runs that can be read, the newest first, as they were within the last second."""
        with self._lock:  # callers during a read wait for its result
            now = time.monotonic()
            if self._taken is None or now - self._taken > self._fresh_seconds:
                self._known = self._read()
                self._taken = time.monotonic()
            return tuple(record for _, record in self._known.values())

    def forget(self) -> None:
        """Lets the next call look at all folders again."""
        with self._lock:
            self._taken = None

    def _read(self) -> dict[str, tuple[tuple[int, ...], RunRecord]]:
        known: dict[str, tuple[tuple[int, ...], RunRecord]] = {}
        for run in list_runs(self._root):
            stamp = tuple(_changed_ns(run, name) for name in _WATCHED)
            before = self._known.get(run.id)
            is_under_way = before is not None and before[1].state in ("queued", "running")  # its process may be gone
            if before is not None and before[0] == stamp and not is_under_way:
                known[run.id] = before
            else:
                with suppress(RunError):
                    known[run.id] = stamp, read_record(run)
        return known


def _changed_ns(run: Run, name: str) -> int:
    try:
        return (run.folder / name).stat().st_mtime_ns
    except OSError:
        return 0
