"""Replay: a drawing at intermediate times, evenly spaced by arc length."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.drawing.strokes import Drawing

MOST_MOMENTS: Final = 24


@dataclass(frozen=True)
class Moment:
    """A drawing at an intermediate time.

    Args:
        drawing: the strokes so far.
        stroke: number of the current stroke, from 1.
        is_end_of_stroke: whether that stroke is complete.
    """

    drawing: Drawing
    stroke: int
    is_end_of_stroke: bool


def moments_of(drawing: Drawing, most: int = MOST_MOMENTS) -> list[Moment]:
    """Samples a drawing at moments with about equal arc length in between.

    Most digits are a single stroke, so the ends of strokes alone would be too few.

    Args:
        drawing: the whole drawing.
        most: upper bound of the number of moments; with more strokes than that, evenly spaced ends of strokes.

    Returns:
        The moments in the order drawn, every end of a stroke included; the last is the whole drawing. Empty for a
        blank canvas.
    """
    strokes = [np.asarray(stroke, dtype=np.float64) for stroke in drawing.strokes if len(stroke)]
    if len(strokes) >= most:
        chosen = np.unique(np.linspace(1, len(strokes), most).round().astype(int))
        return [Moment(_with_strokes(drawing, strokes, count), int(count), True) for count in chosen]
    arc_lengths = [_arc_lengths(stroke) for stroke in strokes]
    total = sum(float(lengths[-1]) for lengths in arc_lengths)
    spare = most - len(strokes)
    moments = []
    for number, (stroke, lengths) in enumerate(zip(strokes, arc_lengths, strict=True)):
        parts = 1 + (int(spare * lengths[-1] / total) if total else 0)
        counts = np.searchsorted(lengths, lengths[-1] * np.arange(1, parts) / parts, side="right")
        for count in np.unique(counts[(counts > 1) & (counts < len(stroke))]):
            grown = _with_strokes(drawing, [*strokes[:number], stroke[:count]], number + 1)
            moments.append(Moment(grown, number + 1, False))
        moments.append(Moment(_with_strokes(drawing, strokes, number + 1), number + 1, True))
    return moments


def _with_strokes(drawing: Drawing, strokes: list[NDArray[np.float64]], count: int) -> Drawing:
    return replace(drawing, strokes=tuple(strokes[:count]))


def _arc_lengths(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the cumulative arc length (k,) at each point, in canvas pixels."""
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(steps)])
