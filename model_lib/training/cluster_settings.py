"""Settings of the training cluster, from environment variables and the number of cores."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from model_lib.environment import TRAINING_SCHEDULER, TRAINING_THREADS, TRAINING_WORKERS

# Keras computes on several threads inside one worker, so few workers with several cores each train faster than many.
_CORES_PER_WORKER: Final = 4


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """Size and place of the training cluster.

    Args:
        workers: number of processes.
        threads: cores for each.
        scheduler: address of a remote Dask scheduler; None starts the workers on this machine.
    """

    workers: int
    threads: int
    scheduler: str | None


def cluster_settings(workers: int | None = None) -> ClusterSettings:
    """Reads TRAINING_WORKERS, TRAINING_THREADS and TRAINING_SCHEDULER; starts nothing.

    Args:
        workers: overrides TRAINING_WORKERS; TRAINING_THREADS, which goes with it, is then ignored.

    Returns:
        The variables' values; without them one worker for every four cores, and the cores divided evenly among them.

    Raises:
        VariableError: if one of the variables has an invalid value.
    """
    cores = os.cpu_count() or 1
    threads = TRAINING_THREADS.read() if workers is None else None
    workers = workers or TRAINING_WORKERS.read() or max(1, cores // _CORES_PER_WORKER)
    return ClusterSettings(
        workers=workers,
        threads=threads or max(1, cores // workers),
        scheduler=TRAINING_SCHEDULER.read(),
    )
