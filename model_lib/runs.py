"""The public entry to runs: start, resume, list."""

from __future__ import annotations

from pathlib import Path

from model_lib.config.network import NetworkSpec
from model_lib.config.training import TrainingConfig
from model_lib.storage.lineage import Start, start_from
from model_lib.storage.run import Run, on_resubmit
from model_lib.storage.run_folders import create_run, list_runs, queue_place, runs_root
from model_lib.storage.sweep_link import SweepLink

__all__ = ["create_run", "list_runs", "queue_place", "resume_run", "runs_root", "start_from", "start_run"]


def start_run(
    spec: NetworkSpec,
    config: TrainingConfig,
    root: str | Path | None = None,
    start: Start | None = None,
    link: SweepLink | None = None,
) -> Run:
    """Submits a new run to the training cluster and returns immediately; it is queued while all workers are busy.

    The first run starts the workers, unless the app has started them already. A script must call this under
    `if __name__ == "__main__":`, as every program that starts processes.

    Args:
        spec: the network.
        config: the settings.
        root: the folder for the runs; see `runs_root`.
        start: the trained weights that it goes on from, see `start_from`; None for random ones.
        link: which point of a sweep it is; None for a run of its own.

    Returns:
        The run: `.id`, `.folder`, `.state`, `.wait()`, `.stop()`.

    Raises:
        NetworkError, SettingsError: if the network or the settings are impossible.
        VariableError: if TRAINING_WORKERS or TRAINING_THREADS is no whole number above 0.
        RunError: if the folder cannot be created, or the weights of `start` are those of another network.
    """
    from model_lib.training.cluster_settings import cluster_settings

    cluster_settings()  # before a folder is created that no worker would train
    run = create_run(spec, config, root, start, link)
    _submit(run)
    return run


def resume_run(run: Run) -> None:
    """Resumes a run that `can_resume`, from its pause or its last completed epoch.

    Raises:
        RunError: if the run is in another state, or of a newer format.
    """
    run.prepare_again()
    _submit(run)


def _submit(run: Run) -> None:
    from model_lib.training.cluster import shared_cluster

    shared_cluster().submit(run)


on_resubmit(_submit)
