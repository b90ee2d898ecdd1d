"""Why a training ends before its last epoch."""

from __future__ import annotations

from model_lib.config.training import TrainingConfig
from model_lib.number_format import accuracy_text
from model_lib.storage.events import EpochEnd
from model_lib.storage.run import PAUSE_REQUEST, STOP_REQUEST, Run


def stopping_criterion(config: TrainingConfig, end: EpochEnd, epochs_without_gain: int) -> str | None:
    """Returns which stopping criterion an epoch meets, in words for the visitor, or None.

    Args:
        config: the settings.
        end: what was measured at the end of the epoch.
        epochs_without_gain: since the lowest validation loss.
    """
    if config.target_accuracy is not None:
        accuracy = end.accuracy if config.target_measure == "training" else end.validation_accuracy
        if accuracy is not None and accuracy > config.target_accuracy:
            return (
                f"the {config.target_measure} accuracy of {accuracy_text(accuracy)} exceeds the wanted "
                + accuracy_text(config.target_accuracy)
            )
    if config.patience is not None and epochs_without_gain >= config.patience:
        return f"the validation loss has not improved for {config.patience} epochs"
    return None


def end_requested(run: Run, limit_seconds: float | None, seconds: float) -> str | None:
    """Returns the pending request or, in words for the visitor, the limit that is reached; None to continue.

    Args:
        run: the run.
        limit_seconds: of its settings; None for none.
        seconds: the training time so far.
    """
    for request in (STOP_REQUEST, PAUSE_REQUEST):
        if run.is_requested(request):
            return request
    if limit_seconds is not None and seconds >= limit_seconds:
        return f"the time limit of {limit_seconds:g} seconds was reached"
    return None
