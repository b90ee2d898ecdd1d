"""Records of all runs, each read again only when its folder has changed."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from model_lib.comparison.index import Known, load_index, save_index
from model_lib.comparison.record import RunRecord, read_record
from model_lib.storage.events import EVENTS_FILE
from model_lib.storage.notes import NOTES_FILE
from model_lib.storage.run import STATE_FILE, RunError
from model_lib.storage.run_folders import list_runs
from model_lib.storage.run_snapshot import changed_at_ns

_FRESH_SECONDS: Final = 1.0
_WATCHED: Final = (STATE_FILE, EVENTS_FILE, NOTES_FILE)
# The index is written when it would save the next server so many readings.
_UNSAVED: Final = 20


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
        self._known: dict[str, Known] = {}
        self._records: tuple[RunRecord, ...] = ()
        self._has_index = False
        # Ids of ended runs that were read since the index was written.
        self._unsaved: set[str] = set()

    def now(self) -> tuple[RunRecord, ...]:
        """Returns the records of all runs that can be read, the newest first, as they were within the last second.

        It is the same tuple as long as nothing has changed.
        """
        with self._lock:  # callers during a read wait for its result
            now = time.monotonic()
            if self._taken is None or now - self._taken > self._fresh_seconds:
                self._read()
                self._taken = time.monotonic()
            return self._records

    def forget(self) -> None:
        """Lets the next call look at all folders again."""
        with self._lock:
            self._taken = None

    def _read(self) -> None:
        if not self._has_index:
            self._known, self._has_index = load_index(self._root), True
        known: dict[str, Known] = {}
        for run in list_runs(self._root):
            stamp = tuple(changed_at_ns(run, name) for name in _WATCHED)
            before = self._known.get(run.id)
            is_under_way = before is not None and before[1].state in ("queued", "running")  # its process may be gone
            if before is not None and before[0] == stamp and not is_under_way:
                known[run.id] = before
                continue
            with suppress(RunError):
                record = read_record(run)
                is_same = before is not None and before[1] == record
                known[run.id] = stamp, before[1] if before is not None and is_same else record
                if record.state not in ("queued", "running"):
                    self._unsaved.add(run.id)
        self._known = known
        records = tuple(record for _, record in known.values())
        is_unchanged = len(records) == len(self._records) and all(
            new is old for new, old in zip(records, self._records, strict=True)
        )
        if not is_unchanged:
            self._records = records
        if len(self._unsaved) >= _UNSAVED:
            self._unsaved.clear()
            save_index(self._root, known)


_shared: Final[dict[Path, RunRecords]] = {}
_shared_lock: Final = threading.Lock()


def shared_records(root: Path) -> RunRecords:
    """Returns the records of a folder of runs that all visitors share."""
    with _shared_lock:
        return _shared.setdefault(root, RunRecords(root))
