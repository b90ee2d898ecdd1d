"""All runs as they are now, read once a second however many ask."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_lib.storage.run import Run, State
from model_lib.storage.run_folders import list_runs

_FRESH_SECONDS: Final = 1.0
_MOST_RUNS: Final = 200


@dataclass(frozen=True)
class RunEntry:
    """One run of a snapshot.

    Args:
        run: the run.
        title: what a person calls it.
        state: where it stood.
        place: its place in the queue, from 1; None if it did not wait.
    """

    run: Run
    title: str
    state: State
    place: int | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether it waited or was trained."""
        return self.state in ("queued", "running")


@dataclass(frozen=True)
class _Known:
    changed_ns: int
    title: str
    state: State


class RunSnapshots:
    """Keeps the last snapshot of a folder of runs; any number of threads may ask.

    Args:
        root: the folder.
        fresh_seconds: how long a snapshot is given out before another one is taken.
    """

    def __init__(self, root: Path, fresh_seconds: float = _FRESH_SECONDS) -> None:
        self._root = root
        self._fresh_seconds = fresh_seconds
        self._lock = threading.Lock()
        self._entries: tuple[RunEntry, ...] = ()
        self._taken: float | None = None
        # What was read of a run whose state.json has not changed since.
        self._known: dict[str, _Known] = {}

    def now(self) -> tuple[RunEntry, ...]:
        """Returns the newest runs, at most 200, the newest first, as they were within the last second."""
        with self._lock:  # who comes while one is taken waits for it, and has it
            now = time.monotonic()
            if self._taken is None or now - self._taken > self._fresh_seconds:
                self._entries = self._take()
                self._taken = time.monotonic()
            return self._entries

    def forget(self) -> None:
        """Lets the next one who asks see what has changed right now."""
        with self._lock:
            self._taken = None

    def _take(self) -> tuple[RunEntry, ...]:
        known: dict[str, _Known] = {}
        waiting: list[tuple[int, str]] = []
        runs = list_runs(self._root)[:_MOST_RUNS]
        for run in runs:
            try:
                changed_ns = (run.folder / "state.json").stat().st_mtime_ns
            except OSError:
                changed_ns = 0
            before = self._known.get(run.id)
            if before is None or not before.changed_ns:  # or its folder was just being made
                entry = _Known(changed_ns, run.title, run.state)
            elif before.changed_ns != changed_ns or before.state in ("queued", "running"):
                entry = _Known(changed_ns, before.title, run.state)
            else:
                entry = before
            known[run.id] = entry
            if entry.state == "queued":
                waiting.append((changed_ns, run.id))
        self._known = known
        places = {name: place for place, (_, name) in enumerate(sorted(waiting), 1)}
        return tuple(RunEntry(run, known[run.id].title, known[run.id].state, places.get(run.id)) for run in runs)
