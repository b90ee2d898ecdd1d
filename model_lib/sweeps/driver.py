"""Starts the runs of all sweeps, a few at a time, in a thread of the web process; goes on after a restart.

What it knows lies in the folders alone: a run has the id of its sweep from its first moment on, so that a process which
is killed loses no run and starts none twice.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from model_lib import runs
from model_lib.config.network import NetworkError
from model_lib.config.setting import SettingsError
from model_lib.storage.history import History
from model_lib.storage.run import STOP_REQUEST, Run, RunError
from model_lib.storage.run_folders import remove_unfinished_folders
from model_lib.storage.sweep_link import SweepLink, read_link, write_link
from model_lib.sweeps.cost import training_workers
from model_lib.sweeps.halving import HalvingStudy
from model_lib.sweeps.lease import Lease
from model_lib.sweeps.links import RunLinks, SweepRuns
from model_lib.sweeps.plan import SweepError
from model_lib.sweeps.sweep import SWEEPS_FOLDER, Sweep, list_sweeps

_logger = logging.getLogger(__name__)
_ACTIVE_SECONDS: Final = 1.0
_IDLE_SECONDS: Final = 5.0
# A run whose process ends so often is the reason for it.
_MOST_RESUMPTIONS: Final = 3
_LEASE_FILE: Final = "driver.json"


@dataclass
class _Outlook:
    """What one sweep has to do next.

    Args:
        sweep: the sweep.
        to_resume: its runs that are to go on.
        to_start: points and seeds that have no run yet.
        under_way: how many of its runs are queued or running.
    """

    sweep: Sweep
    to_resume: deque[Run] = field(default_factory=deque)
    to_start: deque[tuple[int, int]] = field(default_factory=deque)
    under_way: int = 0

    @property
    def has_next(self) -> bool:
        return bool(self.to_resume or self.to_start)


class SweepDriver:
    """Starts the runs of the sweeps in one folder.

    Of all sweeps together no more runs are under way than there are workers, and one: whoever starts a training
    meanwhile waits for a few runs, not for a sweep.

    Args:
        root: the folder of the runs; see `runs_root`.
        workers: how many runs are trained at once; None for what the environment says.
    """

    def __init__(self, root: str | Path | None = None, workers: int | None = None) -> None:
        self._root = runs.runs_root(root)
        self._workers = workers
        self._links = RunLinks(self._root)
        self._lease = Lease(self._root / SWEEPS_FOLDER / _LEASE_FILE)
        self._studies: dict[str, HalvingStudy] = {}
        self._histories: dict[str, History] = {}
        self._resumptions: Counter[str] = Counter()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._is_woken = threading.Event()
        self._is_closing = threading.Event()

    def wake(self) -> None:
        """Lets it look at once, in its thread, which begins with the first call."""
        with self._lock:
            if self._thread is None and not self._is_closing.is_set():
                self._thread = threading.Thread(target=self._work, daemon=True, name="sweeps")
                self._thread.start()
        self._is_woken.set()

    def close(self) -> None:
        """Ends the thread; the sweeps go on when another process begins with them."""
        self._is_closing.set()
        self._is_woken.set()
        if self._thread is not None:
            self._thread.join(_IDLE_SECONDS)
        self._lease.release()

    def step(self) -> bool:
        """Does what is to be done for each sweep now. Returns whether any of them has more to do."""
        sweeps = [sweep for sweep in reversed(list_sweeps(self._root)) if sweep.is_active]
        if not sweeps:
            self._studies.clear()
            self._histories.clear()
            return False
        if not self._lease.is_held():
            return True
        linked = self._links.runs_by_sweep()
        self._forget_ended(sweeps, linked)
        outlooks = [self._look_at(sweep, linked.get(sweep.id, {})) for sweep in sweeps]
        # The number of workers, and one.
        room = (self._workers or training_workers()) + 1 - sum(outlook.under_way for outlook in outlooks)
        turns = deque(outlook for outlook in outlooks if outlook.has_next)
        while turns and room > 0 and not self._is_closing.is_set():
            outlook = turns.popleft()
            if not self._begin_next(outlook):
                continue
            room -= 1
            if outlook.has_next:
                turns.append(outlook)
        return True

    def _forget_ended(self, active: list[Sweep], linked: Mapping[str, SweepRuns]) -> None:
        """Forgets what halving has read of the runs of sweeps that have ended: all their steps."""
        names = {sweep.id for sweep in active}
        learning = {run.id for name in names for run in linked.get(name, {}).values()}
        self._studies = {name: study for name, study in self._studies.items() if name in names}
        self._histories = {name: history for name, history in self._histories.items() if name in learning}

    def _work(self) -> None:
        remove_unfinished_folders(self._root)
        while not self._is_closing.is_set():
            self._is_woken.clear()
            is_active = True
            try:
                is_active = self.step()
            except Exception:
                _logger.exception("the sweeps")
            self._is_woken.wait(_ACTIVE_SECONDS if is_active else _IDLE_SECONDS)

    def _look_at(self, sweep: Sweep, own: SweepRuns) -> _Outlook:
        outlook = _Outlook(sweep)
        try:
            states = {key: run.state for key, run in own.items()}
            under_way = [own[key] for key, state in states.items() if state in ("queued", "running")]
            outlook.under_way = len(under_way)
            if sweep.state == "stopping":
                self._stop(sweep, under_way)
                return outlook
            plan, again = sweep.plan, sweep.again
            if plan.is_halving:
                self._halve(sweep, [own[key] for key in plan.order() if key in own])
            for key in plan.order():
                run = own.get(key)
                if run is None:
                    outlook.to_start.append(key)
                elif self._goes_on(sweep, run, states[key], again):
                    outlook.to_resume.append(run)
            if not under_way and not outlook.has_next and "paused" not in states.values():
                sweep.set_state("finished")
        except (SweepError, RunError) as error:
            self._give_up(sweep, str(error))
            return _Outlook(sweep, under_way=outlook.under_way)
        except Exception as error:  # a full disk, a damaged study: other sweeps go on
            _logger.exception("the sweep %s", sweep.id)
            self._give_up(sweep, f"It could not be looked at: {type(error).__name__}: {error}")
            return _Outlook(sweep, under_way=outlook.under_way)
        return outlook

    def _goes_on(self, sweep: Sweep, run: Run, state: str, again: frozenset[str]) -> bool:
        """Returns whether a run is to be resumed: its process is gone, or the sweep was told to go on with it."""
        if state == "interrupted":
            return self._resumptions[run.id] < _MOST_RESUMPTIONS
        return state in ("paused", "stopped") and run.id in again and sweep.is_unchanged_since_told(run)

    def _begin_next(self, outlook: _Outlook) -> bool:
        """Resumes or starts one run; returns whether there is one more under way now."""
        sweep = outlook.sweep
        try:
            if outlook.to_resume:
                run = outlook.to_resume.popleft()
                self._resumptions[run.id] += run.state == "interrupted"
                runs.resume_run(run)
            else:
                point, seed = outlook.to_start.popleft()
                runs.start_run(*sweep.plan.at(point, seed), self._root, link=SweepLink(sweep.id, point, seed))
        except (RunError, SettingsError, NetworkError) as error:
            outlook.to_start.clear()
            outlook.to_resume.clear()
            self._give_up(sweep, str(error))
            return False
        return True

    def _stop(self, sweep: Sweep, under_way: list[Run]) -> None:
        for run in under_way:
            if not run.is_requested(STOP_REQUEST):
                run.stop()
        if not under_way:
            sweep.set_state("stopped")

    def _halve(self, sweep: Sweep, own: list[Run]) -> None:
        """Stops the runs that successive halving sorts out."""
        if sweep.id not in self._studies:
            self._studies[sweep.id] = HalvingStudy(sweep.folder, sweep.plan.config.epochs)
        study = self._studies[sweep.id]
        for run in own:
            state = run.state
            if state not in ("running", "finished", "failed"):
                continue
            history = self._histories.setdefault(run.id, History(run.folder)).update()
            ends = [(end.epoch, end.validation_accuracy) for end in list(history.epochs)]
            accuracies = [(epoch, accuracy) for epoch, accuracy in ends if accuracy is not None]
            if state != "running":
                study.end(run.id, accuracies, state == "finished")
                continue
            epoch = study.stops_at(run.id, accuracies)
            link = read_link(run.folder)
            if epoch is None or link is None or run.is_requested(STOP_REQUEST):
                continue
            if link.stopped_at is None:
                write_link(run.folder, SweepLink(link.sweep, link.point, link.seed, epoch))
            run.stop()

    def _give_up(self, sweep: Sweep, reason: str) -> None:
        """Pauses a sweep that cannot go on, and says why."""
        try:
            sweep.set_state("paused", reason)
        except SweepError:
            _logger.exception("the sweep %s", sweep.id)


_shared: SweepDriver | None = None
_shared_lock: Final = threading.Lock()


def shared_driver() -> SweepDriver:
    """Returns the driver of this process, made by the first call; `wake` starts it."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = SweepDriver()
        return _shared


def close_shared_driver() -> None:
    """Ends the driver of this process, if there is one."""
    if _shared is not None:
        _shared.close()
