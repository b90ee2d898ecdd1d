"""Feature visualization: top patches of all filters, top images of one, and activation maximization."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale, add_array_image
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import INK
from model_lib.figures.tile_grid import (
    GRID_PX,
    TILES_PER_PAGE,
    TileGrid,
    image_layout,
    split_grid,
    tile_grid_figure,
)
from model_lib.layers.receptive_field import Box

if TYPE_CHECKING:
    from model_lib.interpretability.results import TopActivations


def top_patches_figures(
    top: TopActivations, patches: NDArray[np.uint8], first: int, chosen: int, title: str
) -> list[go.Figure]:
    """Draws the patch of maximal activation of up to 64 filters; `customdata` holds the filter's index.

    Args:
        top: of the layer.
        patches: (filters, height, width) uint8, see `top_patches`.
        first: index of the first filter that is drawn.
        chosen: index of the filter with a frame.
        title: of the figure.

    Returns:
        One or two figures.
    """
    tiles = patches[first : first + TILES_PER_PAGE]
    units = list(range(first, first + len(tiles)))
    hovers = [f"filter {unit}: activation {top.values[unit, 0]:.2f}" for unit in units]
    grid = TileGrid(tiles, [str(unit) for unit in units], title, hovers, units, chosen=chosen - first)
    return [tile_grid_figure(part, ColourScale(INK, 0.0, 255.0)) for part in split_grid(grid)]


def top_activations_figure(
    top: TopActivations, images: NDArray[np.uint8], labels: NDArray[np.uint8], unit: int
) -> go.Figure:
    """Draws the images of maximal activation of a filter with the receptive field framed; `customdata`: image index."""
    indices = top.images[unit]
    captions = [f"{value:.2f}" for value in top.values[unit]]
    hovers = [f"test image {index}, label {labels[index]}" for index in indices]
    grid = TileGrid(
        images[indices],
        captions,
        f"Filter {unit}: its {len(indices)} strongest activations",
        hovers,
        indices.tolist(),
        columns=3,
    )
    frames = []
    for number, box in enumerate(top.boxes[unit]):
        if (box.height, box.width) != images.shape[1:]:
            row, column = grid.origin(number)
            frames.append(Box(row + box.top, column + box.left, row + box.bottom, column + box.right))
    return tile_grid_figure(grid, ColourScale(INK, 0.0, 255.0), frames)


def activation_maximization_figure(image: NDArray[np.float32], title: str) -> go.Figure:
    """Draws the result (height, width), 0 to 1, of activation maximization."""
    figure = FigureDraft()
    add_array_image(figure, image, ColourScale(INK))
    image_layout(figure, title, GRID_PX - 60, image.shape)
    return figure.build()
