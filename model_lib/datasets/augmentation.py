"""Augmentation: a random affine transform, elastic distortion, stroke width and allograph for every image.

NumPy only, and a recipe is a few numbers, so that settings and pages can list the recipes at no cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.datasets.stroke_augmentation import add_strokes, break_strokes, draw_allographs

_MIDDLE: Final = IMAGE_SIDE / 2
# Zero padding, so that sampling beyond the border needs no bounds check.
_MARGIN: Final = 2
_PADDED: Final = IMAGE_SIDE + 2 * _MARGIN
# Images per batch: few enough for the CPU cache.
_CHUNK: Final = 400
_BOX: Final = 20.0
# Control points along each side, 3 pixels apart: about as wide as a stroke.
_TREMOR_POINTS: Final = 10


@dataclass(frozen=True)
class Recipe:
    """Parameters of an augmentation. Each is the bound of a symmetric uniform distribution unless said otherwise.

    Args:
        explanation: one line for the page.
        rotation_degrees: about the image centre.
        shear: horizontal shear, pixels per pixel of height.
        stretch: relative change of the aspect ratio.
        scale: relative change of size; has no effect where `is_reframed`.
        shift_px: translation in pixels of 28 x 28; where `is_reframed`, relative to MNIST's framing.
        elastic_px: standard deviation of the elastic displacement at each control point, normally distributed.
        elastic_points: control points along each side; quadratic B-splines interpolate between them.
        thinner: upper bound of the erosion of a stroke's edges, in pixels.
        thicker: upper bound of the dilation of a stroke's edges, in pixels.
        is_reframed: whether the result is scaled to 20 x 20 and centred by mass, as MNIST's digits are.
        extra_strokes: probability that a 1 gets a base or a flag, or a 7 a bar; needs labels.
        slashed_zeros: probability that a 0 gets a slash or a dot; needs labels.
        hooked_nines: probability that the tail of a 9 ends in a hook to the left; needs labels.
        broken_strokes: probability of a gap of 2 to 3.5 pixels across a stroke.
        tremor_px: as `elastic_px`, of a second field with a control point every 3 pixels.
        flag_height: upper bound of the flag of a 1, as a fraction of the digit's height.
        flag_slope: lower bound of that flag's slope; a flatter one makes the 1 a 7.
    """

    explanation: str
    rotation_degrees: float = 0.0
    shear: float = 0.0
    stretch: float = 0.0
    scale: float = 0.0
    shift_px: float = 0.0
    elastic_px: float = 0.0
    elastic_points: int = 4
    thinner: float = 0.0
    thicker: float = 0.0
    is_reframed: bool = False
    extra_strokes: float = 0.0
    slashed_zeros: float = 0.0
    hooked_nines: float = 0.0
    broken_strokes: float = 0.0
    tremor_px: float = 0.0
    flag_height: float = 0.4
    flag_slope: float = 0.0

    def scaled(self, factor: float) -> Recipe:
        """Returns the recipe with all affine and elastic bounds multiplied by a factor; pens and strokes stay."""
        names = ("rotation_degrees", "shear", "stretch", "scale", "shift_px", "elastic_px")
        return replace(self, **{name: getattr(self, name) * factor for name in names})


_HANDWRITING: Final = Recipe(
    "Turned, leaned, bent, drawn with thinner or thicker pens, then centred like MNIST: other people's handwriting.",
    rotation_degrees=15,
    shear=0.25,
    stretch=0.2,
    shift_px=0.5,
    elastic_px=1.1,
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
    """Augments every image with freshly sampled parameters; called once before each epoch.

    Args:
        images: (n, 28, 28) uint8, 0 (black) to 255 (ink).
        rng: random number generator.
        recipe: a name in `RECIPES`.
        labels: (n,) the digits, for recipes with `extra_strokes`; None leaves these out.

    Returns:
        (n, 28, 28) uint8; the images themselves for "none".

    Raises:
        ValueError: for an unknown recipe, or images of another shape or type.
    """
    if recipe not in RECIPES:
        raise ValueError(f"`recipe` must be one of {', '.join(RECIPES)}. Received: {recipe!r}.")
    if images.ndim != 3 or images.shape[1:] != (IMAGE_SIDE, IMAGE_SIDE) or images.dtype != np.uint8:
        raise ValueError(f"`images` must be (n, 28, 28) uint8. Received: {images.shape} {images.dtype}.")
    if recipe == "none":
        return images
    return augment_with(images, rng, RECIPES[recipe], labels)


def augment_with(
    images: NDArray[np.uint8], rng: np.random.Generator, recipe: Recipe, labels: NDArray[Any] | None = None
) -> NDArray[np.uint8]:
    """Augments with a recipe outside `RECIPES`; see `augment`.

    What a recipe leaves out draws no random number, and slashes, hooks, gaps and tremor draw theirs from generators of
    their own: with one of them more, the same seed gives the same images but for that.
    """
    allographs, gaps, tremor = rng.spawn(3)
    changed = np.empty_like(images)
    for start in range(0, len(images), _CHUNK):
        part = slice(start, start + _CHUNK)
        chunk = images[part]
        if recipe.extra_strokes and labels is not None:
            chunk = add_strokes(chunk, labels[part], rng, recipe)
        if labels is not None:
            chunk = draw_allographs(chunk, labels[part], allographs, recipe)
        chunk = break_strokes(chunk, gaps, recipe.broken_strokes)
        changed[part] = _adjust_strokes(_warp(chunk, rng, tremor, recipe), rng, recipe)
    return changed


def image_variants(
    image: NDArray[np.uint8], label: int, recipe: Recipe, seed: int, count: int = 20
) -> NDArray[np.uint8]:
    """Returns what augmentation makes of one image, several times.

    Args:
        image: (28, 28), 0 (black) to 255 (ink).
        label: its class, for recipes that draw other forms of a digit.
        recipe: the augmentation.
        seed: of the random numbers.
        count: of the variants.

    Returns:
        (count, 28, 28) uint8.
    """
    labels = np.full(count, label, np.uint8)
    return augment_with(np.repeat(image[np.newaxis], count, axis=0), np.random.default_rng(seed), recipe, labels)


def _warp(
    images: NDArray[np.uint8], rng: np.random.Generator, tremor: np.random.Generator, recipe: Recipe
) -> NDArray[np.float32]:
    """Applies the affine and elastic transform, then translates or reframes. Returns (n, 28, 28), 0 to 255."""
    count = len(images)

    def uniform(bound: float) -> NDArray[np.float32]:
        return rng.uniform(-bound, bound, count).astype(np.float32)

    angle, shear = np.deg2rad(uniform(recipe.rotation_degrees)), uniform(recipe.shear)
    size, stretch = 1 + uniform(recipe.scale), np.exp(uniform(recipe.stretch) / 2)
    cosine, sine = np.cos(angle), np.sin(angle)
    # Inverse map: output y, x -> input y, x.
    matrix = np.empty((count, 2, 2), np.float32)
    matrix[:, 0, 0], matrix[:, 0, 1] = cosine * stretch, sine / stretch
    matrix[:, 1, 0], matrix[:, 1, 1] = (shear * cosine - sine) * stretch, (cosine + shear * sine) / stretch
    matrix /= size[:, None, None]

    def displacements(source: np.random.Generator, deviation_px: float, points: int) -> NDArray[np.float32]:
        return source.normal(0, deviation_px, (count, 2, points, points)).astype(np.float32)

    fields = [displacements(rng, recipe.elastic_px, recipe.elastic_points)]
    if recipe.tremor_px:
        fields.append(displacements(tremor, recipe.tremor_px, _TREMOR_POINTS))

    padded = np.zeros((count, _PADDED, _PADDED), np.uint8)
    padded[:, _MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = images
    # Pixel centres at +0.5, measured from the middle of the image.
    offsets = np.arange(IMAGE_SIDE, dtype=np.float32) + 0.5 - _MIDDLE
    if not recipe.is_reframed:
        rows, columns = offsets - uniform(recipe.shift_px)[:, None], offsets - uniform(recipe.shift_px)[:, None]
        return _sample(padded, *_input_positions(matrix, fields, rows, columns))
    # A first, coarse pass over a wider field finds the ink; its bounding box frames the second pass.
    wide = np.broadcast_to(offsets * 1.4, (count, IMAGE_SIDE))
    ink = _sample_nearest(padded, *_input_positions(matrix, fields, wide, wide))
    down, across = ink.sum(axis=2, dtype=np.float32), ink.sum(axis=1, dtype=np.float32)
    mass = np.maximum(down.sum(axis=1), 1.0)
    has_ink: NDArray[np.bool_] = np.greater(ink, 60)
    tall, wide_ink = np.asarray(has_ink.any(axis=2)), np.asarray(has_ink.any(axis=1))
    extent = np.maximum(_span(tall), _span(wide_ink)) * 1.4
    zoom = np.clip(extent / _BOX, 0.4, 1.8)[:, None].astype(np.float32)
    # A whole-pixel shift by int(15 - b) leaves the centre of mass anywhere between 14 and 15.
    rows = (offsets - 0.5 - uniform(0.5 + recipe.shift_px)[:, None]) * zoom + ((down @ wide[0]) / mass)[:, None]
    columns = (offsets - 0.5 - uniform(0.5 + recipe.shift_px)[:, None]) * zoom + ((across @ wide[0]) / mass)[:, None]
    return _sample(padded, *_input_positions(matrix, fields, rows, columns))


def _input_positions(
    matrix: NDArray[np.float32],
    fields: Sequence[NDArray[np.float32]],
    rows: NDArray[np.float32],
    columns: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns y and x in the padded input, each (n, 28, 28), for the output's rows and columns (n, 28)."""
    weights = [
        (_spline(rows, field.shape[2]), _spline(columns, field.shape[3]).transpose(0, 2, 1), field) for field in fields
    ]
    positions: list[NDArray[np.float32]] = []
    for axis in (0, 1):
        place = matrix[:, axis, 0, None, None] * rows[:, :, None] + matrix[:, axis, 1, None, None] * columns[:, None]
        for down, across, field in weights:
            place = place + down @ field[:, axis] @ across
        positions.append(np.asarray(place + (_MIDDLE + _MARGIN - 0.5), dtype=np.float32))
    return positions[0], positions[1]


