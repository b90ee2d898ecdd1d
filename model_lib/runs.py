"""All runs: how one is made, started and resumed, and the list of those that there are."""

from __future__ import annotations

import os
import re
import shutil
import time
import uuid
from pathlib import Path
from typing import Final

from model_lib.config.network import NetworkSpec, summarise
from model_lib.config.training import TrainingConfig, check_config
from model_lib.files import write_json
from model_lib.storage.run import Run, RunError, on_resubmit

RUNS_VARIABLE: Final = "RUNS_FOLDER"


def runs_root(root: str | Path | None = None) -> Path:
    """Returns the folder that holds the runs: `root`, else the variable RUNS_FOLDER, else `runs/` in the project."""
    return Path(root or os.environ.get(RUNS_VARIABLE) or Path(__file__).parent.parent / "runs").resolve()


def create_run(spec: NetworkSpec, config: TrainingConfig, root: str | Path | None = None) -> Run:
    """Makes the folder of a run, queued, without starting it.

    Raises:
        NetworkError, SettingsError: if the network or the settings are impossible.
        RunError: if the folder cannot be made.
    """
    summarise(spec)
    check_config(config)
    name = re.sub(r"[^a-z0-9_]+", "-", spec.name.lower())[:40] or "network"
    # The random end keeps two visitors who press Start in the same second apart.
    folder = runs_root(root) / f"{time.strftime('%Y%m%d-%H%M%S')}-{name}-{uuid.uuid4().hex[:4]}"
    run = Run(folder)
    try:
        (folder / "checkpoints").mkdir(parents=True)
        write_json(folder / "spec.json", spec.as_dict())
        write_json(folder / "config.json", config.as_dict())
        run.set_state("queued")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise RunError(
            f"The run could not be written to {folder.parent}: {error.strerror}. "
            f"Free some space, or name another folder in the variable {RUNS_VARIABLE}."
        ) from error
    return run


def start_run(spec: NetworkSpec, config: TrainingConfig, root: str | Path | None = None) -> Run:
    """Starts a training in a worker process and returns at once; it waits in the queue if all workers are busy.

    The workers are started with the first run, unless the app has started them already. A script of your own must
    call this under `if __name__ == "__main__":`, as with every program that starts processes.

    Args:
        spec: the network.
        config: the settings.
        root: the folder for the runs; see `runs_root`.

    Returns:
        The run: `.id`, `.folder`, `.state`, `.wait()`, `.stop()`.

    Raises:
        NetworkError, SettingsError: if the network or the settings are impossible.
        ClusterError: if TRAINING_WORKERS or TRAINING_THREADS is no whole number above 0.
        RunError: if the folder cannot be made.
    """
    from model_lib.training.cluster import cluster_settings

    cluster_settings()  # before a folder is made that nobody would train
    run = create_run(spec, config, root)
    _submit(run)
    return run


def resume_run(run: Run) -> None:
    """Goes on with a run that `can_resume`, from its pause or its last whole epoch.

    Raises:
        RunError: if the run is in another state.
    """
    run.prepare_again()
    _submit(run)


def list_runs(root: str | Path | None = None) -> list[Run]:
    """Returns all runs, the newest first; none if the folder does not exist."""
    folder = runs_root(root)
    if not folder.is_dir():
        return []
    return [
        Run(entry) for entry in sorted(folder.iterdir(), key=lambda entry: entry.name, reverse=True) if entry.is_dir()
    ]


def queue_place(run: Run) -> int | None:
    """Returns the place of a run among those that wait, from 1, or None if it does not wait."""
    waiting = [other for other in list_runs(run.folder.parent) if other.state == "queued"]
    waiting.sort(key=lambda other: (other.folder / "state.json").stat().st_mtime)
    return waiting.index(run) + 1 if run in waiting else None


def _submit(run: Run) -> None:
    from model_lib.training.cluster import shared_cluster

    shared_cluster().submit(run)


on_resubmit(_submit)
