"""Filters as pictures, all on one scale with zero in the middle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import Scale
from model_lib.figures.style import DIVERGING, SEQUENTIAL
from model_lib.figures.tile_grid import TILES_PER_PAGE, Sheet, sheet_figure, split_sheet


def filters_figures(
    tiles: NDArray[np.float32], order: Sequence[int], first: int, chosen: int, title: str, is_signed: bool, reach: float
) -> list[go.Figure]:
    """Draws up to 64 filters in one or two figures. A click returns the filter's number.

    Args:
        tiles: (filters, height, width), all filters of the layer.
        order: the numbers of the filters in the order to be shown.
        first: the place in the order of the first one to be shown.
        chosen: the number of the one with a frame.
        title: the figure's.
        is_signed: whether zero is in the middle of the scale, or at its beginning (norms).
        reach: the number of the strongest colour.
    """
    shown = list(order[first : first + TILES_PER_PAGE])
    hovers = [f"filter {unit}: {tiles[unit].min():.2f} to {tiles[unit].max():.2f}" for unit in shown]
    place = shown.index(chosen) if chosen in shown else None
    sheet = Sheet(tiles[shown], [str(unit) for unit in shown], title, hovers, shown, chosen=place)
    scale = Scale(DIVERGING, -reach, reach, "weight") if is_signed else Scale(SEQUENTIAL, 0.0, reach, "norm")
    return [sheet_figure(part, scale) for part in split_sheet(sheet)]