def _spline(offsets: NDArray[np.float32], points: int) -> NDArray[np.float32]:
    """Returns the quadratic B-spline basis (n, 28, points): the weight of each control point at each offset."""
    spacing = IMAGE_SIDE / (points - 1)
    distance = np.abs(offsets[:, :, None] / spacing - (np.arange(points, dtype=np.float32) - (points - 1) / 2))
    near = 0.75 - distance**2
    far = 0.5 * np.square(np.clip(1.5 - distance, 0, None))
    return np.asarray(np.where(distance < 0.5, near, far), dtype=np.float32)


def _sample(padded: NDArray[np.uint8], y: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Samples with bilinear interpolation."""
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
    """Samples the nearest neighbour."""
    top = np.clip(y + 0.5, 0, _PADDED - 1).astype(np.int32)
    left = np.clip(x + 0.5, 0, _PADDED - 1).astype(np.int32)
    return np.asarray(padded.reshape(-1)[top * _PADDED + left + (np.arange(len(padded)) * _PADDED**2)[:, None, None]])


def _span(has_ink: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Returns the distance from the first to the last row with ink, both included; 0 without any."""
    first, last = has_ink.argmax(axis=1), has_ink.shape[1] - has_ink[:, ::-1].argmax(axis=1)
    return np.asarray(np.where(has_ink.any(axis=1), last - first, 0), dtype=np.float32)


def _adjust_strokes(images: NDArray[np.float32], rng: np.random.Generator, recipe: Recipe) -> NDArray[np.uint8]:
    """Erodes or dilates strokes, and scales the peak back to 255."""
    peak = np.maximum(images.max(axis=(1, 2), keepdims=True), 1.0)
    if recipe.is_reframed:
        images *= 255 / peak
    if recipe.thinner or recipe.thicker:
        change = rng.uniform(-recipe.thinner, recipe.thicker, len(images)).astype(np.float32)[:, None, None]
        edges = np.pad(images, ((0, 0), (1, 1), (1, 1)))
        grown, shrunk = images.copy(), images.copy()
        for down, across in ((0, 1), (2, 1), (1, 0), (1, 2)):
            beside = edges[:, down : down + IMAGE_SIDE, across : across + IMAGE_SIDE]
            np.maximum(grown, beside, out=grown)
            np.minimum(shrunk, beside, out=shrunk)
        images = images + np.maximum(change, 0) * (grown - images) + np.minimum(change, 0) * (images - shrunk)
    if recipe.is_reframed:
        # Bilinear sampling blurs edges; a contrast of 1.5 restores the sharpness of MNIST's.
        images *= 255 / np.maximum(images.max(axis=(1, 2), keepdims=True), 1.0)
        images = 1.5 * (images - 127.5) + 127.5
    return np.asarray(np.clip(images + 0.5, 0, 255), dtype=np.uint8)
