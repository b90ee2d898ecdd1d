"""What all images of a set have in common: how many there are of each class, their means, their pixels' values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.figures.array_image import ColourScale
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import DATA, INK, plain_layout
from model_lib.figures.tile_grid import GRID_PX, TileGrid, tile_grid_figure
from model_lib.layers.receptive_field import Box

_SHEET_COLUMNS: Final = 10
# Longer names than this have a tile of more room.
_SHORT: Final = 6


def sheet_figure(
    images: NDArray[np.uint8],
    indices: Sequence[int],
    labels: Sequence[int],
    chosen: int,
    title: str,
    disputed: Collection[int] = (),
) -> go.Figure:
    """Draws images in rows of ten, each with its label above it; `customdata` holds the index.

    Args:
        images: (n, 28, 28), 0 to 255.
        indices: (n,), of each image in its set.
        labels: (n,), 0 to 9.
        chosen: index of the image with a frame, if it is among them.
        title: of the figure.
        disputed: indices of the images whose label has a question mark.
    """
    marks = ["?" if index in disputed else "" for index in indices]
    hovers = [
        f"image {index}, label {label}{', disputed' * bool(mark)}"
        for index, label, mark in zip(indices, labels, marks, strict=True)
    ]
    grid = TileGrid(
        images,
        [f"{label}{mark}" for label, mark in zip(labels, marks, strict=True)],
        title,
        hovers,
        list(indices),
        columns=_SHEET_COLUMNS,
    )
    # A thin frame: the tiles are hardly larger than the images.
    frames = []
    if chosen in indices:
        row, column = grid.origin(list(indices).index(chosen))
        frames = [Box(row, column, row + IMAGE_SIDE, column + IMAGE_SIDE)]
    return tile_grid_figure(grid, ColourScale(INK, 0.0, 255.0), frames)


def class_counts_figure(counts: NDArray[np.int64], names: Sequence[str]) -> go.Figure:
    """Draws how many images there are of each class as bars from top to bottom.

    Args:
        counts: (10,).
        names: of the classes.
    """
    figure = FigureDraft()
    figure.add_bar(
        x=counts,
        y=list(names),
        orientation="h",
        marker={"color": DATA},
        text=[f"{count:,}" for count in counts.tolist()],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="label %{y}: %{x:,} images<extra></extra>",
    )
    plain_layout(figure, "Images of each label", 380)
    figure.update_layout(width=GRID_PX, dragmode=False, margin={"l": 60, "r": 10})
    figure.update_xaxes(title={"text": "images"}, range=[0, 1.3 * max(1, int(counts.max()))], nticks=4, tickformat=",d")
    figure.update_yaxes(title={"text": "label"}, type="category", autorange="reversed", dtick=1, automargin=True)
    return figure.build()


def mean_images_figure(means: NDArray[np.float64], names: Sequence[str]) -> go.Figure:
    """Draws the mean image of each class; `customdata` holds the label.

    Args:
        means: (10, 28, 28), 0 to 255; NaN for a class without images, whose place stays empty.
        names: of the classes.
    """
    columns = 5 if max(map(len, names)) <= _SHORT else 4
    hovers = [
        f"label {name}: no image" if np.isnan(mean).any() else f"label {name}: mean pixel {mean.mean():.1f}"
        for name, mean in zip(names, means, strict=True)
    ]
    grid = TileGrid(means, list(names), "Mean image of each class", hovers, columns=columns)
    return tile_grid_figure(grid, ColourScale(INK, 0.0, 255.0))


def pixel_histogram_figure(counts: NDArray[np.int64]) -> go.Figure:
    """Draws how many pixels have each value, on a logarithmic scale; values that no pixel has are left out.

    Args:
        counts: (256,), of the values 0 to 255.
    """
    values = np.flatnonzero(counts)
    figure = FigureDraft()
    figure.add_bar(
        x=values,
        y=counts[values],
        width=1,
        marker={"color": DATA, "line": {"width": 0}},
        hovertemplate="value %{x}: %{y:,} pixels<extra></extra>",
    )
    plain_layout(figure, "Histogram of the pixel values", 380)
    figure.update_layout(width=GRID_PX, dragmode=False, bargap=0, margin={"l": 70, "r": 10})
    figure.update_xaxes(title={"text": "value of a pixel"}, range=[-4, 259], tickvals=[0, 64, 128, 192, 255])
    figure.update_yaxes(**_logarithmic(counts))
    return figure.build()


def _logarithmic(counts: NDArray[np.int64]) -> dict[str, Any]:
    top = float(np.log10(max(1, int(counts.max())))) + 0.2
    return {"title": {"text": "pixels (logarithmic)"}, "type": "log", "dtick": 1, "range": [-0.3, top]}
