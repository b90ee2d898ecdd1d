"""Successive halving: the worst runs are stopped early, by Optuna's pruner; its study lies in the sweep's folder.

After 1, 2, 4, 8, ... epochs a run goes on only if its validation accuracy is in the better half of all that have come
so far. Source: L. Li et al., "A System for Massively Parallel Hyperparameter Tuning" (ASHA), MLSys 2020.

A trial of the study is a run: Optuna decides for one training at a time, as they come, which suits a queue. The points
themselves are not asked of Optuna: they stand in the plan from the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from model_lib.sweeps.sweep import STUDY_FILE

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_REDUCTION: Final = 2
_RUN: Final = "run"
_LOCK_SECONDS: Final = 5


class HalvingStudy:
    """The study of one sweep. It survives the process: what was decided is read again from its journal.

    Args:
        folder: of the sweep.
        epochs: that each run is to have; after the last one nothing is stopped.
    """

    def __init__(self, folder: Path, epochs: int) -> None:
        import optuna
        from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        journal = str(folder / STUDY_FILE)
        # Optuna's usual lock is a symbolic link, which Windows does not let everybody make. One process writes, so that
        # a lock which a killed process has left behind need not be waited for long.
        lock = JournalFileOpenLock(journal, grace_period=_LOCK_SECONDS)
        self._study = optuna.create_study(
            study_name=folder.name,
            storage=optuna.storages.JournalStorage(JournalFileBackend(journal, lock_obj=lock)),
            direction="maximize",
            pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=_REDUCTION),
            load_if_exists=True,
        )
        self._epochs = epochs
        self._numbers = {trial.user_attrs.get(_RUN): trial.number for trial in self._study.get_trials(deepcopy=False)}

    def stops_at(self, run: str, accuracies: Iterable[tuple[int, float]]) -> int | None:
        """Returns the epoch after which a run is to be stopped; None if it goes on.

        Args:
            run: its id.
            accuracies: completed epochs, from 1, and validation accuracy after each.
        """
        from optuna.trial import Trial, TrialState

        trial = self._trial(run)
        if trial.state == TrialState.PRUNED:
            return trial.last_step
        if trial.state.is_finished():
            return None
        live = Trial(self._study, trial._trial_id)
        for epoch, accuracy in sorted(accuracies):
            if epoch in trial.intermediate_values or epoch >= self._epochs:
                continue
            live.report(accuracy, epoch)
            if live.should_prune():
                self._study.tell(live, state=TrialState.PRUNED)
                return epoch
        return None

    def end(self, run: str, accuracies: Sequence[tuple[int, float]], is_complete: bool) -> None:
        """Notes what a run has reached that has ended by itself: later runs are compared with it too.

        Args:
            run: its id.
            accuracies: as in `stops_at`, ascending by epoch.
            is_complete: whether it has reached its last epoch.
        """
        from optuna.trial import Trial, TrialState

        trial = self._trial(run)
        if trial.state.is_finished():
            return
        live = Trial(self._study, trial._trial_id)
        for epoch, accuracy in accuracies:
            if epoch not in trial.intermediate_values and epoch < self._epochs:
                live.report(accuracy, epoch)
                live.should_prune()  # this is what the pruner keeps of an epoch
        if is_complete and accuracies:
            self._study.tell(live, accuracies[-1][1], state=TrialState.COMPLETE)
        else:
            self._study.tell(live, state=TrialState.FAIL)

    def _trial(self, run: str) -> FrozenTrial:
        if run not in self._numbers:
            trial = self._study.ask()
            trial.set_user_attr(_RUN, run)
            self._numbers[run] = trial.number
        return self._study.get_trials(deepcopy=False)[self._numbers[run]]
