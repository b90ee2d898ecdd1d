"""How long a sweep takes, from earlier runs of the same network."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_lib.config.multiplications import multiplications
from model_lib.config.network import NetworkError
from model_lib.config.training import learnt_images
from model_lib.runs import list_runs
from model_lib.storage.history import History
from model_lib.storage.run import RunError
from model_lib.sweeps.plan import SweepPlan
from model_lib.sweeps.results import wall_seconds

_MOST_EARLIER: Final = 5
# Where the name of the network begins in the id of a run, behind date and time.
_NAME_PLACE: Final = len("20261125-135117-")


@dataclass(frozen=True)
class Speed:
    """How fast a network was trained on this machine.

    Args:
        seconds_per_multiplication: of training; the values of a sweep may change the size of the network.
        seconds_beside: of each run, beside the training of its images: tracing, validation, the test images.
        runs: of how many earlier runs this is the median.
    """

    seconds_per_multiplication: float
    seconds_beside: float
    runs: int


def measured_speed(network: str, root: str | Path | None = None) -> Speed | None:
    """Returns the median speed of the newest finished runs of a network; None if there is none.

    Args:
        network: the name of its spec.
        root: the folder of the runs.
    """
    rates: list[float] = []
    beside: list[float] = []
    for run in list_runs(root):
        # The name stands in the id, so that other runs need not be opened.
        if not run.id[_NAME_PLACE:].startswith(f"{network}-") or run.recorded_state != "finished":
            continue
        history = History(run.folder).update()
        wall = wall_seconds(history)
        images = 0 if history.started is None else history.started.images * len(history.epochs)
        if wall is None or not images:
            continue
        try:
            rates.append(history.seconds / images / max(1, multiplications(run.spec)))
        except (RunError, NetworkError):
            continue
        beside.append(max(0.0, wall - history.seconds))
        if len(rates) == _MOST_EARLIER:
            break
    if not rates:
        return None
    return Speed(statistics.median(rates), statistics.median(beside), len(rates))


def training_workers() -> int:
    """Returns how many runs are trained at once."""
    from model_lib.training.cluster_settings import cluster_settings

    return cluster_settings().workers


def planned_seconds(plan: SweepPlan, speed: Speed, workers: int) -> float:
    """Returns about how long a sweep takes.

    Args:
        plan: the plan; runs that successive halving may stop early count as whole.
        speed: see `measured_speed`.
        workers: how many runs are trained at once.
    """
    runs = [plan.at(point, seed) for point, seed in plan.order()]
    needed = sum(learnt_images(config) * config.epochs * max(1, multiplications(spec)) for spec, config in runs)
    training = needed * speed.seconds_per_multiplication
    return (training + plan.runs * speed.seconds_beside) / min(workers, plan.runs)
