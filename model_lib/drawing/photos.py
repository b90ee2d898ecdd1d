"""Preprocesses uploaded pictures and photographs into what a network takes, like drawings."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model_lib.drawing.ink import segment_ink
from model_lib.drawing.picture_file import PictureError, read_brightness
from model_lib.drawing.preprocessing import BOX_SIDE, FramedDrawing, Framing, FramingStep, frame_pixels, ink_box
from model_lib.drawing.strokes import PEN_WIDTH

_NO_CONTRAST: Final = "Nothing stands out on this picture. Take one with a clear, dark digit on light paper."


def read_picture(content: bytes) -> NDArray[np.float32]:
    """Segments the ink of an uploaded image: either polarity, also under uneven illumination.

    Args:
        content: the bytes of a PNG, JPEG or WebP file, at most 10 MB. The first frame of an animation; the EXIF
            orientation is applied.

    Returns:
        (height, width) float32, 0 (page) to 1 (ink), at most 640 pixels on the longer side.

    Raises:
        PictureError: for another format, a file or image that is too large or too small, or no contrast.
    """
    ink = segment_ink(read_brightness(content))
    if ink is None:
        raise PictureError(_NO_CONTRAST)
    return ink


def frame_picture(content: bytes, framing: Framing = "redrawn") -> FramedDrawing:
    """Preprocesses an uploaded image by one of the four framings.

    Args:
        content: see `read_picture`.
        framing: "redrawn" erodes or dilates lines to MNIST's stroke width, since an image has no strokes.

    Returns:
        The preprocessed digit with its intermediate images.

    Raises:
        PictureError: as `read_picture`.
    """
    return frame_ink(read_picture(content), framing)


def frame_ink(ink: NDArray[np.float32], framing: Framing = "redrawn") -> FramedDrawing:
    """Preprocesses the ink of one digit; see `frame_picture`.

    Args:
        ink: (height, width), 0 (page) to 1 (ink), from `read_picture` or `split_ink`; not empty.
        framing: see `frame_picture`.
    """
    framed = frame_pixels(
        _normalise_stroke_width(ink) if framing == "redrawn" else ink, _FRAMING_OF_PIXELS.get(framing, framing)
    )
    if framed is None:
        raise PictureError(_NO_CONTRAST)
    first = FramingStep("The ink on the picture", _with_margins(ink))
    return FramedDrawing(framing, framed.image, (first, *framed.steps[1:]))


def _with_margins(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pads to an aspect ratio of at most 2, so that a strip is displayed no taller than that."""
    missing = [max(0, max(ink.shape) // 2 - side) for side in ink.shape]
    return np.pad(ink, [(space // 2, space - space // 2) for space in missing])


_FRAMING_OF_PIXELS: Final[dict[Framing, Framing]] = {"redrawn": "centred"}


def _normalise_stroke_width(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Erodes or dilates lines to the width that becomes MNIST's stroke width after framing.

    A line's width is estimated as twice its area divided by its perimeter.

    Returns:
        The part of the picture that has ink.
    """
    has_ink = ink > 0
    rows, columns = (np.flatnonzero(has_ink.any(axis=axis)) for axis in (1, 0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if rows.size else ink
    for _ in range(2):
        box = ink_box(ink)
        if box is None:
            return ink
        solid = np.pad(ink, 1) > 0.5
        outline = float(np.hypot(*np.gradient(ndimage.gaussian_filter(np.pad(ink, 1), 0.7))).sum())
        width = 2 * float(ink.sum()) / max(outline, 1e-6)
        wanted = PEN_WIDTH * box[2] / BOX_SIDE
        change = float(np.clip((wanted - width) / 2, -0.3 * width, 0.5 * wanted))
        if abs(change) < 0.25:
            return ink
        reach = max(2, round(change) + 2)
        solid = np.pad(ink, reach) > 0.5
        # Signed distance to the outline, positive inside; the pixel's edge is half a pixel away.
        inside, outside = ndimage.distance_transform_edt(solid), ndimage.distance_transform_edt(~solid)
        distance = np.where(solid, inside - 0.5, 0.5 - outside)
        ink = np.clip(distance + change + 0.5, 0, 1).astype(np.float32)
    return ink
