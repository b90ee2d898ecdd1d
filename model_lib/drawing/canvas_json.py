"""Parses the JSON of the drawing canvas (Fabric.js paths) into strokes.

Only free-hand paths are read. Their coordinates are those of the canvas, whatever `left` and `top` of the bounding box
say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.drawing.strokes import CANVAS_SIZE, Drawing, DrawingError

_MOST_POINTS: Final = 500_000
_MOST_STROKES: Final = 5_000
# Number of operands of each SVG path command: move, line, quadratic Bezier, cubic Bezier, close.
_OPERANDS: Final[Mapping[str, int]] = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}
# Line segments per Bezier curve: a curve spans two mouse samples, a few pixels.
_SEGMENTS: Final = 4


def read_canvas(content: Any, canvas_size: int = CANVAS_SIZE) -> Drawing:
    """Parses and validates the canvas's JSON, and clips strokes to the canvas.

    Args:
        content: its `json_data`: {"objects": [{"type": "path", "path": [["M", x, y], ["Q", ...], ...]}, ...]};
            None before the first stroke.
        canvas_size: side of the square canvas, in pixels.

    Returns:
        The drawing; without strokes if the canvas is empty. Objects other than paths are skipped.

    Raises:
        DrawingError: for another structure, non-finite coordinates, or too many points.
    """
    if content is None:
        return Drawing((), canvas_size)
    objects = content.get("objects", []) if isinstance(content, Mapping) else None
    if not isinstance(objects, Sequence) or isinstance(objects, str):
        raise DrawingError(f"A drawing must be a mapping with a list `objects`. Received: {content!r:.80}.")
    paths = [entry for entry in objects if isinstance(entry, Mapping) and str(entry.get("type")).lower() == "path"]
    if len(paths) > _MOST_STROKES or sum(_length(entry.get("path")) for entry in paths) > _MOST_POINTS:
        raise DrawingError(
            f"A drawing may have {_MOST_STROKES:,} strokes and {_MOST_POINTS:,} points at most. Clear the canvas."
        )
    strokes = [_read_path(entry.get("path"), number) for number, entry in enumerate(paths, start=1)]
    widths = [entry.get("strokeWidth") for entry in paths]
    pens = [float(width) for width in widths if isinstance(width, int | float) and 0 < width < canvas_size]
    visible = [part for stroke in strokes if len(stroke) for part in _visible(stroke, canvas_size)]
    drawing = Drawing(tuple(visible), canvas_size)
    return drawing if not pens else Drawing(drawing.strokes, canvas_size, float(np.median(pens)))


def _length(path: Any) -> int:
    return len(path) if isinstance(path, Sequence) else 0


def _read_path(path: Any, number: int) -> NDArray[np.float64]:
    """Returns the points (k, 2) of one path; Bezier curves are flattened."""
    if not isinstance(path, Sequence) or isinstance(path, str):
        raise DrawingError(f"Stroke {number} must have a list `path`. Received: {path!r:.80}.")
    steps = np.arange(1, _SEGMENTS + 1)[:, None] / _SEGMENTS
    pieces: list[NDArray[np.float64]] = []
    for segment in path:
        controls = _read_segment(segment, number)
        if len(controls) == 0:
            continue
        if len(controls) == 1 or not pieces:
            pieces.append(controls[-1:])
            continue
        start = pieces[-1][-1]
        # Bernstein basis of the Bezier curve.
        points = np.vstack([start, controls])
        degree = len(controls)
        weights = [math.comb(degree, k) * steps**k * (1 - steps) ** (degree - k) for k in range(degree + 1)]
        pieces.append(np.hstack(weights) @ points)
    return np.concatenate(pieces) if pieces else np.empty((0, 2))


def _read_segment(segment: Any, number: int) -> NDArray[np.float64]:
    """Returns the control points (k, 2) of one path command."""
    is_list = isinstance(segment, Sequence) and not isinstance(segment, str) and len(segment) > 0
    letter = str(segment[0]).upper() if is_list else ""
    if letter not in _OPERANDS or len(segment) != _OPERANDS[letter] + 1:
        raise DrawingError(f"Stroke {number} has a segment that is no line and no curve: {segment!r:.80}.")
    values = segment[1:]
    if not all(isinstance(value, int | float) and math.isfinite(value) for value in values):
        raise DrawingError(f"Stroke {number} must have finite coordinates. Received: {segment!r:.80}.")
    return np.array(values, dtype=np.float64).reshape(-1, 2)


def _visible(stroke: NDArray[np.float64], canvas_size: int) -> list[NDArray[np.float64]]:
    """Clips a stroke to the canvas, which also reports points outside it. Returns the parts inside."""
    is_inside = np.all((stroke >= 0) & (stroke <= canvas_size), axis=1)
    if is_inside.all():
        return [stroke]
    # The first point outside is kept, projected onto the border.
    is_kept = is_inside.copy()
    is_kept[1:] |= is_inside[:-1]
    is_kept[:-1] |= is_inside[1:]
    parts = np.split(np.clip(stroke, 0, canvas_size), np.flatnonzero(np.diff(is_kept)) + 1)
    starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])[:-1]])
    return [part for start, part in zip(starts, parts, strict=True) if is_kept[start]]
