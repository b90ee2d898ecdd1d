"""What a run's journal tells, as numbers to be drawn: losses and accuracies over the steps and over the epochs."""

from __future__ import annotations

import csv
import io
import threading
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.storage.events import read_events

MAX_POINTS: Final = 500
_EPOCH_COLUMNS: Final = (
    "epoch",
    "loss",
    "accuracy",
    "validation_loss",
    "validation_accuracy",
    "images_per_second",
    "seconds",
)


@dataclass
class History:
    """The course of one training, read bit by bit: `update` reads only what is new in the journal.

    One object serves all visitors who watch a run, in as many threads: whatever reads or changes more than one value
    holds the lock.

    Args:
        folder: the run's folder.
    """

    folder: Path
    epochs: list[Mapping[str, Any]] = field(default_factory=list)
    started: Mapping[str, Any] | None = None
    outcome: Mapping[str, Any] | None = None
    _offset: int = 0
    # Place k holds step k of the whole training. Plain arrays: the web process keeps those of many runs.
    _losses: array[float] = field(default_factory=lambda: array("d"))
    _accuracies: array[float] = field(default_factory=lambda: array("d"))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _speed: tuple[float, float] = (0.0, 0.0)
    _seconds: float = 0.0

    def update(self) -> History:
        """Reads what the training has written since the last time, and returns itself."""
        with self._lock:
            events, end = read_events(self.folder, self._offset)
            for event in events:
                self._take(event)
            # Last: what has not been taken is read again the next time. A report that stands twice changes nothing.
            self._offset = end
        return self

    @property
    def steps_per_epoch(self) -> int:
        """Steps of one epoch; 1 before the training has begun."""
        return int(self.started["steps_per_epoch"]) if self.started else 1

    @property
    def total_steps(self) -> int:
        """Steps of the whole training, as its settings say; it may end sooner."""
        return self.steps_per_epoch * int(self.started["epochs"]) if self.started else 1

    @property
    def steps_done(self) -> int:
        """Steps that have been reported."""
        return len(self._losses)

    @property
    def images_per_second(self) -> float:
        """How fast the last reports came; 0 before the second one."""
        return self._speed[1]

    @property
    def seconds(self) -> float:
        """How long the training has taken, pauses left out."""
        return self._seconds

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take at the mean speed so far, or None before there is one."""
        if not self.steps_done or not self._seconds:
            return None
        return (self.total_steps - self.steps_done) * self._seconds / self.steps_done

    def curve(self, measure: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns the training curve over the steps, at most some 500 points: means over equal stretches.

        Args:
            measure: "loss" or "accuracy".

        Returns:
            The last step of each stretch, from 1, and the mean over it; both (k,), k from 0 to 500.
        """
        # NumPy reads an array through its buffer, and an array whose buffer is being read cannot grow (BufferError).
        with self._lock:
            values = np.array(self._losses if measure == "loss" else self._accuracies)
        if not len(values):
            return values, values
        starts = np.arange(0, len(values), -(-len(values) // MAX_POINTS))
        ends = np.append(starts[1:], len(values))
        return ends.astype(np.float64), np.add.reduceat(values, starts) / (ends - starts)

    def epoch_curve(self, measure: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns a measure after each whole epoch that has it: the epochs, from 1, and the values.

        Args:
            measure: "loss", "accuracy", "validation_loss" or "validation_accuracy".
        """
        with self._lock:
            points = [(event["epoch"], event[measure]) for event in self.epochs if measure in event]
        epochs, values = np.array(points, np.float64).reshape(-1, 2).T
        return epochs, values

    def as_csv(self) -> str:
        """Returns the epochs as CSV, one line each, with a heading."""
        text = io.StringIO()
        writer = csv.DictWriter(text, _EPOCH_COLUMNS, extrasaction="ignore", restval="", lineterminator="\n")
        writer.writeheader()
        with self._lock:
            writer.writerows(self.epochs)
        return text.getvalue()

    def _take(self, event: Mapping[str, Any]) -> None:
        kind = event["kind"]
        if kind == "started":
            self.started = event
            self._forget_from(event["epoch"], event["step"])
        elif kind == "steps":
            first = event["epoch"] * self.steps_per_epoch + event["step"]
            if first == len(self._losses):  # anything else is a report that stands twice, or follows one that was lost
                self._losses.extend(event["loss"])
                self._accuracies.extend(event["accuracy"])
            self._measure_speed(event)
        elif kind == "epoch":
            self.epochs.append(event)
        elif kind == "evaluated":
            self.outcome = event

    def _forget_from(self, epoch: int, step: int) -> None:
        """Drops what a resumed training does again, and an outcome that is no longer the last word."""
        first = epoch * self.steps_per_epoch + step
        del self._losses[first:], self._accuracies[first:]
        self.epochs = [event for event in self.epochs if event["epoch"] <= epoch]
        self.outcome = None

    def _measure_speed(self, event: Mapping[str, Any]) -> None:
        seconds = float(event["seconds"])
        passed = seconds - self._speed[0]
        images = len(event["loss"]) * int(self.started["images"]) / self.steps_per_epoch if self.started else 0.0
        # Smoothed over some reports: a single one jumps about.
        speed = images / passed if passed > 0 else self._speed[1]
        self._speed = (seconds, speed if not self._speed[1] else 0.7 * self._speed[1] + 0.3 * speed)
        self._seconds = seconds
