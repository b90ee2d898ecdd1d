"""Metrics over steps and epochs, read from a run's event log."""

from __future__ import annotations

import threading
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.files import as_csv
from model_lib.storage.events import EpochEnd, Evaluated, Event, Measured, Started, Steps, read_events

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
    """Metrics of one training, read incrementally: `update` reads only the events that are new.

    One object serves all visitors of a run, in as many threads: whatever reads or changes more than one value holds
    the lock.

    Args:
        folder: the run's folder.
    """

    folder: Path
    epochs: list[EpochEnd] = field(default_factory=list)
    started: Started | None = None
    outcome: Evaluated | None = None
    # Of a run that goes on from trained weights: by what was measured on, then by stage, "before" and "after".
    measures: dict[str, dict[str, Measured]] = field(default_factory=dict)
    _offset: int = 0
    # Indexed by the step of the whole training. Plain arrays: the web process caches those of many runs.
    _losses: array[float] = field(default_factory=lambda: array("d"))
    _accuracies: array[float] = field(default_factory=lambda: array("d"))
    # Of each event with steps: how many steps there are with its own, and the seconds until then.
    _ends: array[float] = field(default_factory=lambda: array("d"))
    _clock: array[float] = field(default_factory=lambda: array("d"))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _images_per_second: float = 0.0
    _seconds: float = 0.0

    def update(self) -> History:
        """Reads the events that were appended since the last call, and returns itself."""
        with self._lock:
            events, end = read_events(self.folder, self._offset)
            for event in events:
                self._add(event)
            # Last: after an exception the same events are read again. One that is added twice changes nothing.
            self._offset = end
        return self

    @property
    def steps_per_epoch(self) -> int:
        """Steps of one epoch; 1 before training has started."""
        return self.started.steps_per_epoch if self.started else 1

    @property
    def total_steps(self) -> int:
        """Steps of the whole training by its settings; it may end sooner."""
        return self.steps_per_epoch * self.started.epochs if self.started else 1

    @property
    def steps_done(self) -> int:
        """Steps that have been logged."""
        return len(self._losses)

    @property
    def images_per_second(self) -> float:
        """Training throughput, smoothed over the last events; 0 before the first one."""
        return self._images_per_second

    @property
    def seconds(self) -> float:
        """Training time so far, pauses left out."""
        return self._seconds

    @property
    def seconds_left(self) -> float | None:
        """Estimated time to the last step at the mean throughput so far; None before the first steps."""
        if not self.steps_done or not self._seconds:
            return None
        return (self.total_steps - self.steps_done) * self._seconds / self.steps_done

    def curve(self, measure: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns the training curve over the steps, at most some 500 points: means over equal intervals.

        Args:
            measure: "loss" or "accuracy".

        Returns:
            The last step of each interval, from 1, and the mean over it; both (k,), k from 0 to 500.
        """
        # NumPy reads an array through its buffer, and an array whose buffer is being read cannot grow (BufferError).
        with self._lock:
            values = np.array(self._losses if measure == "loss" else self._accuracies)
        if not len(values):
            return values, values
        starts = np.arange(0, len(values), -(-len(values) // MAX_POINTS))
        ends = np.append(starts[1:], len(values))
        return ends.astype(np.float64), np.add.reduceat(values, starts) / (ends - starts)

    def seconds_at(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns the training time after some steps, in seconds, pauses left out.

        The log has it some four times a second; between two events it rises evenly.

        Args:
            steps: (k,), counted from 1 over all epochs.
        """
        with self._lock:
            ends, clock = np.array([0.0, *self._ends]), np.array([0.0, *self._clock])
        seconds: NDArray[np.float64] = np.interp(steps, ends, clock)
        return seconds

    def epoch_curve(self, measure: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns a metric after each completed epoch that has it.

        Args:
            measure: "loss", "accuracy", "validation_loss" or "validation_accuracy".

        Returns:
            The epochs, from 1, and the values; both (k,) float64, empty without any.
        """
        with self._lock:
            points = [(event.epoch, getattr(event, measure)) for event in self.epochs]
        points = [(epoch, value) for epoch, value in points if value is not None]
        epochs, values = np.array(points, np.float64).reshape(-1, 2).T
        return epochs, values

    def as_csv(self) -> str:
        """Returns the metrics of the epochs as CSV: a line of column names, then a line an epoch."""
        with self._lock:
            epochs = list(self.epochs)
        return as_csv(_EPOCH_COLUMNS, [[getattr(event, name) for name in _EPOCH_COLUMNS] for event in epochs])

    def _add(self, event: Event) -> None:
        if isinstance(event, Started):
            self.started = event
            self._truncate(event)
        elif isinstance(event, Steps):
            first = event.epoch * self.steps_per_epoch + event.step
            if first == len(self._losses):  # anything else is a duplicate, or follows an event that was lost
                self._losses.extend(event.loss)
                self._accuracies.extend(event.accuracy)
                self._ends.append(len(self._losses))
                self._clock.append(event.seconds)
            self._measure_throughput(event)
        elif isinstance(event, EpochEnd):
            self.epochs.append(event)
        elif isinstance(event, Evaluated):
            self.outcome = event
        elif isinstance(event, Measured):
            self.measures.setdefault(event.on, {})[event.stage] = event

    def _truncate(self, start: Started) -> None:
        """Drops what a resumed training repeats, and an outcome that is out of date."""
        first = start.epoch * self.steps_per_epoch + start.step
        del self._losses[first:], self._accuracies[first:]
        kept = sum(end <= first for end in self._ends)
        del self._ends[kept:], self._clock[kept:]
        self.epochs = [event for event in self.epochs if event.epoch <= start.epoch]
        self.outcome = None
        for stages in self.measures.values():
            stages.pop("after", None)

    def _measure_throughput(self, event: Steps) -> None:
        elapsed = event.seconds - self._seconds
        self._seconds = event.seconds
        if self.started is None or elapsed <= 0:
            return
        throughput = len(event.loss) * self.started.images / self.steps_per_epoch / elapsed
        previous = self._images_per_second or throughput
        self._images_per_second = 0.7 * previous + 0.3 * throughput  # a single event is noisy
