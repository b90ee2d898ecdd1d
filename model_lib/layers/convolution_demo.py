"""Convolution and pooling without a network: random and classic kernels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import correlate2d

Floats = NDArray[np.float64]

CLASSIC_FILTERS: Final[Mapping[str, tuple[tuple[float, ...], ...]]] = {
    "Edges from left to right": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "Edges from top to bottom": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "All edges": ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    "Blur": ((1 / 9,) * 3,) * 3,
    "Sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "Identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "Strokes like /": (
        (-1, -1, -1, -1, 2),
        (-1, -1, 0, 2, -1),
        (-1, 0, 3, 0, -1),
        (-1, 2, 0, -1, -1),
        (2, -1, -1, -1, -1),
    ),
    "Blur, 5 x 5": ((1 / 25,) * 5,) * 5,
}


def random_filters(count: int, side_px: int, seed: int) -> Floats:
    """Samples kernels (count, side, side) from the standard normal distribution."""
    return np.random.default_rng(seed).normal(size=(count, side_px, side_px))


def convolve_same(image: NDArray[np.float32], kernel: Floats) -> Floats:
    """Cross-correlates an image with a kernel, zero-padded (a convolution in the sense of deep learning).

    Args:
        image: (height, width).
        kernel: (k, k).

    Returns:
        (height, width): "same" padding.
    """
    result: Floats = correlate2d(image.astype(np.float64), kernel, mode="same")
    return result


def max_pool(maps: Floats, side_px: int = 2) -> Floats:
    """Max-pools (n, height, width) to (n, height / side, width / side)."""
    count, height, width = maps.shape
    blocks = maps[:, : height // side_px * side_px, : width // side_px * side_px]
    pooled: Floats = blocks.reshape(count, height // side_px, side_px, width // side_px, side_px).max((2, 4))
    return pooled
