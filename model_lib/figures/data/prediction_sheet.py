"""Images in rows of ten, each with its prediction above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.figures.array_image import ColourScale
from model_lib.figures.style import INK
from model_lib.figures.tile_grid import TileGrid, tile_grid_figure
from model_lib.layers.receptive_field import Box

_COLUMNS: Final = 10
# Class names are cut to what fits above a tile; the hover text has the full name.
_LONGEST: Final = 3


def prediction_sheet_figure(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    predictions: NDArray[np.integer],
    names: Sequence[str],
    title: str,
) -> go.Figure:
    """Draws images with their predictions; a wrong one has a frame.

    Args:
        images: (n, 28, 28), 0 to 255.
        labels, predictions: (n,), 0 to 9.
        names: of the classes.
        title: of the figure.
    """
    hovers = [
        f"test image {index}: label {names[label]}, predicted {names[prediction]}"
        for index, (label, prediction) in enumerate(zip(labels.tolist(), predictions.tolist(), strict=True))
    ]
    captions = [names[prediction][:_LONGEST] for prediction in predictions.tolist()]
    grid = TileGrid(images, captions, title, hovers, columns=_COLUMNS)
    corners = [grid.origin(place) for place in np.flatnonzero(labels != predictions).tolist()]
    frames = [Box(row, column, row + IMAGE_SIDE, column + IMAGE_SIDE) for row, column in corners]
    return tile_grid_figure(grid, ColourScale(INK, 0.0, 255.0), frames)
