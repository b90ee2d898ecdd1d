"""What the runs of a sweep have reached so far."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from model_lib.comparison.record import read_record
from model_lib.storage.events import EVENTS_FILE, State
from model_lib.storage.history import History
from model_lib.storage.run import STATE_FILE, Run, RunError
from model_lib.storage.sweep_link import SWEEP_FILE, read_link
from model_lib.sweeps.links import RunLinks
from model_lib.sweeps.plan import SweepPlan
from model_lib.sweeps.sweep import Sweep

_ENDED: Final = ("finished", "stopped", "failed", "interrupted")
_WATCHED: Final = (STATE_FILE, EVENTS_FILE, SWEEP_FILE)


@dataclass(frozen=True)
class RunResult:
    """One run of a sweep.

    Args:
        run: the run.
        point: index of its point in the plan.
        seed: its random seed.
        state: its state.
        validation: accuracy on the validation images after its last epoch so far, 0 to 1; None before the first.
        test: accuracy on the test images, 0 to 1; None before the end.
        epochs: completed epochs.
        seconds: from the start of its training to the end of its evaluation; None before.
        stopped_at: the epoch after which successive halving stopped it; None if it did not.
    """

    run: Run
    point: int
    seed: int
    state: State
    validation: float | None = None
    test: float | None = None
    epochs: int = 0
    seconds: float | None = None
    stopped_at: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it was trained to its end, so that it can be compared with others."""
        return self.state == "finished" and self.validation is not None


@dataclass(frozen=True)
class SweepResults:
    """All runs of a sweep so far.

    Args:
        plan: the plan.
        runs: those that have begun, in the order of the plan.
    """

    plan: SweepPlan
    runs: tuple[RunResult, ...]

    @property
    def ended(self) -> int:
        """How many runs have ended, well or not."""
        return sum(each.state in _ENDED for each in self.runs)

    @property
    def complete(self) -> int:
        """How many runs were trained to their end."""
        return sum(each.is_complete for each in self.runs)

    def count(self, *states: State) -> int:
        """Returns how many runs are in one of these states."""
        return sum(each.state in states for each in self.runs)

    def at(self, point: int) -> tuple[RunResult, ...]:
        """Returns the runs of one point."""
        return tuple(each for each in self.runs if each.point == point)

    @cached_property
    def means(self) -> tuple[float | None, ...]:
        """For each point the mean validation accuracy of its complete runs, 0 to 1; None without any."""
        return tuple(
            _mean([each.validation for each in self.at(point) if each.is_complete])
            for point in range(len(self.plan.points))
        )

    @property
    def whole_points(self) -> tuple[int, ...]:
        """The points of which every seed is complete."""
        seeds = len(self.plan.seeds)
        points = range(len(self.plan.points))
        return tuple(point for point in points if sum(each.is_complete for each in self.at(point)) == seeds)

    @property
    def best_point(self) -> int | None:
        """The point with the highest mean validation accuracy among those of which every seed is complete."""
        return max(self.whole_points, key=lambda point: self.means[point] or 0.0, default=None)

    @property
    def best_run(self) -> RunResult | None:
        """Of the best point the run with the highest validation accuracy."""
        if self.best_point is None:
            return None
        return max(self.at(self.best_point), key=lambda each: each.validation or 0.0)

    def to_compare(self, most: int) -> tuple[RunResult, ...]:
        """Returns one run of each point, with the first seed that is complete, the best points first."""
        firsts = [next((each for each in self.at(point) if each.is_complete), None) for point in self._ranked()]
        return tuple(each for each in firsts if each is not None)[:most]

    def mean_test(self, point: int) -> float | None:
        """Returns the mean test accuracy of a point's complete runs, 0 to 1; None without any."""
        return _mean([each.test for each in self.at(point) if each.is_complete])

    def seconds_left(self, workers: int) -> float | None:
        """Returns about how long the rest takes; None until the first run has ended."""
        seconds = [each.seconds for each in self.runs if each.seconds is not None]
        if not seconds:
            return None
        return (self.plan.runs - self.ended) * statistics.fmean(seconds) / workers

    def _ranked(self) -> Sequence[int]:
        points = [point for point, mean in enumerate(self.means) if mean is not None]
        return sorted(points, key=lambda point: -(self.means[point] or 0.0))


class ResultReader:
    """Reads the results of sweeps; a run is read again only when its folder has changed. Thread-safe.

    Args:
        root: the folder of the runs.
    """

    def __init__(self, root: Path) -> None:
        self._links = RunLinks(root)
        self._known: dict[str, tuple[tuple[int, ...], RunResult]] = {}
        self._lock = threading.Lock()

    def results_of(self, sweep: Sweep) -> SweepResults:
        """Returns what a sweep has reached.

        Raises:
            SweepError: if its plan cannot be read.
        """
        plan, own = sweep.plan, self._links.runs_of(sweep.id)
        with self._lock:
            results = [self._read(own[key], *key) for key in plan.order() if key in own]
        return SweepResults(plan, tuple(results))

    def _read(self, run: Run, point: int, seed: int) -> RunResult:
        stamp = tuple(_changed_ns(run, name) for name in _WATCHED)
        before = self._known.get(run.id)
        if before is not None and before[0] == stamp and before[1].state not in ("queued", "running"):
            return before[1]
        result = read_result(run, point, seed)
        self._known[run.id] = stamp, result
        return result


def read_result(run: Run, point: int, seed: int) -> RunResult:
    """Reads the result of one run from its folder; one that cannot be read counts as failed."""
    link = read_link(run.folder)
    try:
        record = read_record(run)
    except RunError:
        return RunResult(run, point, seed, "failed")
    return RunResult(
        run,
        point,
        seed,
        record.state,
        record.last_validation,
        record.test_accuracy,
        record.epochs,
        wall_seconds(History(run.folder).update()) if record.state == "finished" else None,
        None if link is None else link.stopped_at,
    )


def wall_seconds(history: History) -> float | None:
    """Returns the time from the start of a training to the end of its evaluation; None if it has not ended."""
    if history.started is None or history.outcome is None:
        return None
    return max(0.0, history.outcome.time - history.started.time)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _changed_ns(run: Run, name: str) -> int:
    try:
        return (run.folder / name).stat().st_mtime_ns
    except OSError:
        return 0
