"""Images enlarged for the eye. Not a figure: an answer to a drawing needs them, and neither Plotly nor pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def upscale(image: NDArray[Any], side_px: int = 168) -> NDArray[np.uint8]:
    """Upscales an image by pixel replication; a browser would interpolate.

    Args:
        image: (height, width), 0 (black) to 1 (white).
        side_px: approximate longer side of the result.

    Returns:
        (height, width) uint8; a larger image keeps its size.
    """
    pixels = (np.clip(image, 0.0, 1.0) * 255).round().astype(np.uint8)
    factor = max(1, side_px // max(pixels.shape))
    return np.asarray(pixels.repeat(factor, axis=0).repeat(factor, axis=1), dtype=np.uint8)
