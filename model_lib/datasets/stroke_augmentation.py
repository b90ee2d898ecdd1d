"""Strokes added and broken: the bar of a 7, the slash of a 0 and other allographs that are rare in MNIST."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE

if TYPE_CHECKING:
    from model_lib.datasets.augmentation import Recipe

_INK: Final = 100
_ROWS, _COLUMNS = np.indices((IMAGE_SIDE, IMAGE_SIDE), dtype=np.float32)


def add_strokes(
    images: NDArray[np.uint8], labels: NDArray[Any], rng: np.random.Generator, recipe: Recipe
) -> NDArray[np.uint8]:
    """Gives some ones a base, a flag or both, and some sevens a bar, as many people write them and few in MNIST do.

    Args:
        images: (n, 28, 28) uint8, framed like MNIST.
        labels: (n,) digits.
        rng: random number generator.
        recipe: its `extra_strokes`, `flag_height` and `flag_slope`.

    Returns:
        (n, 28, 28) uint8; the images themselves if none was changed.
    """
    chosen = rng.random(len(images)) < recipe.extra_strokes
    segments: list[tuple[int, tuple[float, float], tuple[float, float]]] = []
    for index in np.flatnonzero(chosen & ((labels == 1) | (labels == 7))).tolist():
        ink = images[index].astype(np.float32)
        rows = np.flatnonzero(ink.max(axis=1) > 60)
        if rows.size < 8:
            continue
        top, bottom = float(rows[0]) + 1, float(rows[-1]) - 1
        height = bottom - top
        if labels[index] == 7:
            y = top + height * rng.uniform(0.42, 0.66)
            row = ink[round(y)]
            if row.max() < 60:
                continue
            x = float(row @ np.arange(IMAGE_SIDE) / row.sum())
            left, right = rng.uniform(2.0, 5.5, 2)
            tilt = float(rng.uniform(-0.3, 0.15))
            segments.append((index, (y - tilt * left, x - left), (y + tilt * right, x + right)))
            continue
        parts = rng.integers(1, 4)  # 1: base, 2: flag, 3: both
        if parts & 1:
            x = _ink_column(ink, bottom)
            left, right = rng.uniform(2.5, 6.0, 2)
            tilt = float(rng.uniform(-0.12, 0.12))
            segments.append((index, (bottom - tilt * left, x - left), (bottom + tilt * right, x + right)))
        if parts & 2:
            x = _ink_column(ink, top)
            across, down = rng.uniform(2.0, 17.5 * recipe.flag_height), rng.uniform(0.08, recipe.flag_height) * height
            down = max(down, recipe.flag_slope * across)
            segments.append((index, (top, x), (top + down, x - across)))
    if not segments:
        return images
    which = np.array([index for index, _, _ in segments])
    begin, end = (np.array([segment[part] for segment in segments], np.float32) for part in (1, 2))
    strokes = _draw_segments(begin, end, rng.uniform(2.0, 3.2, len(which)).astype(np.float32))
    changed = images.copy()
    np.maximum.at(changed, which, strokes)
    return changed


def draw_allographs(
    images: NDArray[np.uint8], labels: NDArray[Any], rng: np.random.Generator, recipe: Recipe
) -> NDArray[np.uint8]:
    """Gives some zeros a slash or a dot, and some nines a hooked tail.

    Args:
        images: (n, 28, 28) uint8, framed like MNIST.
        labels: (n,) digits.
        rng: random number generator; a larger probability changes the same digits in the same way, and others too.
        recipe: its `slashed_zeros` and `hooked_nines`.

    Returns:
        (n, 28, 28) uint8; the images themselves if the recipe has none of these.
    """
    kinds = ((0, recipe.slashed_zeros, _slash), (9, recipe.hooked_nines, _hook))
    if not any(probability for _, probability, _ in kinds):
        return images
    draws = rng.random((len(images), 6)).astype(np.float32)
    changed = images.copy()
    for digit, probability, stroke_of in kinds:
        chosen = np.flatnonzero((labels == digit) & (draws[:, 0] < probability) & (images > _INK).any(axis=(1, 2)))
        corners = stroke_of(images[chosen].astype(np.float32), draws[chosen, 1:-1])
        for begin, end in itertools.pairwise(corners):
            strokes = _draw_segments(begin, end, 2 + 1.2 * draws[chosen, -1])
            changed[chosen] = np.maximum(changed[chosen], strokes)
    return changed


def break_strokes(images: NDArray[np.uint8], rng: np.random.Generator, probability: float) -> NDArray[np.uint8]:
    """Erases 2 to 3.5 pixels of a stroke in some images, across its whole width, where a pen lost contact.

    Args:
        images: (n, 28, 28) uint8.
        rng: random number generator; a larger probability breaks the same images in the same place, and others too.
        probability: of a gap, 0 to 1.

    Returns:
        (n, 28, 28) uint8; the images themselves if the probability is 0.
    """
    if not probability:
        return images
    draws = rng.random((len(images), 3))
    chosen = np.flatnonzero((draws[:, 0] < probability) & images.any(axis=(1, 2)))
    ink = images[chosen].astype(np.float32)
    mass = ink.reshape(-1, IMAGE_SIDE**2).cumsum(axis=1, dtype=np.float64)
    place = (mass < draws[chosen, 1, None] * mass[:, -1:]).sum(axis=1)
    y, x = np.divmod(place, IMAGE_SIDE)
    # Second moments of the ink within 3 pixels: the major axis runs along the stroke, the minor one tells its width.
    reach = np.arange(-3, 4)
    padded = np.pad(ink, ((0, 0), (3, 3), (3, 3)))
    near = padded[
        np.arange(len(chosen))[:, None, None], (y[:, None] + reach + 3)[:, :, None], (x[:, None] + reach + 3)[:, None]
    ]
    (_, _), (yy, xy, xx) = _moments(near, *np.meshgrid(reach, reach, indexing="ij"))
    direction = 0.5 * np.arctan2(2 * xy, xx - yy)
    minor = (xx + yy - np.hypot(xx - yy, 2 * xy)) / 2
    half_width = np.sqrt(3 * np.maximum(minor, 0)) + 2
    along, across = _rotated(y, x, direction)
    half_gap = (1 + 0.75 * draws[chosen, 2])[:, None, None]
    erased = np.clip(half_gap + 0.5 - np.abs(along), 0, 1)
    erased *= np.clip(half_width[:, None, None] + 0.5 - np.abs(across), 0, 1)
    changed = images.copy()
    changed[chosen] = ink * (1 - erased)
    return changed


def _slash(ink: NDArray[np.float32], draws: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Returns both ends (k, 2) of a slash from ring to ring, 20 to 50 degrees from the slant of each 0, or of a dot."""
    (y, x), (yy, xy, _) = _moments(ink, _ROWS, _COLUMNS)
    angle = np.minimum(np.arctan2(-xy, yy) + np.deg2rad(20 + 30 * draws[:, 0]), np.deg2rad(65)) - np.pi / 2
    along, across = _rotated(y, x, angle)
    is_ring = (ink > _INK) & (np.abs(across) < 1.2)
    # To within 1.5 pixels of the ring's outer edge, inside or beyond.
    upper = np.where(is_ring, along, 0).max(axis=(1, 2)) + 3 * draws[:, 1] - 1.5
    lower = np.where(is_ring, along, 0).min(axis=(1, 2)) - 3 * draws[:, 2] + 1.5
    middle = (ink > _INK) & (np.abs(_ROWS - y[:, None, None]) < 1)
    has_room = _extent(middle.any(axis=1)) >= 12
    is_dot = has_room & (draws[:, 3] < 0.4)
    upper, lower = np.where(is_dot, 0.5, upper), np.where(is_dot, -0.5, lower)
    return [np.stack([y + far * np.sin(angle), x + far * np.cos(angle)], axis=-1) for far in (lower, upper)]


