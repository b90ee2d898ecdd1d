"""Drawings: the strokes of a canvas become a 28 x 28 image framed like MNIST's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model_lib.drawing.preprocessing import BOX_SIDE, FramedDrawing, Framing, FramingStep, frame_pixels, place

Strokes = Sequence[NDArray[Any]]

# Width of MNIST's own pen in pixels of 28 x 28: the median over the training images, which
# `python -m benchmarks.drawing.pen_width` prints; docs/drawing.md describes the method.
PEN_WIDTH: Final = 2.5
CANVAS_SIZE: Final = 280
# A drawing smaller than this share of the canvas is a tap of the pen: a dot, not a tiny digit.
_DOT_SHARE: Final = 0.012
_FARTHEST: Final = 1e6
# More points than this a stroke are a scribble, and take seconds to draw.
_MOST_POINTS: Final = 4_000


class DrawingError(ValueError):
    """Strokes that cannot be read; the message says what was expected."""


@dataclass(frozen=True)
class Drawing:
    """What a visitor has drawn.

    Args:
        strokes: one (k, 2) array of x, y a stroke, in canvas pixels, y down, in the order drawn.
        canvas_size: side of the square canvas, in pixels.
        pen_width_px: of the pen on the canvas, in its pixels.
    """

    strokes: tuple[NDArray[np.float64], ...]
    canvas_size: int = CANVAS_SIZE
    pen_width_px: float = 18.0

    def first_strokes(self, count: int) -> Drawing:
        """Returns the drawing as it was after `count` strokes, for the replay."""
        return Drawing(self.strokes[:count], self.canvas_size, self.pen_width_px)


def strokes_to_image(strokes: Strokes, canvas_size: int = CANVAS_SIZE) -> NDArray[np.float32] | None:
    """Turns the strokes of a drawing into the image that a network reads.

    The strokes are scaled first and then drawn with MNIST's pen, so neither the size of the canvas, nor the width of
    its pen, nor the place and the size of the digit on it matter.

    Args:
        strokes: (k, 2) arrays of x, y in canvas pixels, y down; one point alone is a dot.
        canvas_size: side of the canvas in pixels; only a tap of the pen is told from a tiny digit by it.

    Returns:
        (28, 28) float32, 0 (black) to 1 (white ink), framed like MNIST; None if nothing is drawn.

    Raises:
        DrawingError: for strokes of another shape, or coordinates that are not finite.

    Source: the framing of QMNIST, see `model_lib.drawing.preprocessing`.
    """
    checked = _check(strokes, canvas_size)
    if not checked:
        return None
    return place(_redraw(checked, canvas_size, BOX_SIDE), "redrawn", ()).image


def frame_drawing(drawing: Drawing, framing: Framing = "redrawn") -> FramedDrawing | None:
    """Frames a drawing in one of the four ways, and keeps the pictures in between.

    Args:
        drawing: what was drawn.
        framing: "redrawn" reads the strokes; the others look at the canvas's pixels only.

    Returns:
        The framed drawing, or None if nothing is drawn.

    Raises:
        DrawingError: for strokes that cannot be read.
    """
    size = drawing.canvas_size
    strokes = _check(drawing.strokes, size)
    if not strokes:
        return None
    page = draw_strokes(strokes, 1.0, np.zeros(2), size, drawing.pen_width_px, finer=2)
    if framing != "redrawn":
        return frame_pixels(page, framing)
    cut_out = _redraw(strokes, size, 10 * BOX_SIDE, finer=2)
    steps = (FramingStep("The drawing", page), FramingStep("Cut out, drawn anew", cut_out))
    return place(_redraw(strokes, size, BOX_SIDE), framing, steps)


def _check(strokes: Strokes, canvas_size: int) -> tuple[NDArray[np.float64], ...]:
    """Returns the strokes that have points, as float64."""
    if not isinstance(canvas_size, int | np.integer) or not 1 <= canvas_size <= 10_000:
        raise DrawingError(f"`canvas_size` must be a whole number from 1 to 10,000. Received: {canvas_size!r}.")
    checked = []
    for number, stroke in enumerate(strokes, start=1):
        try:
            points = np.asarray(stroke, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise DrawingError(f"Stroke {number} must be pairs of numbers x, y. Received: {stroke!r:.80}.") from error
        if points.size == 0:
            continue
        if points.ndim != 2 or points.shape[1] != 2:
            raise DrawingError(f"Stroke {number} must have the shape (points, 2). Received: {points.shape}.")
        if not np.isfinite(points).all() or np.abs(points).max() > _FARTHEST:
            raise DrawingError(f"Stroke {number} must have finite coordinates within a million pixels of the canvas.")
        checked.append(points)
    return tuple(checked)


def draw_strokes(
    strokes: Strokes, scale: float, shift: NDArray[np.float64], side: int, pen_width_px: float, finer: int = 16
) -> NDArray[np.float32]:
    """Draws strokes with a round pen and soft edges.

    Args:
        strokes: (k, 2) arrays of x, y.
        scale: pixels of the picture for each unit of the strokes.
        shift: x, y added after that, in pixels of the picture.
        side: of the square picture, in pixels.
        pen_width_px: in pixels of the picture.
        finer: how many times finer the picture is drawn before it is averaged, which makes its edges soft.

    Returns:
        (side, side) float32, 0 (black) to 1 (ink).
    """
    canvas = Image.new("L", (side * finer, side * finer))
    pen = ImageDraw.Draw(canvas)
    width = max(1, round(pen_width_px * finer))
    for stroke in strokes:
        # Pillow cuts fractions off, so pixels are chosen here: the one that each point lies in, ...
        points = _thin_out((stroke * scale + shift) * finer, width / 16)
        if len(points) > 1:
            pen.line(np.floor(points).astype(int).ravel().tolist(), fill=255, width=width)
        # ... and a disc around it, `width` pixels across, which makes joints and ends round.
        for left, top in np.round(points - width / 2).astype(int).tolist():
            pen.ellipse((left, top, left + width - 1, top + width - 1), fill=255)
    # Whole numbers add up fastest: at most 65,025 in 32 x 32 pixels of 255 each.
    fine = np.asarray(canvas).reshape(side, finer, side, finer)
    sums = fine.sum(axis=3, dtype=np.uint16).sum(axis=1, dtype=np.uint32)
    return np.asarray(sums / (255 * finer**2), dtype=np.float32)


def _thin_out(points: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """Drops points too close to the one before to be seen, and of a huge stroke all but evenly chosen ones."""
    if len(points) > 64:
        grid = np.round(points / spacing)
        is_new = np.ones(len(points), bool)
        is_new[1:-1] = np.any(grid[1:-1] != grid[:-2], axis=1)
        points = points[is_new]
    if len(points) > _MOST_POINTS:
        points = points[np.linspace(0, len(points) - 1, _MOST_POINTS).astype(int)]
    return points


def _redraw(strokes: Strokes, canvas_size: int, side: int, finer: int = 16) -> NDArray[np.float32]:
    """Returns the strokes, drawn with MNIST's pen so that their ink just fills a square of `side` pixels."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    pen_width = PEN_WIDTH * side / BOX_SIDE
    # The ink is the pen's path, widened by one pen.
    scale = (side - pen_width) / extent if extent > _DOT_SHARE * canvas_size else 0.0
    return draw_strokes(strokes, scale, side / 2 - scale * (low + high) / 2, side, pen_width, finer)
