"""Computations that do nothing but what a test looks at. A worker imports them by name."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from model_lib.compute.messages import Computation
from model_lib.datasets.loading import ProgressCallback


def prepare_nothing() -> None:
    """Takes the place of loading TensorFlow, and long enough to be seen."""
    time.sleep(0.5)


def prepare_when_told(file: Path) -> None:
    """Takes until a file is there."""
    while not file.exists():
        time.sleep(0.01)


@dataclass(frozen=True)
class ProcessId(Computation[int]):
    """Returns the worker's process id."""

    def compute(self, report: ProgressCallback) -> int:
        return os.getpid()


@dataclass(frozen=True)
class Counting(Computation[int]):
    """Reports a hundred times within so many seconds, and writes each time how far it is.

    Args:
        file: where it writes.
        seconds: how long it takes.
    """

    is_batch: ClassVar[bool] = True

    file: Path
    seconds: float

    def compute(self, report: ProgressCallback) -> int:
        with self.file.open("a") as begun:
            begun.write("begun ")
        for done in range(100):
            self.file.with_suffix(".count").write_text(str(done))
            report(done / 100)
            time.sleep(self.seconds / 100)
        return os.getpid()


@dataclass(frozen=True)
class Deadly(Computation[None]):
    """Kills its process, as the system does for want of memory."""

    def compute(self, report: ProgressCallback) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class ForeignError(Exception):
    """An error of another library, whose module the web process has not imported."""


@dataclass(frozen=True)
class Foreign(Computation[None]):
    """Raises such an error."""

    def compute(self, report: ProgressCallback) -> None:
        raise ForeignError("no memory")


@dataclass(frozen=True)
class Faulty(Computation[None]):
    """Raises an error, one that cannot be pickled or one that can."""

    is_picklable: bool

    def compute(self, report: ProgressCallback) -> None:
        error = ZeroDivisionError("nothing to divide by")
        if not self.is_picklable:
            error.lock = lambda: None  # type: ignore[attr-defined]
        raise error
