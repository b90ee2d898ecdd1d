"""One image as a picture and as a table of numbers."""

from __future__ import annotations

from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale, add_array_image
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import INK, SELECTION, TEXT_FONT, colour_scale
from model_lib.figures.tile_grid import GRID_PX, add_click_targets, add_frame, image_layout
from model_lib.layers.receptive_field import Box

_HIGHEST: Final = 255
# Rows and columns are written beside them.
_AXIS_PX: Final = 60


def picture_figure(image: NDArray[np.uint8], pixel: tuple[int, int], window: Box, title: str) -> go.Figure:
    """Draws an image whose pixels can be clicked; `customdata` holds row and column.

    Args:
        image: (28, 28), 0 (black) to 255 (white).
        pixel: row and column of the pixel with a frame.
        window: the pixels whose numbers are shown elsewhere; framed too.
        title: of the figure.
    """
    height, width = image.shape
    figure = FigureDraft()
    add_array_image(figure, image, ColourScale(INK, 0.0, float(_HIGHEST)))
    rows, columns = (grid.ravel() for grid in np.mgrid[:height, :width])
    hovers = [f"row {row}, column {column}: {image[row, column]}" for row, column in zip(rows, columns, strict=True)]
    add_click_targets(figure, columns, rows, np.stack([rows, columns], axis=1).tolist(), hovers, GRID_PX / width)
    add_frame(figure, window, SELECTION, 2)
    add_frame(figure, Box(pixel[0], pixel[1], pixel[0] + 1, pixel[1] + 1), SELECTION, 3)
    image_layout(figure, title, GRID_PX, image.shape)
    return figure.build()


def numbers_figure(
    image: NDArray[np.uint8], pixel: tuple[int, int], window: Box, is_scaled: bool, title: str
) -> go.Figure:
    """Draws a window of an image as a table of its numbers, each on its shade; `customdata` holds row and column.

    Args:
        image: (28, 28), 0 (black) to 255 (white).
        pixel: row and column of the pixel with a frame, within the window.
        window: the pixels that are shown.
        is_scaled: whether the numbers are those that a network takes, 0 to 1, or those of the file, 0 to 255.
        title: of the figure.
    """
    shown = image[window.top : window.bottom, window.left : window.right]
    rows, columns = np.arange(window.top, window.bottom), np.arange(window.left, window.right)
    figure = FigureDraft()
    figure.add_heatmap(
        z=shown / _HIGHEST if is_scaled else shown,
        x=columns,
        y=rows,
        zmin=0,
        zmax=1 if is_scaled else _HIGHEST,
        colorscale=colour_scale(INK),
        showscale=False,
        texttemplate="%{z:.2f}" if is_scaled else "%{z}",
        textfont=TEXT_FONT,
        xgap=1,
        ygap=1,
    )
    places = [(row, column) for row in rows.tolist() for column in columns.tolist()]
    hovers = [
        f"row {row}, column {column}: {image[row, column]}, {image[row, column] / _HIGHEST:.4f} from 0 to 1"
        for row, column in places
    ]
    x, y = [column for _, column in places], [row for row, _ in places]
    add_click_targets(figure, x, y, places, hovers, (GRID_PX - _AXIS_PX) / len(columns))
    add_frame(figure, Box(pixel[0], pixel[1], pixel[0] + 1, pixel[1] + 1), SELECTION, 3)
    image_layout(figure, title, GRID_PX, shown.shape)
    inner = GRID_PX - _AXIS_PX - 8
    figure.update_layout(
        height=round(inner * len(rows) / len(columns)) + 44 + _AXIS_PX,
        margin={"l": _AXIS_PX, "r": 8, "t": 44, "b": _AXIS_PX, "autoexpand": False},
    )
    axis = {"visible": True, "tickfont": TEXT_FONT, "showgrid": False, "zeroline": False, "dtick": 1}
    ends = (window.left - 0.5, window.right - 0.5), (window.bottom - 0.5, window.top - 0.5)
    figure.update_xaxes(title={"text": "column", "font": TEXT_FONT}, range=list(ends[0]), **axis)
    figure.update_yaxes(title={"text": "row", "font": TEXT_FONT}, range=list(ends[1]), **axis)
    return figure.build()
