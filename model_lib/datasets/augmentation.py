"""Augmentation: every image is moved, turned and bent a little each time it is looked at.

Only NumPy is needed, and a recipe is a few numbers, so that settings and pages can name recipes at no cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.stroke_augmentation import add_strokes

_SIDE: Final = 28
_MIDDLE: Final = _SIDE / 2
# Empty pixels around each image, so that sampling beside it finds black without being asked.
_MARGIN: Final = 2
_PADDED: Final = _SIDE + 2 * _MARGIN
# Images worked on together: few enough to stay in the processor's cache.
_CHUNK: Final = 400
_BOX: Final = 20.0


@dataclass(frozen=True)
class Recipe:
    """How strongly images are changed. All numbers are the largest change to either side, drawn evenly, unless said.

    Args:
        explanation: one line for the page.
        rotation_degrees: about the middle.
        shear: sideways shift for each pixel of height.
        stretch: change of width against height, as a share.
        scale: change of size, as a share; has no effect where `is_reframed`.
        shift_px: in pixels of 28 x 28; where `is_reframed`, around the place that MNIST's framing gives.
        bend_px: standard deviation of the pull on each point of a coarse grid, between which the image bends.
        bend_points: points of that grid along each side.
        thinner: most of a pixel that a stroke loses at each edge.
        thicker: most of a pixel that a stroke gains at each edge.
        is_reframed: whether the changed digit is brought back to 20 x 20 and centred by mass, as MNIST's are.
        extra_strokes: share of the ones that get a base or a flag, and of the sevens that get a bar; needs labels.
        flag_height: of the longest flag of a 1, as a share of the digit's height.
        flag_slope: least fall of that flag for each pixel sideways; a flatter one makes the 1 a 7.
    """

    explanation: str
    rotation_degrees: float = 0.0
    shear: float = 0.0
    stretch: float = 0.0
    scale: float = 0.0
    shift_px: float = 0.0
    bend_px: float = 0.0
    bend_points: int = 4
    thinner: float = 0.0
    thicker: float = 0.0
    is_reframed: bool = False
    extra_strokes: float = 0.0
    flag_height: float = 0.4
    flag_slope: float = 0.0


_HANDWRITING: Final = Recipe(
    "Turned, leaned, bent, drawn with thinner or thicker pens, then framed like MNIST: other people's hands.",
    rotation_degrees=15,
    shear=0.25,
    stretch=0.2,
    shift_px=0.5,
    bend_px=1.1,
    thinner=0.5,
    thicker=0.6,
    is_reframed=True,
    extra_strokes=0.45,
)
RECIPES: Final[Mapping[str, Recipe]] = {
    "none": Recipe("Every image stays as it is."),
    "gentle": Recipe(
        "Moved by up to two pixels, turned, leaned and resized a little; for digits and for clothing.",
        rotation_degrees=8,
        shear=0.1,
        stretch=0.05,
        scale=0.08,
        shift_px=2,
    ),
    "handwriting": _HANDWRITING,
    "long_flags": replace(
        _HANDWRITING,
        explanation="As handwriting, and more ones get the long upstroke that is written in much of Europe.",
        extra_strokes=0.6,
        flag_height=0.6,
        flag_slope=0.5,
    ),
}


def augment(
    images: NDArray[np.uint8], rng: np.random.Generator, recipe: str, labels: NDArray[Any] | None = None
) -> NDArray[np.uint8]:
    """Changes every image by chance, as its recipe says; called once before each epoch.

    Args:
        images: (n, 28, 28) uint8, 0 (black) to 255 (ink).
        rng: where all chance comes from.
        recipe: a name in `RECIPES`.
        labels: (n,) the digits, for recipes with `extra_strokes`; None leaves these out.

    Returns:
        (n, 28, 28) uint8; the images themselves for "none".

    Raises:
        ValueError: for an unknown recipe, or images of another shape or type.
    """
    if recipe not in RECIPES:
        raise ValueError(f"`recipe` must be one of {', '.join(RECIPES)}. Received: {recipe!r}.")
    if images.ndim != 3 or images.shape[1:] != (_SIDE, _SIDE) or images.dtype != np.uint8:
        raise ValueError(f"`images` must be (n, 28, 28) uint8. Received: {images.shape} {images.dtype}.")
    if recipe == "none":
        return images
    return augment_with(images, rng, RECIPES[recipe], labels)


def augment_with(
    images: NDArray[np.uint8], rng: np.random.Generator, recipe: Recipe, labels: NDArray[Any] | None = None
) -> NDArray[np.uint8]:
    """Changes every image by a recipe that has no name; see `augment`."""
    changed = np.empty_like(images)
    for start in range(0, len(images), _CHUNK):
        part = slice(start, start + _CHUNK)
        chunk = images[part]
        if recipe.extra_strokes and labels is not None:
            chunk = add_strokes(chunk, labels[part], rng, recipe.extra_strokes, recipe.flag_height, recipe.flag_slope)
        changed[part] = _redraw(_warp(chunk, rng, recipe), rng, recipe)
    return changed


def _warp(images: NDArray[np.uint8], rng: np.random.Generator, recipe: Recipe) -> NDArray[np.float32]:
    """Turns, leans, stretches and bends; then moves, or frames like MNIST. Returns (n, 28, 28), 0 to 255."""
    count = len(images)

    def evenly(most: float) -> NDArray[np.float32]:
        return rng.uniform(-most, most, count).astype(np.float32)

    angle, lean = np.deg2rad(evenly(recipe.rotation_degrees)), evenly(recipe.shear)
    size, stretch = 1 + evenly(recipe.scale), np.exp(evenly(recipe.stretch) / 2)
    cosine, sine = np.cos(angle), np.sin(angle)
    # Rows: y, x in the old image for each y, x in the new one.
    matrix = np.empty((count, 2, 2), np.float32)
    matrix[:, 0, 0], matrix[:, 0, 1] = cosine * stretch, sine / stretch
    matrix[:, 1, 0], matrix[:, 1, 1] = (lean * cosine - sine) * stretch, (cosine + lean * sine) / stretch
    matrix /= size[:, None, None]
    pulls = rng.normal(0, recipe.bend_px, (count, 2, recipe.bend_points, recipe.bend_points)).astype(np.float32)

    padded = np.zeros((count, _PADDED, _PADDED), np.uint8)
    padded[:, _MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = images
    # Pixel centres at +0.5, measured from the middle of the image.
    offsets = np.arange(_SIDE, dtype=np.float32) + 0.5 - _MIDDLE
    if not recipe.is_reframed:
        rows, columns = offsets - evenly(recipe.shift_px)[:, None], offsets - evenly(recipe.shift_px)[:, None]
        return _sample(padded, *_old_places(matrix, pulls, rows, columns))
    # A first, coarse look over a wider field finds where the ink ends up; the second look is framed by it.
    wide = np.broadcast_to(offsets * 1.4, (count, _SIDE))
    ink = _sample_nearest(padded, *_old_places(matrix, pulls, wide, wide))
    down, across = ink.sum(axis=2, dtype=np.float32), ink.sum(axis=1, dtype=np.float32)
    mass = np.maximum(down.sum(axis=1), 1.0)
    has_ink: NDArray[np.bool_] = np.greater(ink, 60)
    tall, wide_ink = np.asarray(has_ink.any(axis=2)), np.asarray(has_ink.any(axis=1))
    extent = np.maximum(_span(tall), _span(wide_ink)) * 1.4
    zoom = np.clip(extent / _BOX, 0.4, 1.8)[:, None].astype(np.float32)
    # A whole-pixel shift by int(15 - b) leaves the centre of mass anywhere between 14 and 15.
    rows = (offsets - 0.5 - evenly(0.5 + recipe.shift_px)[:, None]) * zoom + ((down @ wide[0]) / mass)[:, None]
    columns = (offsets - 0.5 - evenly(0.5 + recipe.shift_px)[:, None]) * zoom + ((across @ wide[0]) / mass)[:, None]
    return _sample(padded, *_old_places(matrix, pulls, rows, columns))


def _old_places(
    matrix: NDArray[np.float32], pulls: NDArray[np.float32], rows: NDArray[np.float32], columns: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns y and x in the padded old images, each (n, 28, 28), for the new rows and columns (n, 28)."""
    down, across = _spline(rows, pulls.shape[2]), _spline(columns, pulls.shape[3]).transpose(0, 2, 1)
    places: list[NDArray[np.float32]] = []
    for axis in (0, 1):
        straight = matrix[:, axis, 0, None, None] * rows[:, :, None] + matrix[:, axis, 1, None, None] * columns[:, None]
        bent = straight + down @ pulls[:, axis] @ across + (_MIDDLE + _MARGIN - 0.5)
        places.append(np.asarray(bent, dtype=np.float32))
    return places[0], places[1]


