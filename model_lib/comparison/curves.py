"""Learning curves of runs for one chart: over the same axis, and smoothed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model_lib.storage.history import History

Measure = Literal["loss", "accuracy"]
Axis = Literal["epochs", "steps", "seconds"]


@dataclass(frozen=True)
class RunCurve:
    """A metric of a run over one axis.

    Args:
        places: (k,) of the training values on the axis: ends of the intervals that they are means of.
        values: (k,) of the training images, at most some 500.
        validation_places: (e,) of the validation values: the ends of the epochs.
        validation_values: (e,) of the validation images, none without any.
    """

    places: NDArray[np.float64]
    values: NDArray[np.float64]
    validation_places: NDArray[np.float64]
    validation_values: NDArray[np.float64]


def run_curve(history: History, measure: Measure, over: Axis) -> RunCurve:
    """Returns a metric of a run, which may be under way.

    Args:
        history: metrics of the run.
        measure: the metric.
        over: the axis: completed epochs, optimizer steps, or seconds of training without pauses.
    """
    steps, values = history.curve(measure)
    epochs, validated = history.epoch_curve(f"validation_{measure}")

    def on_axis(ends: NDArray[np.float64]) -> NDArray[np.float64]:
        if over == "seconds":
            return history.seconds_at(ends)
        return ends / history.steps_per_epoch if over == "epochs" else ends

    return RunCurve(on_axis(steps), values, on_axis(epochs * history.steps_per_epoch), validated)


def axis_end(history: History, over: Axis, is_under_way: bool) -> float:
    """Returns where the training of a run ends on an axis: by its settings while it is under way, else as it ended."""
    if over == "seconds":
        return history.seconds + ((history.seconds_left or 0.0) if is_under_way else 0.0)
    steps = history.total_steps if is_under_way else history.steps_done
    return steps / history.steps_per_epoch if over == "epochs" else float(steps)


def smoothed(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Returns the exponential moving average, debiased: the first values count fully from the start.

    Each is the weighted mean of all values up to it, the last with weight 1, the one before with `weight`, and so on.

    Args:
        values: (k,), in their order.
        weight: 0 (as they are) to below 1.

    Source:
        Debiasing: D. Kingma, J. Ba, "Adam", 2015, section 3; the slider of TensorBoard smooths alike.
    """
    if weight <= 0.0 or not len(values):
        return values
    # Here: it takes long, and a page without smoothing needs none.
    import pandas as pd  # type: ignore[import-untyped]

    averages: NDArray[np.float64] = pd.Series(values).ewm(alpha=1.0 - weight, adjust=True).mean().to_numpy(np.float64)
    return averages
