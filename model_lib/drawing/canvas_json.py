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
    controls, degrees = _read_commands(path, number)
    if len(controls) == 0:
        return controls
    ends = np.cumsum(degrees) - 1
    # The first command has no start and gives its end point alone, as a line does.
    is_curve = (degrees > 1) & (np.arange(len(degrees)) > 0)
    lengths = np.where(is_curve, _SEGMENTS, 1)
    places = np.cumsum(lengths) - lengths
    points = np.empty((lengths.sum(), 2))
    points[places[~is_curve]] = controls[ends[~is_curve]]
    steps = np.arange(1, _SEGMENTS + 1) / _SEGMENTS
    for degree in np.unique(degrees[is_curve]):
        chosen = np.flatnonzero(is_curve & (degrees == degree))
        # Bernstein basis of the Bezier curve, whose first control point is the end of the command before.
        basis = [math.comb(degree, k) * steps**k * (1 - steps) ** (degree - k) for k in range(degree + 1)]
        curves = controls[ends[chosen - 1, None] + np.arange(degree + 1)]
        points[places[chosen, None] + np.arange(_SEGMENTS)] = np.einsum("kt,ckx->ctx", np.array(basis), curves)
    return points


def _read_commands(path: Sequence[Any], number: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Returns the control points (k, 2) of all commands, and how many each has; commands without any are left out."""
    values: list[Any] = []
    degrees: list[int] = []
    for command in path:
        is_list = isinstance(command, Sequence) and not isinstance(command, str) and len(command) > 0
        letter = str(command[0]).upper() if is_list else ""
        if letter not in _OPERANDS or len(command) != _OPERANDS[letter] + 1:
            raise DrawingError(f"Stroke {number} has a segment that is no line and no curve: {command!r:.80}.")
        if _OPERANDS[letter]:
            values += command[1:]
            degrees.append(_OPERANDS[letter] // 2)
    is_finite = all(issubclass(kind, int | float) for kind in set(map(type, values)))
    try:
        controls = np.array(values if is_finite else [], dtype=np.float64)
    except OverflowError:  # a whole number beyond the largest float
        is_finite = False
    if not is_finite or not np.isfinite(controls).all():
        raise DrawingError(f"Stroke {number} must have finite coordinates. Received: {path!r:.80}.")
    return controls.reshape(-1, 2), np.array(degrees, dtype=np.intp)


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
