"""The bin of the runs: a deleted run lies in a hidden folder of the runs' folder for seven days and can be restored.

    .bin/<id>/                 the run's folder, unchanged but for
    .bin/<id>/deleted.json     when it was deleted

Nothing lists what lies there but `deleted_runs`.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_lib.files import read_json, write_json
from model_lib.storage.run import Run, RunError

BIN_FOLDER: Final = ".bin"
KEPT_DAYS: Final = 7
_DELETED_FILE: Final = "deleted.json"
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True)
class DeletedRun:
    """A run in the bin.

    Args:
        run: the run, whose folder lies in the bin.
        deleted: when it was deleted, seconds since 1970.
    """

    run: Run
    deleted: float

    @property
    def seconds_left(self) -> float:
        """How long it is still kept; below 0 where the next `sweep_bin` removes it."""
        return self.deleted + KEPT_DAYS * _DAY_SECONDS - time.time()


def delete_run(run: Run) -> None:
    """Moves a run into the bin.

    Raises:
        RunError: if it is queued or being trained, does not exist any more, or its folder cannot be moved.
    """
    state = run.state
    if state in ("queued", "running"):
        what = "waits in the queue" if state == "queued" else "is being trained"
        raise RunError(f"The run {run.title} {what}. Stop it first, then delete it.")
    if not run.exists:
        raise RunError(f"The run {run.id} has been deleted already.")
    target = run.folder.parent / BIN_FOLDER / run.id
    try:
        target.parent.mkdir(exist_ok=True)
        write_json(run.folder / _DELETED_FILE, {"time": time.time()})
        run.folder.rename(target)
    except OSError as error:
        (run.folder / _DELETED_FILE).unlink(missing_ok=True)
        raise RunError(f"The run {run.id} could not be moved into the bin: {error.strerror}.") from error


def deleted_runs(root: Path) -> list[DeletedRun]:
    """Returns the runs in the bin of a folder of runs, the last deleted first."""
    try:
        folders = [entry for entry in (root / BIN_FOLDER).iterdir() if entry.is_dir()]
    except OSError:
        return []
    found = [DeletedRun(Run(folder), _deleted_at(folder)) for folder in folders]
    return sorted(found, key=lambda each: (each.deleted, each.run.id), reverse=True)


def restore_run(root: Path, name: str) -> Run:
    """Moves a run from the bin back to the others.

    Args:
        root: the folder of the runs.
        name: the run's id.

    Raises:
        RunError: if it does not lie there any more, or its folder cannot be moved.
    """
    found = next((each for each in deleted_runs(root) if each.run.id == name), None)
    if found is None:
        raise RunError(f"The run {name} is not in the bin any more. Runs are kept there for {KEPT_DAYS} days.")
    run = Run(root / name)
    try:
        found.run.folder.rename(run.folder)
    except OSError as error:
        raise RunError(f"The run {name} could not be brought back: {error.strerror}.") from error
    (run.folder / _DELETED_FILE).unlink(missing_ok=True)
    return run


def sweep_bin(root: Path) -> None:
    """Removes the runs that have been in the bin for longer than `KEPT_DAYS`."""
    for each in deleted_runs(root):
        if each.seconds_left < 0:
            shutil.rmtree(each.run.folder, ignore_errors=True)


def _deleted_at(folder: Path) -> float:
    try:
        when = read_json(folder / _DELETED_FILE).get("time")
        if isinstance(when, int | float):
            return float(when)
    except (OSError, ValueError):
        pass
    try:
        return folder.stat().st_ctime  # the move has set it
    except OSError:  # restored meanwhile
        return time.time()
