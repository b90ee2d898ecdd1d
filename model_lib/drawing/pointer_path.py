"""Reproduces the path that the canvas makes of raw pointer positions, so that a stroke is known while it is drawn.

The canvas sends a stroke only after the pen was lifted.

Source: `PencilBrush` and `getSmoothPathFromPoints` of Fabric.js 7.4.0, in streamlit-drawable-canvas 0.13.
"""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# Fabric's `decimate`: points nearer than this to the last one kept are dropped.
_DECIMATION_PX: Final = 0.4
# Fabric extends both ends of a path by this fraction of the pen's width, so that a dot is visible.
_EXTENSION: Final = 1 / 1000

Point = tuple[float, float]


def pointer_path(positions: NDArray[np.float64], pen_width_px: float) -> list[list[Any]]:
    """Returns the path of a stroke in the canvas's own format, as `read_canvas` accepts it.

    Args:
        positions: (k, 2) x, y of the pointer in canvas pixels, a row for each event from pen-down on; k is at least 1.
        pen_width_px: of the pen.

    Returns:
        A move, a quadratic Bezier curve from midpoint to midpoint of the decimated positions, and a line to the end.
    """
    points = _decimated(_collected([(x, y) for x, y in positions.tolist()]))
    first, last = points[0], points[-1]
    begin = end = (1, 0)  # of a dot, and of a single line
    if len(points) > 2:
        begin = _direction(points[1], points[2])
        end = _direction(points[-2], last)
    extension = pen_width_px * _EXTENSION
    path: list[list[Any]] = [["M", first[0] - begin[0] * extension, first[1] - begin[1] * extension]]
    for (x, y), (next_x, next_y) in itertools.pairwise(points):
        if (x, y) != (next_x, next_y):
            path.append(["Q", x, y, x + (next_x - x) * 0.5, y + (next_y - y) * 0.5])
    path.append(["L", last[0] + end[0] * extension, last[1] + end[1] * extension])
    return path


def _collected(positions: list[Point]) -> list[Point]:
    """Returns what the brush collects: the first position twice, and no other one twice in a row."""
    points = [positions[0], positions[0]]
    for position in positions[1:]:
        if position != points[-1]:
            points.append(position)
    return points


def _decimated(points: list[Point]) -> list[Point]:
    """Drops points near the last one kept and, whatever its distance, the last but one."""
    if len(points) <= 2:
        return points
    kept = [points[0]]
    for x, y in points[1:-2]:
        if (kept[-1][0] - x) ** 2 + (kept[-1][1] - y) ** 2 >= _DECIMATION_PX**2:
            kept.append((x, y))
    return [*kept, points[-1]]


def _direction(start: Point, end: Point) -> tuple[int, int]:
    """Returns the signs of the way from one point to another."""
    return (end[0] > start[0]) - (end[0] < start[0]), (end[1] > start[1]) - (end[1] < start[1])
