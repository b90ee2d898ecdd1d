"""Extra strokes: the bar of a 7, the base and the flag of a 1, which many people write and few in MNIST do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE

if TYPE_CHECKING:
    from model_lib.datasets.augmentation import Recipe


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
