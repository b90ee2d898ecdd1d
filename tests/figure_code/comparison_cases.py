"""The program of curves over each other, with what the app draws of the same runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model_lib.comparison.curves import Axis, Measure, RunCurve, run_curve, smoothed
from model_lib.storage.events import EpochEnd, Started, Steps, append_event
from model_lib.storage.history import History
from tests.figure_code.cases import Arrays, Case


def comparison_cases(folder: Path) -> list[Case]:
    """Returns those of two runs: one with over 500 steps, which was resumed, and one without validation images."""
    histories = [_run(folder / "one", 401, 2, True), _run(folder / "two", 5, 1, False)]

    def arrays(measure: Measure, over: Axis, key: str, smoothing: float) -> Arrays:
        found = []
        for curve in (run_curve(history, measure, over) for history in histories):
            found += list(_heights(curve, smoothing) if key == "y" else (curve.places, curve.validation_places))
        return found

    choices: list[tuple[Measure, Axis, float]] = [("loss", "epochs", 0.6), ("accuracy", "seconds", 0.0)]
    return [
        Case(
            "compare/side_by_side",
            key,
            lambda measure=measure, over=over, key=key, smoothing=smoothing: arrays(measure, over, key, smoothing),
            {
                "RUNS": [str(history.folder) for history in histories],
                "MEASURE": measure,
                "OVER": over,
                "SMOOTHING": smoothing,
            },
            compared=lambda arrays: [each for each in arrays if len(each)],
        )
        for measure, over, smoothing in choices
        for key in "xy"
    ]


def _heights(curve: RunCurve, smoothing: float) -> Arrays:
    return smoothed(curve.values, smoothing), curve.validation_values


def _run(folder: Path, steps: int, epochs: int, has_validation: bool) -> History:
    folder.mkdir()
    rng = np.random.default_rng(steps)
    settings = {"steps_per_epoch": steps, "epochs": epochs, "images": 90, "parameters": 10}
    append_event(folder, Started(**settings, epoch=0, step=0))
    for epoch in (0, *range(epochs)):  # the first one twice
        if epoch == 0:
            append_event(folder, Started(**settings, epoch=0, step=0))
        losses, accuracies = (tuple(each) for each in rng.uniform(0, 1, (2, steps)).tolist())
        seconds = steps * epoch + rng.uniform(1, steps)
        append_event(folder, Steps(epoch=epoch, step=0, loss=losses, accuracy=accuracies, seconds=seconds))
        metrics = {"loss": 0.5, "accuracy": 0.5}
        if has_validation:
            metrics |= {"validation_loss": rng.uniform(), "validation_accuracy": 0.9}
        append_event(folder, EpochEnd(epoch=epoch + 1, **metrics, images_per_second=1.0, seconds=seconds))
    return History(folder).update()