def _hook(ink: NDArray[np.float32], draws: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Returns three corners (k, 2): from the lower end of each 9 to a point 3 to 7 pixels left of it, or higher."""
    has_ink = np.asarray((ink > _INK).any(axis=2))
    bottom = IMAGE_SIDE - 1 - has_ink[:, ::-1].argmax(axis=1)
    row = ink[np.arange(len(ink)), bottom]
    x = (row @ _COLUMNS[0]) / row.sum(axis=1)
    reach = 3 + 4 * draws[:, 0]
    rise = reach / 2 * draws[:, 1]
    places = (bottom - 1, x), (bottom - 0.5, x - reach / 2), (bottom - 1 - rise, x - reach)
    return [np.stack(place, axis=-1).astype(np.float32) for place in places]


def _moments(
    ink: NDArray[np.float32], rows: NDArray[Any], columns: NDArray[Any]
) -> tuple[tuple[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]:
    """Returns the centre of mass y, x of each image and its central second moments yy, xy, xx, each (n,)."""
    mass = np.maximum(ink.sum(axis=(1, 2)), 1.0)

    def mean(values: NDArray[Any]) -> NDArray[Any]:
        return np.asarray((ink * values).sum(axis=(1, 2)) / mass)

    y, x = mean(rows), mean(columns)
    down, right = rows - y[:, None, None], columns - x[:, None, None]
    return (y, x), (mean(down**2), mean(down * right), mean(right**2))


def _rotated(y: NDArray[Any], x: NDArray[Any], angle: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Returns every pixel's coordinates (n, 28, 28) along and across an axis; `angle` is clockwise from the row."""
    down, right = _ROWS - y[:, None, None], _COLUMNS - x[:, None, None]
    sine, cosine = np.sin(angle)[:, None, None], np.cos(angle)[:, None, None]
    return down * sine + right * cosine, down * cosine - right * sine


def _extent(has_ink: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Returns the distance from the first to the last place with ink, both included."""
    return np.asarray(has_ink.shape[1] - has_ink.argmax(axis=1) - has_ink[:, ::-1].argmax(axis=1))


def _ink_column(ink: NDArray[np.float32], y: float) -> float:
    """Returns the middle of the ink of one row."""
    row = ink[round(y)]
    return float(row @ np.arange(IMAGE_SIDE) / max(float(row.sum()), 1.0))


def _draw_segments(
    begin: NDArray[np.float32], end: NDArray[np.float32], widths: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Returns (k, 28, 28): one straight stroke each, from y, x to y, x in pixel indices."""
    grid = np.stack(np.meshgrid(np.arange(IMAGE_SIDE), np.arange(IMAGE_SIDE), indexing="ij"), axis=-1).astype(
        np.float32
    )
    along = end - begin
    offsets = grid - begin[:, None, None]
    fraction = np.einsum("kyxc,kc->kyx", offsets, along) / np.maximum((along**2).sum(axis=1), 1e-3)[:, None, None]
    nearest = np.clip(fraction, 0, 1)[..., None] * along[:, None, None]
    distance = np.sqrt(((offsets - nearest) ** 2).sum(axis=-1))
    return np.asarray(255 * np.clip(widths[:, None, None] / 2 + 0.5 - distance, 0, 1), dtype=np.uint8)
