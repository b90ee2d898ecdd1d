"""Runs of a sweep that nobody trains: their logs are written as a training would write them."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from model_lib import runs
from model_lib.config.presets import PRESET_TABLE
from model_lib.runs import create_run
from model_lib.storage.events import EpochEnd, Evaluated, Started, append_event
from model_lib.storage.run import Run
from model_lib.storage.sweep_link import SweepLink
from model_lib.sweeps.factors import Value
from model_lib.sweeps.plan import SweepPlan, Way, base_config, make_plan
from model_lib.sweeps.sweep import Sweep, create_sweep

_NO_PROCESS = 2**22 + 1  # above Linux's largest process id


def plan_of(
    values: Mapping[str, tuple[Value, ...]],
    seeds: int = 3,
    *,
    preset: str = "mlp",
    epochs: int = 1,
    images: int = 500,
    way: Way = "grid",
    draws: int = 6,
    is_halving: bool = False,
) -> SweepPlan:
    """Makes the plan of a small sweep of a preset."""
    base = PRESET_TABLE[preset]
    return make_plan(base.spec, base_config(base.config, epochs, images), values, seeds, way, draws, is_halving)


def nobody_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets started and resumed runs stay in the queue."""
    monkeypatch.setattr(runs, "start_run", create_run)
    monkeypatch.setattr(runs, "resume_run", Run.prepare_again)


def learn(run: Run, accuracies: Sequence[float]) -> None:
    """Writes completed epochs with these validation accuracies into a run that then is under way."""
    started = Started(steps_per_epoch=10, epochs=len(accuracies), images=400, parameters=10, epoch=0, step=0)
    append_event(run.folder, started)
    for epoch, accuracy in enumerate(accuracies, 1):
        append_event(
            run.folder,
            EpochEnd(
                epoch=epoch,
                loss=1.0,
                accuracy=accuracy,
                validation_loss=1.0,
                validation_accuracy=accuracy,
                images_per_second=1000.0,
                seconds=float(epoch),
            ),
        )
    run.set_state("running")


def end(run: Run, test_accuracy: float = 0.5) -> None:
    """Ends the training of a run well."""
    append_event(
        run.folder,
        Evaluated(test_loss=1.0, test_accuracy=test_accuracy, seconds=1.0, epochs=1, why=None, advice=None),
    )
    run.set_state("finished")


def lose_process(run: Run, state: str = "running") -> None:
    """Lets a run look as if the process that owned it had been killed."""
    record = {"state": state, "host": socket.gethostname(), "pid": _NO_PROCESS, "born": time.time()}
    (run.folder / "state.json").write_text(json.dumps(record))


def finished_sweep(root: Path, plan: SweepPlan, accuracies: Mapping[tuple[int, int], float]) -> Sweep:
    """Makes a sweep whose runs have ended.

    Args:
        root: the folder of the runs.
        plan: the plan.
        accuracies: on the validation images, by index of the point and seed; on the test images it is 0.01 less.
    """
    sweep = create_sweep(plan, root)
    for (point, seed), accuracy in accuracies.items():
        run = create_run(*plan.at(point, seed), root, link=SweepLink(sweep.id, point, seed))
        learn(run, [accuracy])
        end(run, accuracy - 0.01)
    sweep.set_state("finished")
    return sweep
