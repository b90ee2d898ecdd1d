"""Measurements of a network's layers while it is trained, and of the last steps before it diverged."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import Split
from model_lib.diagnostics.findings import first_explosion
from model_lib.diagnostics.log import append_start, append_statistics
from model_lib.diagnostics.schedule import MeasurementSchedule
from model_lib.diagnostics.statistics import rounded
from model_lib.engine.layer_probe import LayerProbe
from model_lib.engine.train_step import TrainingSteps

if TYPE_CHECKING:
    import keras

# A measurement of a convolutional network takes about as long as training on three times as many images.
_IMAGES: Final = 128
# How many steps before a divergence are measured one by one.
_REPEATED_STEPS: Final = 20


@dataclass(frozen=True)
class _Snapshot:
    """From where steps can be repeated.

    Args:
        step: of the whole training, the next one.
        weights: those of `network.get_weights()`.
        steps_state: that of `TrainingSteps.state()`.
    """

    step: int
    weights: list[NDArray[np.float32]]
    steps_state: dict[str, NDArray[Any]]


class Measurements:
    """Measures the layers of one training at the steps that its schedule has, and writes them into the run's folder.

    Args:
        folder: the run's folder.
        network: the one that is trained.
        steps: its training steps.
        training: the training images, the first ones of which are the fixed batch.
        total_steps: of the whole training.
        is_on: False measures nothing, for comparison.
    """

    def __init__(
        self,
        folder: Path,
        network: keras.Model,
        steps: TrainingSteps,
        training: Split,
        total_steps: int,
        is_on: bool = True,
    ) -> None:
        self._folder, self._network, self._steps = folder, network, steps
        self._training, self._total_steps, self._is_on = training, total_steps, is_on
        self._probe: LayerProbe | None = None
        self._schedule: MeasurementSchedule | None = None
        self._snapshot: _Snapshot | None = None

    def start(self, first_step: int) -> None:
        """Begins the log, or continues that of a run that resumes, with a measurement outside of the training time."""
        if not self._is_on:
            return
        append_start(self._folder, first_step)
        images, labels = self._training.images[:_IMAGES], self._training.labels[:_IMAGES]
        self._probe = LayerProbe(self._network, images, labels)
        start = time.monotonic()
        self._measure(first_step)
        self._schedule = MeasurementSchedule(self._total_steps, first_step, time.monotonic() - start)

    def begin_epoch(self, step: int) -> None:
        """Notes that the steps from here on can be repeated: those of other epochs had another order of the images."""
        if self._is_on:
            self._snapshot = _Snapshot(step, self._network.get_weights(), self._steps.state())

    def measure_if_due(self, step: int, seconds: float) -> None:
        """Measures if the schedule says so.

        Args:
            step: of the whole training, the next one.
            seconds: training time of this process so far.
        """
        if self._schedule is not None and self._schedule.is_due(step, seconds):
            start = time.monotonic()
            self._measure(step)
            self._schedule.note(step, time.monotonic() - start)

    def measure_last(self, step: int) -> None:
        """Measures the network at the end of the training, outside of its time."""
        self._measure(step)

    def explain_divergence(self, step: int) -> str | None:
        """Repeats the last steps before a divergence, measures before each of them, and logs what it finds.

        The network is left with other weights than before: the training is over.

        Args:
            step: the first one, of the whole training, that gave no number; or the one behind the last step.

        Returns:
            Where the gradient exploded, a sentence for the visitor; None if it did not, or that cannot be told.
        """
        snapshot = self._snapshot
        if self._probe is None or snapshot is None:
            return None
        self._network.set_weights(snapshot.weights)
        self._steps.rewind(snapshot.steps_state)
        epoch_start = snapshot.step // self._steps.steps_per_epoch * self._steps.steps_per_epoch
        first = max(snapshot.step, step - _REPEATED_STEPS)
        if first > snapshot.step:
            self._steps.run(snapshot.step - epoch_start, first - snapshot.step)
        measured = [self._probe.measure(first)]
        while measured[-1].gradient_norm is not None and measured[-1].step < step:
            self._steps.run(measured[-1].step - epoch_start, 1)
            measured.append(self._probe.measure(measured[-1].step + 1))
        append_statistics(self._folder, measured)
        return first_explosion(measured)

    def _measure(self, step: int) -> None:
        if self._probe is not None:
            start = time.monotonic()
            measured = self._probe.measure(step)
            self.begin_epoch(step)
            seconds = rounded(time.monotonic() - start)
            append_statistics(self._folder, [dataclasses.replace(measured, seconds=seconds)])
