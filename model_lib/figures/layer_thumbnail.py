"""Thumbnails of a layer's output, for the picture of the network."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale, array_data_url
from model_lib.figures.style import SEQUENTIAL

_TILE: Final = 90
_MOST_MAPS: Final = 9
# Cells hold 0 to this; NaN is transparent.
_TOP: Final = 255.0


def layer_thumbnail(output: NDArray[np.float32]) -> str:
    """Draws feature maps as tiles of a square, a vector as bars.

    Args:
        output: (height, width, channels) or (units,), of a layer for one image.

    Returns:
        A PNG of 90 x 90 pixels as a data URL, transparent between tiles and bars.
    """
    tile = _maps_tile(output) if output.ndim == 3 else _bars_tile(output)
    return array_data_url(tile, ColourScale(SEQUENTIAL, 0.0, _TOP))


def _maps_tile(output: NDArray[np.float32]) -> NDArray[np.float32]:
    """Tiles the first feature maps of a layer in a square, on a common scale."""
    count = min(_MOST_MAPS, output.shape[2])
    side = int(np.ceil(np.sqrt(count)))
    tile_side = _TILE // side - (side > 1)
    tile = np.full((_TILE, _TILE), np.nan, np.float32)
    low, high = float(output.min()), float(output.max())
    shades = (output - low) / (high - low or 1.0) * _TOP
    # Nearest neighbour: a browser would interpolate.
    rows, columns = (np.arange(tile_side) * length // tile_side for length in output.shape[:2])
    for channel in range(count):
        top, left = (each * (_TILE // side) for each in divmod(channel, side))
        tile[top : top + tile_side, left : left + tile_side] = shades[rows][:, columns, channel]
    return tile


def _bars_tile(output: NDArray[np.float32]) -> NDArray[np.float32]:
    """Draws a vector as bars from top to bottom, downsampled to the largest absolute value of each section."""
    if len(output) > _TILE:
        starts = np.arange(_TILE) * len(output) // _TILE
        largest, smallest = np.maximum.reduceat(output, starts), np.minimum.reduceat(output, starts)
        output = np.where(largest >= -smallest, largest, smallest)
    tile = np.full((_TILE, _TILE), np.nan, np.float32)
    zero = 0 if output.min() >= 0.0 else _TILE // 2
    reach = (_TILE - 1 - zero) / (np.abs(output).max() or 1.0)
    edges = np.arange(len(output) + 1) * _TILE // len(output)
    for unit, value in enumerate(output):
        end = zero + round(float(value) * reach)
        bottom = max(edges[unit] + 1, edges[unit + 1] - (1 if len(output) <= _TILE // 3 else 0))
        tile[edges[unit] : bottom, min(zero, end) : max(zero, end) + 1] = _TOP / 3
    return tile
