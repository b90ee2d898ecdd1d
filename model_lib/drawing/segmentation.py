"""Segments a drawing of several digits side by side by clustering its strokes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.drawing.strokes import Drawing

# Strokes whose distance is below this fraction of the tallest one's height belong to the same digit.
_SAME_DIGIT_GAP: Final = 0.06
# Strokes that overlap by at least this fraction of the narrower one's width belong to the same digit.
_SAME_DIGIT_OVERLAP: Final = 0.25
# A group of strokes below this fraction of the largest one's extent is no digit of its own.
_SMALL: Final = 0.15
# All pairs of strokes are compared; so many are no digits side by side.
MOST_STROKES: Final = 60


def split_digits(drawing: Drawing) -> tuple[Drawing, ...]:
    """Segments a drawing into digits side by side, so that each can be framed and classified alone.

    Strokes that overlap horizontally, such as the bar and the body of a 5, form one digit.

    Args:
        drawing: all strokes of the canvas.

    Returns:
        One drawing for each digit, from left to right, on the same canvas; none for an empty canvas. The drawing as it
        is where it has more than `MOST_STROKES`.
    """
    strokes = [stroke for stroke in drawing.strokes if len(stroke)]
    if not strokes:
        return ()
    if len(strokes) > MOST_STROKES:
        return (drawing,)
    return tuple(
        Drawing(tuple(strokes[index] for index in sorted(group)), drawing.canvas_size, drawing.pen_width_px)
        for group in cluster_strokes(strokes)
    )


def cluster_strokes(strokes: list[NDArray[np.float64]]) -> list[list[int]]:
    """Groups strokes, (k, 2) arrays of x, y, into digits: indices of each digit's strokes, from left to right."""
    gap = _SAME_DIGIT_GAP * max(float(np.ptp(stroke[:, 1])) for stroke in strokes)
    groups: list[list[int]] = []
    # Single-linkage clustering from left to right: a stroke merges all groups that it touches.
    for index in sorted(range(len(strokes)), key=lambda index: float(strokes[index][:, 0].min())):
        merged = [index]
        separate = []
        for group in groups:
            if _is_same_digit([strokes[index] for index in group], strokes[index], gap):
                merged = group + merged
            else:
                separate.append(group)
        groups = [*separate, merged]
    groups = merge_small_strokes(groups, strokes)
    groups.sort(key=lambda group: float(np.mean([strokes[index][:, 0].mean() for index in group])))
    return groups


def _is_same_digit(group: list[NDArray[np.float64]], stroke: NDArray[np.float64], gap: float) -> bool:
    left, right = min(float(part[:, 0].min()) for part in group), max(float(part[:, 0].max()) for part in group)
    begin, end = float(stroke[:, 0].min()), float(stroke[:, 0].max())
    overlap = min(right, end) - max(left, begin)
    if overlap < 0:
        # No horizontal overlap: the same digit only if the ink nearly touches, as with the stem of a 9.
        nearest = min(float(_min_distance(part, stroke)) for part in group)
        return nearest < gap
    return overlap >= _SAME_DIGIT_OVERLAP * min(right - left, end - begin)


def _min_distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Returns the smallest distance between points of two strokes, in pixels."""
    few, others = (points[:: max(1, len(points) // 300)] for points in (first, second))
    return float(np.sqrt(((few[:, None] - others[None]) ** 2).sum(axis=-1).min()))


def merge_small_strokes(groups: list[list[int]], strokes: list[NDArray[np.float64]]) -> list[list[int]]:
    """Merges groups that are too small for a digit, such as a slip of the pen, into the nearest digit.

    Args:
        groups: indices of the strokes of each digit.
        strokes: (k, 2) arrays of x, y.

    Returns:
        The groups of at least `_SMALL` of the largest one's extent, with the others merged into them.
    """

    def extent(group: list[int]) -> float:
        return float(np.ptp(np.concatenate([strokes[index] for index in group]), axis=0).max())

    def middle(group: list[int]) -> float:
        return float(np.concatenate([strokes[index] for index in group])[:, 0].mean())

    largest = max(extent(group) for group in groups)
    digits = [group for group in groups if extent(group) >= _SMALL * largest]
    for small in (group for group in groups if extent(group) < _SMALL * largest):
        nearest = min(digits, key=lambda group: abs(middle(group) - middle(small)))
        nearest.extend(small)
    return digits
