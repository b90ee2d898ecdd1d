"""What a set of images consists of: those of a label or a writer, how many there are, what they have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES, IMAGE_SIDE, Split

IMAGES_PER_SHEET: Final = 100
WINDOW_SIDE: Final = 9
_SHADES: Final = 256
# As many as fit a processor's cache.
_CHUNK: Final = 2000


def filter_split(
    split: Split,
    label: int | None = None,
    writer: int | None = None,
    first: int = 0,
    among: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Returns the indices of the images with a label and by a writer, ascending.

    Args:
        split: the images.
        label: 0 to 9; None for all.
        writer: only images by this writer, where the writers are known; None for all.
        first: only images from this index on.
        among: only images with one of these indices; None for all.
    """
    passes = np.arange(len(split.labels)) >= first
    if among is not None:
        passes &= np.isin(np.arange(len(split.labels)), among)
    if label is not None:
        passes &= split.labels == label
    if writer is not None and split.writers is not None:
        passes &= split.writers == writer
    return np.flatnonzero(passes)


def sheet_count(images: int) -> int:
    """Returns how many sheets of `IMAGES_PER_SHEET` images there are, at least 1."""
    return max(1, -(-images // IMAGES_PER_SHEET))


def class_counts(labels: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Returns how many images (10,) have each label; labels (n,), 0 to 9."""
    return np.bincount(labels, minlength=CLASSES).astype(np.int64)


def mean_images(split: Split) -> NDArray[np.float64]:
    """Returns the mean image of each class (10, 28, 28), 0 to 255; NaN for a class without images."""
    means = np.full((CLASSES, IMAGE_SIDE, IMAGE_SIDE), np.nan)
    for label in np.unique(split.labels).tolist():
        means[label] = split.images[split.labels == label].mean(axis=0)
    return means


def pixel_counts(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Returns how many pixels (256,) have each value, 0 to 255, in all images (n, 28, 28) together."""
    counts = np.zeros(_SHADES, np.int64)
    for first in range(0, len(images), _CHUNK):
        counts += np.bincount(images[first : first + _CHUNK].ravel(), minlength=_SHADES)
    return counts


def pixel_mean_and_deviation(counts: NDArray[np.int64]) -> tuple[float, float]:
    """Returns mean and standard deviation of the pixels, each divided by 255, from `pixel_counts`."""
    values = np.arange(_SHADES) / (_SHADES - 1)
    shares = counts / counts.sum()
    mean = float(shares @ values)
    return mean, float(np.sqrt(shares @ (values - mean) ** 2))


def part_from(split: Split, first: int) -> Split:
    """Returns the images from an index on, without copying them."""
    return Split(split.images[first:], split.labels[first:], None if split.writers is None else split.writers[first:])


def one_hot(label: int) -> NDArray[np.uint8]:
    """Returns the one-hot vector (10,) of a label: 1 at its place, 0 elsewhere."""
    vector = np.zeros(CLASSES, np.uint8)
    vector[label] = 1
    return vector


def shape_line(name: str, array: NDArray[Any]) -> str:
    """Returns shape and type of an array as NumPy prints them: "x_train.shape (60000, 28, 28)  uint8"."""
    return f"{name}.shape {array.shape}  {array.dtype}"


@dataclass(frozen=True)
class PixelPlace:
    """Where a pixel lies in an array that holds one image.

    Args:
        order: "channels last" or "channels first".
        shape: of the array.
        index: of the pixel, one number an axis.
        offset: how many numbers lie before it in memory.
        arithmetic: how the offset follows from the index, written out.
    """

    order: str
    shape: tuple[int, int, int]
    index: tuple[int, int, int]
    offset: int
    arithmetic: str


def pixel_places(row: int, column: int) -> tuple[PixelPlace, PixelPlace]:
    """Returns where a pixel lies with channels last and with channels first, in C order, as NumPy and Keras keep it.

    Args:
        row, column: 0 to 27.

    Raises:
        ValueError: for a pixel outside the image.
    """
    if not (0 <= row < IMAGE_SIDE and 0 <= column < IMAGE_SIDE):
        raise ValueError(f"`row` and `column` must be from 0 to {IMAGE_SIDE - 1}. Received: {row}, {column}.")
    side = IMAGE_SIDE
    offset = row * side + column
    last = f"({row} x {side} + {column}) x 1 + 0 = {offset}"
    first = f"(0 x {side} + {row}) x {side} + {column} = {offset}"
    return (
        PixelPlace("channels last", (side, side, 1), (row, column, 0), offset, last),
        PixelPlace("channels first", (1, side, side), (0, row, column), offset, first),
    )


def window_around(row: int, column: int, side: int = WINDOW_SIDE) -> tuple[int, int]:
    """Returns the first row and column of a square window around a pixel; at an edge it is moved into the image."""
    top, left = (min(max(place - side // 2, 0), IMAGE_SIDE - side) for place in (row, column))
    return top, left


def nearest_images(
    images: NDArray[np.uint8], index: int, count: int = 5
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Finds the images whose pixels differ least from those of one of them, by comparing it with all.

    Args:
        images: (n, 28, 28), 0 to 255.
        index: of the one.
        count: how many are wanted.

    Returns:
        Their indices (k,), the nearest first, without the one itself, and their Euclidean distances (k,), in units of
        the pixels. k is `count`, or less if there are fewer images.
    """
    flat = images.reshape(len(images), -1)
    one = flat[index].astype(np.int32)
    squares = np.empty(len(flat), np.int64)
    for first in range(0, len(flat), _CHUNK):
        # Whole numbers: exact, and at most 784 x 255 x 255, which 32 bits hold.
        differences = flat[first : first + _CHUNK].astype(np.int32) - one
        squares[first : first + _CHUNK] = np.einsum("ij,ij->i", differences, differences)
    order = np.argsort(squares, kind="stable")
    nearest = order[order != index][:count].astype(np.int64)
    return nearest, np.sqrt(squares[nearest].astype(np.float64))
