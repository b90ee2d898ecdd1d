"""Run folders: creation, listing, and the order of the queue."""

from __future__ import annotations

import dataclasses
import itertools
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
from model_lib.storage.format import with_format
from model_lib.storage.lineage import Start, parents_entry, save_start
from model_lib.storage.run import CHECKPOINTS_FOLDER, CONFIG_FILE, SPEC_FILE, STATE_FILE, Run, RunError

# How the names of folders begin that are no runs yet.
HIDDEN: Final = "."


def runs_root(root: str | Path | None = None) -> Path:
    """Returns the folder of all runs: `root`, else the variable RUNS_FOLDER, else `runs/` in the project."""
    return Path(root or RUNS_FOLDER.read() or PROJECT / "runs").resolve()


def create_run(
    spec: NetworkSpec, config: TrainingConfig, root: str | Path | None = None, start: Start | None = None
) -> Run:
    """Creates the folder of a queued run without submitting it.

    Args:
        spec: the network.
        config: the settings.
        root: the folder for the runs; see `runs_root`.
        start: what it goes on from, copied into its folder; None for random first weights.

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
    folder = runs_root(root) / new_id(spec)
    run = Run(folder)
    try:
        (folder / CHECKPOINTS_FOLDER).mkdir(parents=True)
        write_json(folder / SPEC_FILE, with_format(spec.as_dict()))
        if start is not None:
            save_start(folder, start)
        parents = {} if start is None else parents_entry(start.ancestors)
        write_json(folder / CONFIG_FILE, with_format(config.as_dict() | parents))
        run.set_state("queued")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise RunError(
            f"The run could not be written to {folder.parent}: {error.strerror}. "
            f"Free some space, or name another folder in the variable {RUNS_FOLDER.name}."
        ) from error
    return run


def new_id(spec: NetworkSpec) -> str:
    """Returns an id for a run of a network; a random suffix keeps two of the same second apart."""
    name = re.sub(r"[^a-z0-9_]+", "-", spec.name.lower())[:40] or "network"
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{name}-{uuid.uuid4().hex[:4]}"


def list_runs(root: str | Path | None = None) -> list[Run]:
    """Returns all runs, the newest first; none if the folder does not exist."""
    folder = runs_root(root)
    if not folder.is_dir():
        return []
    return [
        Run(entry)
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name, reverse=True)
        if entry.is_dir() and not entry.name.startswith(HIDDEN)  # a run that is being brought
    ]


def datasets_in_use(root: str | Path | None = None) -> set[str]:
    """Returns the names of the data sets that runs were trained on; runs that cannot be read are passed over."""
    used = set()
    for run in list_runs(root):
        with suppress(RunError):
            used.add(run.config.dataset)
    return used


def unused_seed(spec: NetworkSpec, config: TrainingConfig, root: str | Path | None = None) -> int:
    """Returns the next random seed with which no run has this network and these settings; runs that cannot be read
    are passed over.
    """

    def without_seed(settings: TrainingConfig) -> TrainingConfig:
        return dataclasses.replace(settings, seed=0, learning_rate=settings.rate)

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
