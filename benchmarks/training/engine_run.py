"""Trainings with the engine in this process, in a temporary run folder."""

from __future__ import annotations

import tempfile
from typing import TypeVar

from model_lib.config.network import NetworkSpec
from model_lib.config.training import TrainingConfig
from model_lib.diagnostics.log import read_statistics
from model_lib.diagnostics.statistics import NetworkStatistics
from model_lib.runs import create_run
from model_lib.storage.events import Event, Report
from model_lib.training.loop import train

EventType = TypeVar("EventType", bound=Event)


def train_here(spec: NetworkSpec, config: TrainingConfig, watch: Report = lambda event: None) -> list[Event]:
    """Trains with everything that a run in the app does: reports, checkpoints, evaluation.

    Args:
        spec: the network.
        config: the settings.
        watch: called with every event when it is written; the training waits for it.

    Returns:
        All events.

    Raises:
        RuntimeError: if the training failed.
    """
    events: list[Event] = []

    def report(event: Event) -> None:
        events.append(event)
        watch(event)

    with tempfile.TemporaryDirectory() as root:
        run = create_run(spec, config, root)
        if train(run, report) != "finished":
            raise RuntimeError(f"The training of {spec.name} failed: {run.error}")
    return events


def measured_training(
    spec: NetworkSpec, config: TrainingConfig, measures_layers: bool
) -> tuple[float, list[NetworkStatistics]]:
    """Trains with or without the statistics of the layers.

    Returns:
        The training time in seconds, and the measurements.

    Raises:
        RuntimeError: if the training failed.
    """
    with tempfile.TemporaryDirectory() as root:
        run = create_run(spec, config, root)
        state = train(run, measures_layers=measures_layers)
        if state != "finished" or run.outcome is None:
            raise RuntimeError(f"The training of {spec.name} failed: {run.error}")
        return run.outcome.seconds, read_statistics(run.folder)


def last(events: list[Event], kind: type[EventType]) -> EventType:
    """Returns the last event of a type."""
    return next(event for event in reversed(events) if isinstance(event, kind))
