"""Small tables of numbers on their colours, and images with the window that is moved over them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale, add_array_image
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import DIVERGING, INK, SELECTION, TEXT_FONT, colour_scale
from model_lib.figures.tile_grid import add_click_targets, add_frame, image_layout
from model_lib.layers.receptive_field import Box

# A number of five characters fits into a cell.
_CELL_PX: Final = 40
_PICTURE_PX: Final = 252


def number_table(
    numbers: NDArray[np.floating[Any]], title: str, frame: Box | None = None, is_signed: bool = False, decimals: int = 2
) -> go.Figure:
    """Draws a small table; a click on a cell gives its row and column as `customdata`.

    Args:
        numbers: (height, width); of images 0 (black) to 1 (white).
        title: of the table.
        frame: cells with a frame around them.
        is_signed: whether the colours have zero in the middle, and their ends at the largest size.
        decimals: of the numbers.
    """
    height, width = numbers.shape
    reach = float(np.abs(numbers).max()) or 1.0
    figure = FigureDraft()
    figure.add_heatmap(
        z=numbers,
        zmin=-reach if is_signed else 0.0,
        zmax=reach if is_signed else 1.0,
        colorscale=colour_scale(DIVERGING if is_signed else INK),
        showscale=False,
        texttemplate="%{z:." + str(decimals) + "f}",
        textfont=TEXT_FONT,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
    )
    rows, columns = (grid.ravel().tolist() for grid in np.mgrid[:height, :width])
    hovers = [
        f"row {row}, column {column}: {numbers[row, column]:.4f}" for row, column in zip(rows, columns, strict=True)
    ]
    places = [list(place) for place in zip(rows, columns, strict=True)]
    add_click_targets(figure, columns, rows, places, hovers, _CELL_PX - 6)
    if frame is not None:
        add_frame(figure, frame, SELECTION, 4)
    # A narrow table is as wide as its title.
    image_layout(figure, title, max(_CELL_PX * width, 9 * len(title) + 44) + 16, (height, width))
    figure.update_layout(height=_CELL_PX * height + 60)
    return figure.build()


def window_picture(
    numbers: NDArray[np.floating[Any]], title: str, frame: Box | None = None, is_signed: bool = False
) -> go.Figure:
    """Draws numbers as a picture, with a frame around some of its pixels.

    Args:
        numbers: (height, width); NaN stays empty.
        title: of the picture.
        frame: pixels with a frame around them.
        is_signed: whether the colours have zero in the middle.
    """
    reach = float(np.nanmax(np.abs(numbers))) or 1.0
    figure = FigureDraft()
    add_array_image(
        figure, numbers, ColourScale(DIVERGING, -reach, reach) if is_signed else ColourScale(INK, 0.0, reach)
    )
    if frame is not None:
        add_frame(figure, frame, SELECTION, 3)
    image_layout(figure, title, _PICTURE_PX, numbers.shape)
    return figure.build()
