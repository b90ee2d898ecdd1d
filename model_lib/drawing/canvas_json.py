"""The canvas: what it sends to the server is read into strokes, and strokes into digits beside each other.

Only free-hand strokes are read. Their coordinates are those of the canvas itself, also where the canvas notes a
`left` and a `top` of the curve's box.
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
# How many numbers follow each letter of a path, as in SVG: move, line, quadratic curve, cubic curve, close.
_LENGTHS: Final[Mapping[str, int]] = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}
# A curve between two samples of the mouse is at most some pixels long: this many pieces make it smooth.
_PIECES: Final = 4
# Strokes nearer to each other, sideways, than this share of the tallest one belong to the same digit.
_SAME_DIGIT_GAP: Final = 0.06
# Strokes that share at least this part of the narrower one's width belong to the same digit.
_SAME_DIGIT_OVERLAP: Final = 0.25


def read_canvas(content: Any, canvas_size: int = CANVAS_SIZE) -> Drawing:
    """Reads what the canvas has sent.

    Args:
        content: its `json_data`: {"objects": [{"type": "path", "path": [["M", x, y], ["Q", ...], ...]}, ...]};
            None before anything was drawn.
        canvas_size: side of the square canvas, in pixels.

    Returns:
        The drawing; without strokes if there is none. Objects that are no paths, such as boxes, are left out.

    Raises:
        DrawingError: for content of another form, coordinates that are not finite, or millions of them.
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


def split_digits(drawing: Drawing) -> tuple[Drawing, ...]:
    """Splits digits drawn beside each other, so that each can be framed alone and all be read as a number.

    Strokes one above the other, such as the bar and the body of a 5, stay together; what lies apart sideways is
    another digit.

    Args:
        drawing: the whole canvas.

    Returns:
        One drawing for each digit, from left to right, on the same canvas; none for an empty canvas.
    """
    strokes = [stroke for stroke in drawing.strokes if len(stroke)]
    if not strokes:
        return ()
    gap = _SAME_DIGIT_GAP * max(float(np.ptp(stroke[:, 1])) for stroke in strokes)
    groups: list[list[int]] = []
    # Joining two groups can bring the result near a third one, hence until nothing changes.
    for number in sorted(range(len(strokes)), key=lambda number: float(strokes[number][:, 0].min())):
        joined = [number]
        apart = []
        for group in groups:
            if _belong_together([strokes[index] for index in group], strokes[number], gap):
                joined = group + joined
            else:
                apart.append(group)
        groups = [*apart, joined]
    groups = _adopt_specks(groups, strokes)
    groups.sort(key=lambda group: float(np.mean([strokes[index][:, 0].mean() for index in group])))
    return tuple(
        Drawing(tuple(strokes[index] for index in sorted(group)), drawing.canvas_size, drawing.pen_width_px)
        for group in groups
    )


def _length(path: Any) -> int:
    return len(path) if isinstance(path, Sequence) else 0


def _read_path(path: Any, number: int) -> NDArray[np.float64]:
    """Returns the points (k, 2) of one path; curves become short lines."""
    if not isinstance(path, Sequence) or isinstance(path, str):
        raise DrawingError(f"Stroke {number} must have a list `path`. Received: {path!r:.80}.")
    shares = np.arange(1, _PIECES + 1)[:, None] / _PIECES
    pieces: list[NDArray[np.float64]] = []
    for segment in path:
        controls = _read_segment(segment, number)
        if len(controls) == 0:
            continue
        if len(controls) == 1 or not pieces:
            pieces.append(controls[-1:])
            continue
        start = pieces[-1][-1]
        # Bezier curves: every control point weighs as much as the binomial formula says.
        points = np.vstack([start, controls])
        degree = len(controls)
        weights = [math.comb(degree, k) * shares**k * (1 - shares) ** (degree - k) for k in range(degree + 1)]
        pieces.append(np.hstack(weights) @ points)
    return np.concatenate(pieces) if pieces else np.empty((0, 2))


def _read_segment(segment: Any, number: int) -> NDArray[np.float64]:
    """Returns the points (k, 2) that one segment names."""
    is_list = isinstance(segment, Sequence) and not isinstance(segment, str) and len(segment) > 0
    letter = str(segment[0]).upper() if is_list else ""
    if letter not in _LENGTHS or len(segment) != _LENGTHS[letter] + 1:
        raise DrawingError(f"Stroke {number} has a segment that is no line and no curve: {segment!r:.80}.")
    values = segment[1:]
    if not all(isinstance(value, int | float) and math.isfinite(value) for value in values):
        raise DrawingError(f"Stroke {number} must have finite coordinates. Received: {segment!r:.80}.")
    return np.array(values, dtype=np.float64).reshape(-1, 2)


def _visible(stroke: NDArray[np.float64], canvas_size: int) -> list[NDArray[np.float64]]:
    """Returns the parts of a stroke that lie on the canvas: it goes on sending while the pen is beside it."""
    is_inside = np.all((stroke >= 0) & (stroke <= canvas_size), axis=1)
    if is_inside.all():
        return [stroke]
    # The first point beside the canvas is kept, at its edge: there the ink was cut off.
    is_kept = is_inside.copy()
    is_kept[1:] |= is_inside[:-1]
    is_kept[:-1] |= is_inside[1:]
    parts = np.split(np.clip(stroke, 0, canvas_size), np.flatnonzero(np.diff(is_kept)) + 1)
    starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])[:-1]])
    return [part for start, part in zip(starts, parts, strict=True) if is_kept[start]]


def _belong_together(group: list[NDArray[np.float64]], stroke: NDArray[np.float64], gap: float) -> bool:
    left, right = min(float(part[:, 0].min()) for part in group), max(float(part[:, 0].max()) for part in group)
    begin, end = float(stroke[:, 0].min()), float(stroke[:, 0].max())
    shared = min(right, end) - max(left, begin)
    if shared < 0:
        # Beside each other: the same digit only if the ink itself nearly touches, as where a 9 gets its stem.
        nearest = min(float(_nearest(part, stroke)) for part in group)
        return nearest < gap
    return shared >= _SAME_DIGIT_OVERLAP * min(right - left, end - begin)


def _nearest(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Returns the smallest distance between the points of two strokes."""
    few, others = (points[:: max(1, len(points) // 300)] for points in (first, second))
    return float(np.sqrt(((few[:, None] - others[None]) ** 2).sum(axis=-1).min()))


def _adopt_specks(groups: list[list[int]], strokes: list[NDArray[np.float64]]) -> list[list[int]]:
    """Joins what is far too small for a digit, such as a slip of the pen, to the digit beside it."""

    def extent(group: list[int]) -> float:
        return float(np.ptp(np.concatenate([strokes[index] for index in group]), axis=0).max())

    def middle(group: list[int]) -> float:
        return float(np.concatenate([strokes[index] for index in group])[:, 0].mean())

    largest = max(extent(group) for group in groups)
    digits = [group for group in groups if extent(group) >= 0.15 * largest]
    for speck in (group for group in groups if extent(group) < 0.15 * largest):
        nearest = min(digits, key=lambda group: abs(middle(group) - middle(speck)))
        nearest.extend(speck)
    return digits
