"""The replay: a drawing as it grew, cut into moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.drawing.strokes import Drawing

MOST_MOMENTS: Final = 24


@dataclass(frozen=True)
class Moment:
    """A drawing when some of its ink was on the canvas.

    Args:
        drawing: what was there.
        stroke: which stroke was under way, from 1.
        is_end_of_stroke: whether the pen was lifted just then.
    """

    drawing: Drawing
    stroke: int
    is_end_of_stroke: bool


def moments_of(drawing: Drawing, most: int = MOST_MOMENTS) -> list[Moment]:
    """Cuts a drawing into moments, with about the same length of ink from one to the next.

    Most digits are one stroke, so the ends of strokes alone would show next to nothing.

    Args:
        drawing: the whole drawing.
        most: how many moments at most; if there are more strokes than that, evenly chosen ends of strokes.

    Returns:
        The moments in the order drawn, every end of a stroke among them; the last is the whole drawing. None for a
        blank canvas.
    """
    strokes = [np.asarray(stroke, dtype=np.float64) for stroke in drawing.strokes if len(stroke)]
    if len(strokes) >= most:
        chosen = np.unique(np.linspace(1, len(strokes), most).round().astype(int))
        return [Moment(_first(drawing, strokes, count), int(count), True) for count in chosen]
    travelled = [_travelled(stroke) for stroke in strokes]
    total = sum(float(lengths[-1]) for lengths in travelled)
    spare = most - len(strokes)
    moments = []
    for number, (stroke, lengths) in enumerate(zip(strokes, travelled, strict=True)):
        parts = 1 + (int(spare * lengths[-1] / total) if total else 0)
        counts = np.searchsorted(lengths, lengths[-1] * np.arange(1, parts) / parts, side="right")
        for count in np.unique(counts[(counts > 1) & (counts < len(stroke))]):
            grown = _first(drawing, [*strokes[:number], stroke[:count]], number + 1)
            moments.append(Moment(grown, number + 1, False))
        moments.append(Moment(_first(drawing, strokes, number + 1), number + 1, True))
    return moments


def _first(drawing: Drawing, strokes: list[NDArray[np.float64]], count: int) -> Drawing:
    return Drawing(tuple(strokes[:count]), drawing.canvas_size, drawing.pen_width_px)


def _travelled(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns (k,) how far the pen had gone at each point, in canvas pixels."""
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(steps)])
