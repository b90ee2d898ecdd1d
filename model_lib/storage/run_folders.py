"""Run folders: creation, listing, and the order of the queue."""

from __future__ import annotations

import dataclasses
import itertools
import os
import re
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final

from model_lib.config.network import NetworkSpec
from model_lib.config.summary import summarise
from model_lib.config.training import SETTINGS, TrainingConfig, check_config
from model_lib.environment import PROJECT, RUNS_FOLDER
from model_lib.files import write_json
from model_lib.storage.bin import deleted_runs
from model_lib.storage.format import with_format
from model_lib.storage.lineage import Start, parents_entry, save_start
from model_lib.storage.run import CHECKPOINTS_FOLDER, CONFIG_FILE, SPEC_FILE, STATE_FILE, Run, RunError
from model_lib.storage.sweep_link import SweepLink, write_link

# How the names of folders begin that are no runs yet.
HIDDEN: Final = "."


def runs_root(root: str | Path | None = None) -> Path:
    """Returns the folder of all runs: `root`, else the variable RUNS_FOLDER, else `runs/` in the project."""
    return Path(root or RUNS_FOLDER.read() or PROJECT / "runs").resolve()


# In front of the name of a folder that is no run, or not yet.
_CREATING: Final = ".creating-"
# A folder that is still being created after so long was left behind by a process that is gone.
_LONGEST_CREATION_SECONDS: Final = 3600.0


def create_run(
    spec: NetworkSpec,
    config: TrainingConfig,
    root: str | Path | None = None,
    start: Start | None = None,
    link: SweepLink | None = None,
) -> Run:
    """Creates the folder of a queued run without submitting it.

    The folder is made under a hidden name and renamed when it is complete: a process that is killed meanwhile leaves
    no half of a run, and a run of a sweep is never without its link.

    Args:
        spec: the network.
        config: the settings.
        root: the folder for the runs; see `runs_root`.
        start: what it goes on from, copied into its folder; None for random first weights.
        link: which point of a sweep it is; None for a run of its own.

    Raises:
        NetworkError, SettingsError: if the network or the settings are impossible.
        RunError: if the folder cannot be made, or the weights of `start` are not those of this network.
    """
    parameters = sum(row.parameters for row in summarise(spec))
    check_config(config)
    if start is not None and (received := sum(weight.size for weight in start.weights)) != parameters:
        raise RunError(
            f"The weights to go on from must be those of the same network, {parameters:,} parameters. "
            f"Received: {received:,}."
        )
    while (final := runs_root(root) / new_id(spec)).exists():  # of a sweep many are created in one second
        pass
    folder = final.with_name(f"{_CREATING}{final.name}")
    try:
        (folder / CHECKPOINTS_FOLDER).mkdir(parents=True)
        write_json(folder / SPEC_FILE, with_format(spec.as_dict()))
        if start is not None:
            save_start(folder, start)
        parents = {} if start is None else parents_entry(start.ancestors)
        write_json(folder / CONFIG_FILE, with_format(config.as_dict() | parents))
        if link is not None:
            write_link(folder, link)
        Run(folder).set_state("queued")
        folder.rename(final)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise RunError(
            f"The run could not be written to {folder.parent}: {error.strerror}. "
            f"Free some space, or name another folder in the variable {RUNS_FOLDER.name}."
        ) from error
    return Run(final)


def new_id(spec: NetworkSpec) -> str:
    """Returns an id for a run of a network; a random suffix keeps two of the same second apart."""
    name = re.sub(r"[^a-z0-9_]+", "-", spec.name.lower())[:40] or "network"
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{name}-{uuid.uuid4().hex[:4]}"


def list_runs(root: str | Path | None = None) -> list[Run]:
    """Returns all runs, the newest first; none if the folder does not exist. Hidden folders, as the bin, are none."""
    try:
        with os.scandir(runs_root(root)) as entries:
            folders = [entry for entry in entries if not entry.name.startswith(HIDDEN) and entry.is_dir()]
    except OSError:
        return []
    return [Run(entry.path) for entry in sorted(folders, key=lambda entry: entry.name, reverse=True)]


def remove_unfinished_folders(root: str | Path | None = None) -> None:
    """Removes what processes that were killed while they created a run have left behind."""
    for folder in runs_root(root).glob(f"{_CREATING}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _LONGEST_CREATION_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def datasets_in_use(root: str | Path | None = None) -> set[str]:
    """Returns the names of the data sets that runs were trained on, those in the bin too; runs that cannot be read are
    passed over.
    """
    used = set()
    for run in [*list_runs(root), *(each.run for each in deleted_runs(runs_root(root)))]:
        with suppress(RunError):
            used.add(run.config.dataset)
    return used


def without_seed(config: TrainingConfig) -> TrainingConfig:
    """Returns what is equal for trainings that differ by the seed alone, whether or not they name the usual rate."""
    return dataclasses.replace(config, seed=0, learning_rate=config.rate)


def unused_seed(spec: NetworkSpec, config: TrainingConfig, root: str | Path | None = None) -> int:
    """Returns the next random seed with which no run has this network and these settings; runs that cannot be read
    are passed over.
    """
    used = {config.seed}
    for run in list_runs(root):
        with suppress(RunError):
            if run.spec == spec and without_seed(run.config) == without_seed(config):
                used.add(run.config.seed)
    _, highest = SETTINGS["seed"].range or (0, config.seed)
    following = itertools.chain(range(config.seed + 1, int(highest) + 1), range(config.seed))
    return next(seed for seed in following if seed not in used)


def queue_place(run: Run) -> int | None:
    """Returns the position of a run in the queue, from 1; None if it is not queued."""
    waiting = [other for other in list_runs(run.folder.parent) if other.state == "queued"]
    waiting.sort(key=_last_change)
    return waiting.index(run) + 1 if run in waiting else None


def _last_change(run: Run) -> float:
    try:
        return (run.folder / STATE_FILE).stat().st_mtime
    except OSError:  # deleted meanwhile
        return 0.0
