"""Convolution kernels as images on a common colour scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale
from model_lib.figures.style import DIVERGING, SEQUENTIAL
from model_lib.figures.tile_grid import TILES_PER_PAGE, TileGrid, split_grid, tile_grid_figure


def filters_figures(
    tiles: NDArray[np.float32], order: Sequence[int], first: int, chosen: int, title: str, is_signed: bool, limit: float
) -> list[go.Figure]:
    """Draws up to 64 filters in one or two figures; `customdata` holds the filter's index.

    Args:
        tiles: (filters, height, width), all filters of the layer.
        order: permutation of the filters.
        first: position in `order` of the first filter that is drawn.
        chosen: index of the filter with a frame.
        title: of the figure.
        is_signed: whether the colour scale diverges from zero (weights) or starts there (norms).
        limit: upper end of the colour scale.
    """
    shown = list(order[first : first + TILES_PER_PAGE])
    hovers = [f"filter {unit}: {tiles[unit].min():.2f} to {tiles[unit].max():.2f}" for unit in shown]
    position = shown.index(chosen) if chosen in shown else None
    grid = TileGrid(tiles[shown], [str(unit) for unit in shown], title, hovers, shown, chosen=position)
    scale = (
        ColourScale(DIVERGING, -limit, limit, "weight") if is_signed else ColourScale(SEQUENTIAL, 0.0, limit, "norm")
    )
    return [tile_grid_figure(part, scale) for part in split_grid(grid)]
