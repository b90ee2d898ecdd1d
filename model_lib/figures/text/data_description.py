"""What the figures of a data set show, in sentences made from its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_lib.number_format import percent


def describe_class_counts(counts: NDArray[np.int64], names: Sequence[str]) -> str:
    """Says which class has the most and which the fewest images, e.g. "60,000 images: most 1 with 6,742, ..."."""
    most, fewest = int(counts.argmax()), int(counts.argmin())
    return (
        f"{int(counts.sum()):,} images: most {names[most]} with {counts[most]:,}, "
        f"fewest {names[fewest]} with {counts[fewest]:,}"
    )


def describe_pixel_values(counts: NDArray[np.int64]) -> str:
    """Says how many of the pixels are 0 and how many 255; counts (256,) of each value."""
    total = int(counts.sum())
    return (
        f"{percent(counts[0] / total)} of the {total:,} pixels are 0 (black), "
        f"{percent(counts[-1] / total)} are 255 (white)"
    )


def describe_mean_images(means: NDArray[np.float64], names: Sequence[str]) -> str:
    """Names the classes of the most and of the least ink on average; means (10, 28, 28), NaN where there is none."""
    ink = means.mean(axis=(1, 2))
    most, least = int(np.nanargmax(ink)), int(np.nanargmin(ink))
    return (
        f"most white {names[most]} with a mean pixel of {ink[most]:.1f} of 255, "
        f"least {names[least]} with {ink[least]:.1f}"
    )


def describe_pixels(image: NDArray[np.uint8]) -> str:
    """Says how many pixels of an image (28, 28) are not 0, and where they lie."""
    rows, columns = np.nonzero(image)
    if not len(rows):
        return f"all {image.size} pixels are 0"
    return (
        f"{len(rows)} of {image.size} pixels are not 0, in rows {rows.min()} to {rows.max()} and "
        f"columns {columns.min()} to {columns.max()}"
    )


def describe_numbers(numbers: NDArray[Any], row: int, column: int, value: str) -> str:
    """Says what a table of numbers (height, width) holds, and the number of the chosen pixel."""
    height, width = numbers.shape
    zeros = int((numbers == 0).sum())
    return f"{height} x {width} numbers, {zeros} of them 0; row {row}, column {column}: {value}"
