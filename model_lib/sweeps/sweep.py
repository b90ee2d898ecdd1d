"""One sweep: a folder `runs/.sweeps/<id>/` with its plan and what was last asked of it.

    sweep.json     the plan, written once
    state.json     running, paused, stopping, stopped or finished
    study.log      Optuna's journal, where successive halving stops runs

Its runs are runs as all others; each has the id of its sweep in its own folder (`model_lib/storage/sweep_link.py`).
"""

from __future__ import annotations

import re
import shutil
import time
import uuid
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, get_args

from model_lib.files import read_json, write_json
from model_lib.runs import runs_root
from model_lib.storage.format import FormatError, with_format, without_format
from model_lib.storage.run import STATE_FILE as RUN_STATE_FILE
from model_lib.storage.run import Run
from model_lib.storage.sweep_link import read_link
from model_lib.sweeps.plan import SweepError, SweepPlan

SweepState = Literal["running", "paused", "stopping", "stopped", "finished"]

SWEEPS_FOLDER: Final = ".sweeps"
PLAN_FILE: Final = "sweep.json"
STATE_FILE: Final = "state.json"
STUDY_FILE: Final = "study.log"
_ID: Final = r"\d{8}-\d{6}-[0-9a-f]{4}"
_HIDDEN: Final = "."


class Sweep:
    """One sweep, read from its folder.

    Args:
        folder: the sweep's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def root(self) -> Path:
        """The folder of its runs."""
        return self.folder.parent.parent

    @cached_property
    def plan(self) -> SweepPlan:
        """What it tries.

        Raises:
            SweepError: if the file is missing or damaged, or of a newer format.
        """
        try:
            return SweepPlan.from_dict(without_format(read_json(self.folder / PLAN_FILE)))
        except (OSError, ValueError, FormatError) as error:
            raise SweepError(f"The plan of the sweep {self.id} cannot be read: {error}") from error

    @property
    def state(self) -> SweepState:
        """What it does; a damaged record counts as stopped."""
        recorded = self._record().get("state")
        states: tuple[SweepState, ...] = get_args(SweepState)
        return next((state for state in states if state == recorded), "stopped")

    @property
    def reason(self) -> str:
        """Why it was paused other than by a visitor; empty if there is no such reason."""
        return str(self._record().get("reason", ""))

    @property
    def again(self) -> frozenset[str]:
        """Ids of its paused and stopped runs that `go_on` named; see `is_unchanged_since_told`."""
        again = self._record().get("again", [])
        return frozenset(map(str, again)) if isinstance(again, list) else frozenset()

    def is_unchanged_since_told(self, run: Run) -> bool:
        """Returns whether the state of a run is older than that of the sweep.

        A run that is stopped once more after `go_on` stays so, also after a restart of the server.
        """
        try:
            asked = (self.folder / STATE_FILE).stat().st_mtime_ns
            changed = (run.folder / RUN_STATE_FILE).stat().st_mtime_ns
        except OSError:
            return False
        return changed <= asked

    @property
    def is_active(self) -> bool:
        """Whether there is something to do for it."""
        return self.state in ("running", "stopping")

    @property
    def started(self) -> float:
        """When it was started, in seconds since 1970."""
        return time.mktime(time.strptime(self.id[:15], "%Y%m%d-%H%M%S"))

    def set_state(self, state: SweepState, reason: str = "", again: Collection[str] = ()) -> None:
        """Records what it is to do.

        Raises:
            SweepError: if the folder cannot be written.
        """
        content = {"state": state, "reason": reason, "again": sorted(again)}
        try:
            write_json(self.folder / STATE_FILE, {name: value for name, value in content.items() if value})
        except OSError as error:
            raise SweepError(f"The sweep's folder {self.folder} cannot be written: {error.strerror}.") from error

    def _record(self) -> dict[str, Any]:
        try:
            return read_json(self.folder / STATE_FILE)
        except (OSError, ValueError):
            return {}


def create_sweep(plan: SweepPlan, root: str | Path | None = None) -> Sweep:
    """Creates the folder of a sweep, which then is running; `shared_driver` starts its runs.

    Raises:
        SweepError: if the folder cannot be written.
    """
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:4]}"
    folder = runs_root(root) / SWEEPS_FOLDER / name
    hidden = folder.with_name(f"{_HIDDEN}{name}")
    try:
        hidden.mkdir(parents=True)
        write_json(hidden / PLAN_FILE, with_format(plan.as_dict()))
        Sweep(hidden).set_state("running")
        hidden.rename(folder)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        raise SweepError(
            f"The sweep could not be written to {folder.parent}: {error.strerror}. Free some space, then try again."
        ) from error
    return Sweep(folder)


def list_sweeps(root: str | Path | None = None) -> list[Sweep]:
    """Returns all sweeps, the newest first."""
    folder = runs_root(root) / SWEEPS_FOLDER
    if not folder.is_dir():
        return []
    names = sorted((entry.name for entry in folder.iterdir() if re.fullmatch(_ID, entry.name)), reverse=True)
    return [Sweep(folder / name) for name in names]


def find_sweep(name: str, root: str | Path | None = None) -> Sweep | None:
    """Returns the sweep of this id; None if there is none, whatever the name is."""
    folder = runs_root(root) / SWEEPS_FOLDER / name if re.fullmatch(_ID, name) else None
    return Sweep(folder) if folder is not None and folder.is_dir() else None


def go_on(sweep: Sweep, sweep_runs: Iterable[Run]) -> None:
    """Lets a paused or stopped sweep go on, its paused and stopped runs included; not those that successive halving
    has stopped.

    Args:
        sweep: the sweep.
        sweep_runs: its runs.

    Raises:
        SweepError: if the folder cannot be written.
    """
    links = ((run, read_link(run.folder)) for run in sweep_runs if run.state in ("paused", "stopped"))
    sweep.set_state("running", again={run.id for run, link in links if link is not None and link.stopped_at is None})
