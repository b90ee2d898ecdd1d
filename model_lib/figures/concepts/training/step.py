"""The stages of one training step on a few images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import COMPARISON, DATA, DIVERGING, INK, LABEL, TEXT_FONT, colour_scale, plain_layout
from model_lib.figures.tile_grid import GRID_PX, TileGrid, add_frame, tile_grid_figure
from model_lib.layers.receptive_field import Box

_ROW_PX: Final = 30


def batch_figure(images: NDArray[np.uint8], captions: Sequence[str], title: str) -> go.Figure:
    """Draws the images (n, 28, 28) of a batch side by side, 0 to 255, each with a caption."""
    return tile_grid_figure(TileGrid(images, list(captions), title, columns=len(images)), ColourScale(INK, 0.0, 255.0))


def ten_numbers_figure(
    numbers: NDArray[np.float64], labels: Sequence[int], names: Sequence[str], title: str, axis: str, decimals: int
) -> go.Figure:
    """Draws ten numbers of each image as a table, a column an image, with a frame around the label's.

    Args:
        numbers: (n, 10).
        labels: (n,), 0 to 9.
        names: (n,), of the images.
        title: of the figure.
        axis: title of the digits' axis.
        decimals: of the numbers.
    """
    most = float(np.abs(numbers).max()) or 1.0
    figure = FigureDraft()
    figure.add_heatmap(
        z=numbers.T,
        x=list(range(len(names))),
        y=list(range(numbers.shape[1])),
        zmin=-most,
        zmax=most,
        colorscale=colour_scale(DIVERGING),
        showscale=False,
        texttemplate=f"%{{z:.{decimals}f}}",
        textfont=TEXT_FONT,
        xgap=1,
        ygap=1,
        hovertemplate=f"{axis} %{{y}}: %{{z:.6f}}<extra></extra>",
    )
    for place, label in enumerate(labels):
        add_frame(figure, Box(label, place, label + 1, place + 1), LABEL, 3)
    plain_layout(figure, title, 10 * _ROW_PX + 130)
    figure.update_layout(width=GRID_PX, margin={"l": 50, "r": 10, "t": 50, "b": 70}, dragmode=False)
    figure.update_xaxes(tickvals=list(range(len(names))), ticktext=list(names), fixedrange=True, showgrid=False)
    figure.update_yaxes(title={"text": axis}, autorange="reversed", dtick=1, fixedrange=True, showgrid=False)
    return figure.build()


def gradient_figure(
    gradient: NDArray[np.float64], places: Sequence[tuple[int, int]], title: str, scale_title: str
) -> go.Figure:
    """Draws the gradient of each digit's weights as an image of 28 x 28 pixels, with frames around some weights.

    Args:
        gradient: (784, 10).
        places: pixel and digit of the weights with a frame.
        title: of the figure.
        scale_title: of the colours.
    """
    side = int(np.sqrt(len(gradient)))
    tiles = gradient.T.reshape(-1, side, side)
    grid = TileGrid(tiles, [str(digit) for digit in range(len(tiles))], title, columns=5)
    most = float(np.abs(gradient).max()) or 1.0
    frames = []
    for pixel, digit in places:
        top, left = grid.origin(digit)
        row, column = top + pixel // side, left + pixel % side
        frames.append(Box(row - 1, column - 1, row + 2, column + 2))
    return tile_grid_figure(grid, ColourScale(DIVERGING, -most, most, scale_title), frames)


def kernel_change_figure(
    kernels: NDArray[np.float64], captions: Sequence[str], title: str, scale_title: str
) -> go.Figure:
    """Draws the weights of one digit at several times, each as an image of 28 x 28 pixels, on one scale.

    Args:
        kernels: (n, 784).
        captions: (n,).
        title: of the figure.
        scale_title: of the colours.
    """
    side = int(np.sqrt(kernels.shape[1]))
    grid = TileGrid(kernels.reshape(-1, side, side), list(captions), title, columns=len(kernels))
    most = float(np.abs(kernels).max()) or 1.0
    return tile_grid_figure(grid, ColourScale(DIVERGING, -most, most, scale_title))


@dataclass(frozen=True)
class LossSeries:
    """Losses of the same images at one time.

    Args:
        name: in the legend.
        losses: (n,).
    """

    name: str
    losses: NDArray[np.float64]


def losses_figure(series: Sequence[LossSeries], names: Sequence[str], title: str, axis: str) -> go.Figure:
    """Draws the loss of each image as bars, those of a second time beside them, hatched.

    Args:
        series: one or two.
        names: (n,), of the images.
        title: of the figure.
        axis: title of the losses' axis.
    """
    figure = FigureDraft()
    for place, each in enumerate(series):
        figure.add_bar(
            x=list(range(len(names))),
            y=each.losses,
            name=each.name,
            marker={"color": COMPARISON, "pattern": {"shape": "/"}} if place else {"color": DATA},
            text=[f"{loss:.{3 if len(series) == 1 else 2}f}" for loss in each.losses.tolist()],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            hovertemplate=f"%{{y:.6f}}<extra>{each.name}</extra>",
        )
    plain_layout(figure, title, 380)
    figure.update_layout(
        width=GRID_PX,
        margin={"l": 56, "r": 10, "t": 84, "b": 70},
        showlegend=len(series) > 1,
        dragmode=False,
        bargap=0.15,
        uniformtext={"mode": "show", "minsize": 14},
    )
    highest = max([0.1, *(float(each.losses.max()) for each in series)])
    figure.update_xaxes(tickvals=list(range(len(names))), ticktext=list(names), fixedrange=True)
    figure.update_yaxes(title={"text": axis}, range=[0, 1.2 * highest], fixedrange=True)
    return figure.build()
