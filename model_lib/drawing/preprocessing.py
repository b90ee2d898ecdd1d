"""Preprocessing: crop, scale and centre ink of any size into a 28 x 28 image, as for MNIST.

MNIST's digits are scaled to 20 x 20 pixels and centred by mass in 28 x 28; anything else is out of distribution for a
network trained on it. The steps are those with which the authors of
QMNIST rebuilt MNIST (C. Yadav, L. Bottou, "Cold Case: The Lost MNIST Digits", 2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE

Framing = Literal["resized", "boxed", "centred", "redrawn"]

FRAMINGS: Final[tuple[Framing, ...]] = get_args(Framing)
# One line each, for the page.
FRAMING_TITLES: Final[Mapping[Framing, str]] = {
    "resized": "Resized",
    "boxed": "Centred by its box",
    "centred": "Centred by its mass",
    "redrawn": "Redrawn with MNIST's pen",
}
FRAMING_EXPLANATIONS: Final[Mapping[Framing, str]] = {
    "resized": "The whole canvas is shrunk to 28 x 28. A small digit, or one in a corner, stays small and there.",
    "boxed": "The ink is cut out, brought to 20 x 20 and put in the middle. Its lines get thicker or thinner with it.",
    "centred": "As before, but the centre of mass is put in the middle, as it was done for MNIST.",
    "redrawn": "The strokes are scaled first and drawn again with a pen as wide as MNIST's, then centred by mass.",
}

BOX_SIDE: Final = 20
# Ink threshold of the bounding box: fainter pixels are blurred edges or noise.
FAINTEST_INK: Final = 0.1


@dataclass(frozen=True)
class FramingStep:
    """One intermediate image of the preprocessing.

    Args:
        title: for the page.
        image: (height, width) float32, 0 (black) to 1 (white).
    """

    title: str
    image: NDArray[np.float32]


@dataclass(frozen=True)
class FramedDrawing:
    """A preprocessed drawing with its intermediate images.

    Args:
        framing: the method.
        image: (28, 28) float32, 0 (black) to 1 (white).
        steps: the drawing, the crop, 20 x 20 and 28 x 28, as far as the method has them; the last is `image`.
    """

    framing: Framing
    image: NDArray[np.float32]
    steps: tuple[FramingStep, ...]


def frame_pixels(ink: NDArray[Any], framing: Framing = "centred") -> FramedDrawing | None:
    """Frames ink that is known as pixels only, such as that of a photograph.

    Args:
        ink: (height, width), 0 (page) to 1 (ink).
        framing: "resized", "boxed" or "centred"; "redrawn" needs strokes, see `model_lib.drawing.strokes`.

    Returns:
        The framed drawing, or None if there is no ink.

    Raises:
        ValueError: for pixels that are no finite (height, width) array, or a framing that pixels do not have.
    """
    if framing not in ("resized", "boxed", "centred"):
        raise ValueError(f"`framing` must be resized, boxed or centred for pixels. Received: {framing!r}.")
    page = np.asarray(ink, dtype=np.float32)
    if page.ndim != 2 or 0 in page.shape or not np.isfinite(page).all():
        raise ValueError(f"`ink` must be (height, width) with finite numbers. Received: shape {page.shape}.")
    box = ink_box(page)
    if box is None:
        return None
    drawing = FramingStep("The drawing", page)
    if framing == "resized":
        side = max(page.shape)
        image = area_resample(page, (page.shape[0] - side) / 2, (page.shape[1] - side) / 2, side, IMAGE_SIDE)
        return FramedDrawing(framing, image, (drawing, FramingStep("Shrunk to 28 x 28", image)))
    top, left, side = box
    pixels = max(1, round(side))
    cut_out = FramingStep("Cut out", area_resample(page, top, left, side, pixels))
    small = area_resample(page, top, left, side, BOX_SIDE)
    return paste_centred(small, framing, (drawing, cut_out))


def paste_centred(small: NDArray[np.float32], framing: Framing, steps: tuple[FramingStep, ...]) -> FramedDrawing:
    """Pastes the 20 x 20 image into the 28 x 28 one and appends both to the steps.

    Args:
        small: (20, 20), not all zero.
        framing: "boxed" centres the bounding box, every other method the centre of mass.
        steps: the intermediate images so far.
    """
    small = (small / small.max()).astype(np.float32)
    top = left = (IMAGE_SIDE - BOX_SIDE) // 2
    if framing != "boxed":
        centres = np.arange(BOX_SIDE) + 0.5
        mass = float(small.sum())
        # Clipped, so that no ink is lost where the mass lies near a border.
        top = min(max(int(15 - float(centres @ small.sum(axis=1)) / mass), 0), IMAGE_SIDE - BOX_SIDE)
        left = min(max(int(15 - float(centres @ small.sum(axis=0)) / mass), 0), IMAGE_SIDE - BOX_SIDE)
    image = np.zeros((IMAGE_SIDE, IMAGE_SIDE), np.float32)
    image[top : top + BOX_SIDE, left : left + BOX_SIDE] = small
    title = "The box in the middle of 28 x 28" if framing == "boxed" else "The centre of mass in the middle of 28 x 28"
    return FramedDrawing(framing, image, (*steps, FramingStep("20 x 20", small), FramingStep(title, image)))


def ink_box(page: NDArray[np.float32]) -> tuple[float, float, float] | None:
    """Returns the bounding box of the ink, widened to a square.

    Args:
        page: (height, width), 0 to 1.

    Returns:
        Top, left and side in pixels; the square may extend beyond the page. None if there is no ink.
    """
    has_ink = page > FAINTEST_INK
    rows, columns = np.flatnonzero(has_ink.any(axis=1)), np.flatnonzero(has_ink.any(axis=0))
    if rows.size == 0:
        return None
    height, width = float(rows[-1] - rows[0] + 1), float(columns[-1] - columns[0] + 1)
    side = max(height, width)
    return rows[0] - (side - height) / 2, columns[0] - (side - width) / 2, side


def area_resample(page: NDArray[np.float32], top: float, left: float, side: float, pixels: int) -> NDArray[np.float32]:
    """Resamples a square crop by exact area averaging (box filter).

    Pillow's BOX filter weighs source pixels by 0 or 1, which shifts a digit by up to half a pixel; this one uses the
    exact overlap, also for crops at fractional positions or beyond the border.

    Args:
        page: (height, width), 0 to 1.
        top: of the square, in pixels of the page.
        left: of the square, in pixels of the page.
        side: of the square, in pixels of the page.
        pixels: side of the result.

    Returns:
        (pixels, pixels) float32, 0 to 1.
    """
    down = _coverage(page.shape[0], top, side, pixels)
    across = _coverage(page.shape[1], left, side, pixels)
    return np.clip(down @ page @ across.T, 0.0, 1.0).astype(np.float32)


def _coverage(length: int, start: float, side: float, pixels: int) -> NDArray[np.float32]:
    """Returns the resampling matrix (pixels, length): the fraction of each output pixel that each input one covers."""
    edges = start + side / pixels * np.arange(pixels + 1)
    source = np.arange(length)
    overlap = np.minimum(edges[1:, None], source + 1) - np.maximum(edges[:-1, None], source)
    return np.asarray(np.clip(overlap, 0.0, None) * (pixels / side), dtype=np.float32)