def _spline(offsets: NDArray[np.float32], points: int) -> NDArray[np.float32]:
    """Returns (n, 28, points): how much each point of the grid pulls at each offset; a quadratic B-spline."""
    spacing = _SIDE / (points - 1)
    distance = np.abs(offsets[:, :, None] / spacing - (np.arange(points, dtype=np.float32) - (points - 1) / 2))
    near = 0.75 - distance**2
    far = 0.5 * np.square(np.clip(1.5 - distance, 0, None))
    return np.asarray(np.where(distance < 0.5, near, far), dtype=np.float32)


def _sample(padded: NDArray[np.uint8], y: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Reads images between their pixels, from the four around."""
    np.clip(y, 0, _PADDED - 1.001, out=y)
    np.clip(x, 0, _PADDED - 1.001, out=x)
    top, left = y.astype(np.int32), x.astype(np.int32)
    y -= top
    x -= left
    corner = top * _PADDED + left + (np.arange(len(padded), dtype=np.int32) * _PADDED**2)[:, None, None]
    flat = padded.reshape(-1).astype(np.float32)
    upper = flat[corner]
    upper += x * (flat[corner + 1] - upper)
    corner += _PADDED
    lower = flat[corner]
    lower += x * (flat[corner + 1] - lower)
    upper += y * (lower - upper)
    return np.asarray(upper)


def _sample_nearest(padded: NDArray[np.uint8], y: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Reads images at the nearest pixel."""
    top = np.clip(y + 0.5, 0, _PADDED - 1).astype(np.int32)
    left = np.clip(x + 0.5, 0, _PADDED - 1).astype(np.int32)
    return np.asarray(padded.reshape(-1)[top * _PADDED + left + (np.arange(len(padded)) * _PADDED**2)[:, None, None]])


def _span(has_ink: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Returns the distance from the first to the last row with ink, both included; 0 without any."""
    first, last = has_ink.argmax(axis=1), has_ink.shape[1] - has_ink[:, ::-1].argmax(axis=1)
    return np.asarray(np.where(has_ink.any(axis=1), last - first, 0), dtype=np.float32)


def _redraw(images: NDArray[np.float32], rng: np.random.Generator, recipe: Recipe) -> NDArray[np.uint8]:
    """Makes strokes thinner or thicker, and brings ink back to full white."""
    peak = np.maximum(images.max(axis=(1, 2), keepdims=True), 1.0)
    if recipe.is_reframed:
        images *= 255 / peak
    if recipe.thinner or recipe.thicker:
        change = rng.uniform(-recipe.thinner, recipe.thicker, len(images)).astype(np.float32)[:, None, None]
        edges = np.pad(images, ((0, 0), (1, 1), (1, 1)))
        grown, shrunk = images.copy(), images.copy()
        for down, across in ((0, 1), (2, 1), (1, 0), (1, 2)):
            beside = edges[:, down : down + _SIDE, across : across + _SIDE]
            np.maximum(grown, beside, out=grown)
            np.minimum(shrunk, beside, out=shrunk)
        images = images + np.maximum(change, 0) * (grown - images) + np.minimum(change, 0) * (images - shrunk)
    if recipe.is_reframed:
        # Sampling between pixels blurs edges, MNIST's are sharper: half as much again puts them right.
        images *= 255 / np.maximum(images.max(axis=(1, 2), keepdims=True), 1.0)
        images = 1.5 * (images - 127.5) + 127.5
    return np.asarray(np.clip(images + 0.5, 0, 255), dtype=np.uint8)
