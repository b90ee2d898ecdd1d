"""What a figure shows, in a sentence made from its data: the text alternative of a chart tells its result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model_lib.evaluation.calibration import Calibration, Rejection
from model_lib.evaluation.writers import WriterMetrics
from model_lib.number_format import accuracy_text, percent, probability_text
from model_lib.storage.history import History
from model_lib.storage.lineage import EarlierCurves

if TYPE_CHECKING:
    from model_lib.figures.curves import Measure
    from model_lib.interpretability.results import ClassAccuracy


def describe_curve(history: History, measure: Measure, earlier: EarlierCurves | None = None) -> str:
    """Says where a metric has gone, e.g. "validation accuracy rises from 91.20 % to 98.70 % by epoch 3".

    Args:
        history: metrics of the run.
        measure: the metric.
        earlier: curves of the trainings that it goes on from, also said where there are some.
    """
    if earlier is not None and len(earlier.training):
        first = _change(earlier.training[:, 3 if measure == "accuracy" else 2], measure)
        return f"training {measure} {first} in the {earlier.epochs:g} epochs before; {describe_curve(history, measure)}"
    epochs, validated = history.epoch_curve(f"validation_{measure}")
    if len(epochs):
        return f"validation {measure} {_change(validated, measure)} by epoch {epochs[-1]:g}"
    steps, values = history.curve(measure)
    if len(steps):
        return f"training {measure} {_change(values, measure)} by step {steps[-1]:,}"
    return f"{measure}: nothing yet"


def _change(values: NDArray[np.float64], measure: Measure) -> str:
    first, last = (accuracy_text(each) if measure == "accuracy" else f"{each:.3f}" for each in (values[0], values[-1]))
    if first == last:
        return f"is {last}"
    return f"{'rises' if values[-1] > values[0] else 'falls'} from {first} to {last}"


def describe_probabilities(probabilities: NDArray[Any], names: Sequence[str]) -> str:
    """Names the two largest probabilities, e.g. "4 with 99.2 %, then 9 with 0.5 %"."""
    first, second = np.argsort(-probabilities, kind="stable")[:2]
    return (
        f"{names[first]} with {probability_text(float(probabilities[first]))}, "
        f"then {names[second]} with {probability_text(float(probabilities[second]))}"
    )


def describe_moments(predictions: Sequence[str]) -> str:
    """Says when the prediction changes, e.g. "1 from moment 1, 7 from moment 4"."""
    begins = [place for place, name in enumerate(predictions) if place == 0 or name != predictions[place - 1]]
    return ", ".join(f"{predictions[place]} from moment {place + 1}" for place in begins)


def describe_confusion(counts: NDArray[np.int64], names: Sequence[str]) -> str:
    """Says how many images are predicted correctly and what is confused most often; counts (n, n), rows are labels."""
    mistakes = counts - np.diag(np.diag(counts))
    correct = f"{int(np.trace(counts)):,} of {int(counts.sum()):,} images predicted correctly"
    if not mistakes.any():
        return f"{correct}, no mistakes"
    label, prediction = np.unravel_index(int(mistakes.argmax()), mistakes.shape)
    count = int(mistakes[label, prediction])
    return (
        f"{correct}; most frequent mistake: {names[int(label)]} predicted as {names[int(prediction)]}, {_images(count)}"
    )


def describe_ablation(baseline: ClassAccuracy, ablated: ClassAccuracy, names: Sequence[str]) -> str:
    """Names the class that is predicted worst, and the one that loses most without the filters."""
    changes = ablated.by_class - baseline.by_class
    lowest, worst = int(np.nanargmin(ablated.by_class)), int(np.nanargmin(changes))
    sentence = f"accuracy by label: lowest {names[lowest]} with {accuracy_text(ablated.by_class[lowest])}"
    if changes[worst] >= 0.0:
        return f"{sentence}; no label loses accuracy"
    return f"{sentence}; {names[worst]} loses most, {-100 * changes[worst]:.2f} percentage points"


def describe_calibration(calibration: Calibration) -> str:
    """Says how far confidence is from accuracy, and in which bin of many images most."""
    gaps = np.where(calibration.counts > 0, calibration.accuracies - calibration.confidences, 0.0)
    place = int(np.abs(gaps * calibration.counts).argmax())
    return (
        f"expected calibration error {percent(calibration.error, 2)}; most at a confidence of "
        f"{probability_text(calibration.confidences[place])}, where the accuracy is "
        f"{accuracy_text(calibration.accuracies[place])} ({_images(int(calibration.counts[place]))})"
    )


def describe_rejection(curve: Sequence[Rejection], chosen: Rejection) -> str:
    """Says what the accuracy becomes when the least confident are rejected."""
    return (
        f"accuracy {accuracy_text(curve[0].accuracy)} with {percent(curve[0].rate)} rejected, "
        f"{accuracy_text(chosen.accuracy)} with {percent(chosen.rate)} rejected"
    )


def describe_writers(metrics: Sequence[WriterMetrics]) -> str:
    """Names the writers of the most and of the fewest mistakes."""
    worst = min(metrics, key=lambda each: each.accuracy)
    best = max(metrics, key=lambda each: each.accuracy)
    return (
        f"error rate by person: largest person {worst.writer} with {percent(1 - worst.accuracy, 2)}, "
        f"smallest person {best.writer} with {percent(1 - best.accuracy, 2)}"
    )


def describe_map(values: NDArray[Any]) -> str:
    """Says where a map (height, width) is strongest, positive or negative."""
    row, column = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    value = float(values[row, column])
    return "zero everywhere" if value == 0.0 else f"strongest at row {row}, column {column}: {value:.3g}"


def describe_maps(maps: NDArray[Any], kind: str = "map") -> str:
    """Says which of several maps (n, height, width) has the strongest value."""
    strongest = np.abs(maps).max(axis=(1, 2))
    place = int(strongest.argmax())
    return f"{len(maps)} {kind}s, the strongest value in {kind} {place}: {strongest[place]:.3g}"


def describe_bars(values: NDArray[Any], names: Sequence[str]) -> str:
    """Names the largest and the smallest of the bars."""
    largest, smallest = int(values.argmax()), int(values.argmin())
    return (
        f"largest {names[largest]} with {values[largest]:.3g}, smallest {names[smallest]} with {values[smallest]:.3g}"
    )


def describe_images(details: Sequence[str]) -> str:
    """Counts images and says what the first of them is."""
    return f"{_images(len(details))}, the first: {details[0]}"


def _images(count: int) -> str:
    return f"{count:,} image{'s' * (count != 1)}"
