"""The runs of each sweep, found by the link in each run's folder."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from model_lib.storage.run import Run
from model_lib.storage.run_folders import list_runs
from model_lib.storage.sweep_link import SWEEP_FILE, SweepLink, read_link

# By index of the point, and seed.
SweepRuns: TypeAlias = dict[tuple[int, int], Run]


class RunLinks:
    """Finds the runs of sweeps; the link of a run is read once, since it never changes. Thread-safe.

    Args:
        root: the folder of the runs.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, SweepLink | None] = {}
        self._lock = threading.Lock()

    def runs_by_sweep(self) -> Mapping[str, SweepRuns]:
        """Returns the runs of each sweep, by its id. Of two runs of one point and seed the older one counts."""
        found: dict[str, SweepRuns] = {}
        with self._lock:
            known: dict[str, SweepLink | None] = {}
            for run in list_runs(self._root):  # the newest first
                link = self._known[run.id] if run.id in self._known else _link(run)
                known[run.id] = link
                if link is not None:
                    found.setdefault(link.sweep, {})[link.point, link.seed] = run
            self._known = known
        return found

    def runs_of(self, sweep: str) -> SweepRuns:
        """Returns the runs of one sweep."""
        return self.runs_by_sweep().get(sweep, {})


def _link(run: Run) -> SweepLink | None:
    return read_link(run.folder) if (run.folder / SWEEP_FILE).exists() else None
