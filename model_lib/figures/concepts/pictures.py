"""Small pictures of 28 x 28 numbers with a pixel in a frame, and one-hot vectors as rows of cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale, add_array_image
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import DIVERGING, INK, SELECTION, TEXT_FONT, colour_scale, plain_layout
from model_lib.figures.tile_grid import TileGrid, add_click_targets, add_frame, image_layout, tile_grid_figure
from model_lib.layers.receptive_field import Box

# Two beside each other on a phone.
_SMALL_PX: Final = 168
_PICTURE_PX: Final = 280


def pixel_picture(
    numbers: NDArray[np.floating[Any]], pixel: tuple[int, int], title: str, limit: float, is_signed: bool
) -> go.Figure:
    """Draws numbers as a small picture whose pixels can be clicked; `customdata` holds row and column.

    Args:
        numbers: (28, 28).
        pixel: row and column of the pixel with a frame.
        title: of the picture.
        limit: the number at the end of the colour scale.
        is_signed: whether the scale goes from -limit over a white 0 to limit, or from a black 0.
    """
    height, width = numbers.shape
    figure = FigureDraft()
    scale = ColourScale(DIVERGING, -limit, limit) if is_signed else ColourScale(INK, 0.0, limit)
    add_array_image(figure, numbers, scale)
    rows, columns = (grid.ravel() for grid in np.mgrid[:height, :width])
    hovers = [
        f"row {row}, column {column}: {numbers[row, column]:.3f}" for row, column in zip(rows, columns, strict=True)
    ]
    add_click_targets(figure, columns, rows, np.stack([rows, columns], axis=1).tolist(), hovers, _SMALL_PX / width)
    add_frame(figure, Box(pixel[0], pixel[1], pixel[0] + 1, pixel[1] + 1), SELECTION, 3)
    image_layout(figure, title, _SMALL_PX, numbers.shape)
    return figure.build()


def weight_pictures(kernel: NDArray[np.floating[Any]], title: str) -> go.Figure:
    """Draws the weights of ten units as pictures on one scale, white at 0.

    Args:
        kernel: (784, 10).
        title: of the figure.
    """
    tiles = kernel.T.reshape(-1, 28, 28)
    # Some pixels at the edge have far larger weights than the rest in a fit without steps.
    limit = float(np.percentile(np.abs(kernel), 99))
    hovers = [f"{digit}: {tile.min():.2f} to {tile.max():.2f}" for digit, tile in enumerate(tiles)]
    grid = TileGrid(
        np.clip(tiles, -limit, limit), [str(digit) for digit in range(len(tiles))], title, hovers, columns=5
    )
    return tile_grid_figure(grid, ColourScale(DIVERGING, -limit, limit))


def vectors_figure(vectors: NDArray[np.integer[Any]], names: Sequence[str], title: str, axis: str) -> go.Figure:
    """Draws vectors of ten numbers as rows of cells with the numbers in them.

    Args:
        vectors: (rows, 10), 0 or 1.
        names: of the rows.
        title: of the figure.
        axis: title of the cells' axis.
    """
    figure = FigureDraft()
    figure.add_heatmap(
        z=vectors,
        x=list(range(vectors.shape[1])),
        y=list(names),
        zmin=0,
        zmax=1,
        colorscale=colour_scale(INK),
        showscale=False,
        texttemplate="%{z}",
        textfont=TEXT_FONT,
        xgap=2,
        ygap=2,
        hoverinfo="none",
    )
    plain_layout(figure, title, 126 + 40 * len(vectors))
    figure.update_layout(dragmode=False, margin={"l": 90, "r": 16})
    figure.update_xaxes(title={"text": axis}, dtick=1, showgrid=False, zeroline=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, title={"text": ""}, type="category", automargin=False)
    return figure.build()


def digit_picture(image: NDArray[np.uint8], title: str) -> go.Figure:
    """Draws an image (28, 28), 0 (black) to 255 (white), with a title."""
    figure = FigureDraft()
    add_array_image(figure, image, ColourScale(INK, 0.0, 255.0))
    image_layout(figure, title, _PICTURE_PX, image.shape)
    return figure.build()
