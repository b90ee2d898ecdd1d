"""Rasterises strokes into a 28 x 28 image framed like MNIST's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model_lib.drawing.preprocessing import BOX_SIDE, FramedDrawing, Framing, FramingStep, frame_pixels, paste_centred

Strokes = Sequence[NDArray[Any]]

# Width of MNIST's own pen in pixels of 28 x 28: the median over the training images, which
# `python -m benchmarks.drawing.pen_width` prints; docs/drawing.md describes the method.
PEN_WIDTH: Final = 2.5
CANVAS_SIZE: Final = 280
# A drawing smaller than this fraction of the canvas is a dot, not a tiny digit.
_DOT_FRACTION: Final = 0.012
_FARTHEST: Final = 1e6
# Strokes with more points than this take seconds to rasterise, and are scribbles.
_MOST_POINTS: Final = 4_000


class DrawingError(ValueError):
    """Invalid strokes; the message says what was expected."""


@dataclass(frozen=True)
class Drawing:
    """A visitor's drawing.

    Args:
        strokes: one (k, 2) array of x, y a stroke, in canvas pixels, y down, in the order drawn.
        canvas_size: side of the square canvas, in pixels.
        pen_width_px: of the pen on the canvas, in its pixels.
    """

    strokes: tuple[NDArray[np.float64], ...]
    canvas_size: int = CANVAS_SIZE
    pen_width_px: float = 18.0

    @cached_property
    def image(self) -> NDArray[np.float32] | None:
        """The network's input, (28, 28) float32; see `strokes_to_image`."""
        return strokes_to_image(self.strokes, self.canvas_size)


def strokes_to_image(strokes: Strokes, canvas_size: int = CANVAS_SIZE) -> NDArray[np.float32] | None:
    """Rasterises strokes into the input of a network.

    The strokes are scaled first and then rasterised with MNIST's stroke width: the result is invariant to the canvas
    size, the pen width, and the position and size of the digit.

    Args:
        strokes: (k, 2) arrays of x, y in canvas pixels, y down; a single point is a dot.
        canvas_size: side of the canvas in pixels; scales the threshold between a dot and a tiny digit.

    Returns:
        (28, 28) float32, 0 (black) to 1 (white ink), framed like MNIST; None if nothing is drawn.

    Raises:
        DrawingError: for strokes of another shape, or non-finite coordinates.

    Source: the framing of QMNIST, see `model_lib.drawing.preprocessing`.
    """
    checked = _validated(strokes, canvas_size)
    if not checked:
        return None
    return paste_centred(_fit_to_box(checked, canvas_size, BOX_SIDE), "redrawn", ()).image


def frame_drawing(drawing: Drawing, framing: Framing = "redrawn") -> FramedDrawing | None:
    """Preprocesses a drawing by one of the four framings, with all intermediate images.

    Args:
        drawing: the strokes.
        framing: "redrawn" rasterises the scaled strokes; the others resample the canvas's pixels.

    Returns:
        The framed drawing, or None if nothing is drawn.

    Raises:
        DrawingError: for invalid strokes.
    """
    size = drawing.canvas_size
    strokes = _validated(drawing.strokes, size)
    if not strokes:
        return None
    page = draw_strokes(strokes, 1.0, np.zeros(2), size, drawing.pen_width_px, supersampling=2)
    if framing != "redrawn":
        return frame_pixels(page, framing)
    cut_out = _fit_to_box(strokes, size, 10 * BOX_SIDE, supersampling=2)
    steps = (FramingStep("The drawing", page), FramingStep("Cut out, drawn anew", cut_out))
    return paste_centred(_fit_to_box(strokes, size, BOX_SIDE), framing, steps)


def _validated(strokes: Strokes, canvas_size: int) -> tuple[NDArray[np.float64], ...]:
    """Returns the non-empty strokes as float64."""
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
    strokes: Strokes, scale: float, shift: NDArray[np.float64], side: int, pen_width_px: float, supersampling: int = 16
) -> NDArray[np.float32]:
    """Rasterises strokes with a round pen, anti-aliased by supersampling.

    Args:
        strokes: (k, 2) arrays of x, y.
        scale: output pixels per unit of the strokes.
        shift: x, y translation after scaling, in output pixels.
        side: of the square output, in pixels.
        pen_width_px: in output pixels.
        supersampling: factor by which the raster is finer than the output.

    Returns:
        (side, side) float32, 0 (black) to 1 (ink).
    """
    canvas = Image.new("L", (side * supersampling, side * supersampling))
    pen = ImageDraw.Draw(canvas)
    width = max(1, round(pen_width_px * supersampling))
    for stroke in strokes:
        # Pillow truncates coordinates, so they are rounded here: lines to the pixel that holds each point, ...
        points = _thin_out((stroke * scale + shift) * supersampling, width / 16)
        if len(points) > 1:
            pen.line(np.floor(points).astype(int).ravel().tolist(), fill=255, width=width)
        # ... and a disc of diameter `width` around it: round joins and caps.
        for left, top in np.round(points - width / 2).astype(int).tolist():
            pen.ellipse((left, top, left + width - 1, top + width - 1), fill=255)
    # Integer sums are fastest, and a row of the block fits uint16.
    blocks = np.asarray(canvas).reshape(side, supersampling, side, supersampling)
    sums = blocks.sum(axis=3, dtype=np.uint16).sum(axis=1, dtype=np.uint32)
    return np.asarray(sums / (255 * supersampling**2), dtype=np.float32)


def _thin_out(points: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """Drops points closer than `spacing` to the previous one, and subsamples huge strokes evenly."""
    if len(points) > 64:
        grid = np.round(points / spacing)
        is_new = np.ones(len(points), bool)
        is_new[1:-1] = np.any(grid[1:-1] != grid[:-2], axis=1)
        points = points[is_new]
    if len(points) > _MOST_POINTS:
        points = points[np.linspace(0, len(points) - 1, _MOST_POINTS).astype(int)]
    return points


def _fit_to_box(strokes: Strokes, canvas_size: int, side: int, supersampling: int = 16) -> NDArray[np.float32]:
    """Rasterises strokes with MNIST's stroke width, scaled so that the ink fills a square of `side` pixels."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    pen_width = PEN_WIDTH * side / BOX_SIDE
    # The ink extends half a pen width beyond the path on every side.
    scale = (side - pen_width) / extent if extent > _DOT_FRACTION * canvas_size else 0.0
    return draw_strokes(strokes, scale, side / 2 - scale * (low + high) / 2, side, pen_width, supersampling)
