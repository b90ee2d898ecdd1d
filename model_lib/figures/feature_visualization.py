"""What filters like: the strongest patch of each, the nine favourites of one, and the image made for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import Scale, add_picture
from model_lib.figures.style import INK, ORANGE
from model_lib.figures.tile_grid import (
    SHEET_PX,
    TILES_PER_PAGE,
    Sheet,
    frame,
    picture_layout,
    sheet_figure,
    split_sheet,
)

if TYPE_CHECKING:
    from model_lib.interpretability.feature_visualization import Favourites


def patches_figures(
    favourites: Favourites, patches: NDArray[np.uint8], first: int, chosen: int, title: str
) -> list[go.Figure]:
    """Draws for up to 64 filters the piece of an image (of all patches, (filters, height, width)) that excites it most.

    A click returns the filter's number.
    """
    tiles = patches[first : first + TILES_PER_PAGE]
    units = list(range(first, first + len(tiles)))
    hovers = [f"filter {unit}: {favourites.values[unit, 0]:.2f}" for unit in units]
    sheet = Sheet(tiles, [str(unit) for unit in units], title, hovers, units, chosen=chosen - first)
    return [sheet_figure(part, Scale(INK, 0.0, 255.0)) for part in split_sheet(sheet)]


def favourites_figure(
    favourites: Favourites, images: NDArray[np.uint8], labels: NDArray[np.uint8], unit: int
) -> go.Figure:
    """Draws the nine images that excite a filter most, the place framed. A click returns an image's index."""
    places = favourites.images[unit]
    captions = [f"{value:.2f}" for value in favourites.values[unit]]
    hovers = [f"test image {place}, label {labels[place]}" for place in places]
    sheet = Sheet(
        images[places], captions, f"Filter {unit}: its {len(places)} favourites", hovers, places.tolist(), columns=3
    )
    figure = sheet_figure(sheet, Scale(INK, 0.0, 255.0))
    for number, box in enumerate(favourites.boxes[unit]):
        if (box.height, box.width) != (28, 28):
            row, column = sheet.origin(number)
            frame(figure, row + box.top, column + box.left, box.height, box.width, ORANGE, 3)
    return figure


def dreamt_figure(image: NDArray[np.float32], title: str) -> go.Figure:
    """Draws an image (height, width), 0 to 1, that was made for a filter."""
    figure = go.Figure()
    add_picture(figure, image, Scale(INK))
    picture_layout(figure, title, SHEET_PX - 60, image.shape)
    return figure
