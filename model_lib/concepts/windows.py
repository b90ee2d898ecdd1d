"""A window moved over an image: convolution with padding and stride, and pooling, as Keras has them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from model_lib.concepts.blas import use_one_blas_thread

Floats = NDArray[np.float64]
Padding = Literal["valid", "same"]


def padding_of(side: int, window: int, stride: int, padding: Padding) -> tuple[int, int]:
    """Returns how many zeros Keras puts before and behind a row, so that "same" gives ceil(side / stride) places.

    Args:
        side: of the image, in pixels.
        window: side of the window, in pixels.
        stride: from one place of the window to the next, in pixels.
        padding: "valid" puts none.
    """
    if padding == "valid":
        return 0, 0
    needed = max(0, (-(-side // stride) - 1) * stride + window - side)
    return needed // 2, needed - needed // 2


def output_side(side: int, window: int, stride: int, padding: Padding) -> int:
    """Returns how many places the window has in a row: floor((n + zeros - k) / s) + 1. Arguments as above."""
    return (side + sum(padding_of(side, window, stride, padding)) - window) // stride + 1


def padded(image: NDArray[Any], window: int, stride: int, padding: Padding) -> Floats:
    """Returns a square image (side, side) with its zeros around it, float64. Arguments as above."""
    found: Floats = np.pad(image.astype(np.float64), padding_of(len(image), window, stride, padding))
    return found


def convolve(image: NDArray[Any], kernel: Floats, stride: int = 1, padding: Padding = "valid") -> Floats:
    """Returns the sum of products at each place of the window (a cross-correlation, which Keras calls convolution).

    Args:
        image: (side, side).
        kernel: (k, k), k at most `side`.
        stride, padding: as above.

    Returns:
        Square, `output_side` numbers a side.
    """
    use_one_blas_thread()
    windows = sliding_window_view(padded(image, len(kernel), stride, padding), kernel.shape)
    found: Floats = np.einsum("rcij,ij->rc", windows[::stride, ::stride], kernel)
    return found


def pool(image: NDArray[Any], side: int = 2, kind: Literal["max", "mean"] = "max") -> Floats:
    """Returns the largest number, or the mean, of each block of side x side; what is left over at the edge is dropped.

    Args:
        image: (height, width).
        side: of the blocks.
        kind: which of the two.
    """
    height, width = (length // side for length in image.shape)
    blocks = image[: height * side, : width * side].astype(np.float64).reshape(height, side, width, side)
    found: Floats = blocks.max((1, 3)) if kind == "max" else blocks.mean((1, 3))
    return found


def shifted(image: NDArray[Any], columns: int) -> NDArray[Any]:
    """Returns an image (height, width) moved to the right by 0 or more columns; zeros come in from the left."""
    moved = np.zeros_like(image)
    moved[:, columns:] = image[:, : image.shape[1] - columns]
    return moved


def relative_difference(before: Floats, after: Floats) -> float:
    """Returns the length of the difference of two arrays over the length of the first, 0 if both are zero."""
    length = float(np.linalg.norm(before))
    return float(np.linalg.norm(after - before)) / length if length else 0.0
