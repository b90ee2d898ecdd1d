"""Architecture diagram: the layers from left to right with thumbnails of their outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale, add_array_image
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import SELECTION, SEQUENTIAL, TICK_FONT
from model_lib.figures.tile_grid import add_click_targets, add_frame, image_layout
from model_lib.layers.layer_info import LayerOutput, LayerView
from model_lib.layers.receptive_field import Box

LAYERS_PER_FIGURE: Final = 4
WIDTH_PX: Final = 460
_TILE: Final = 90
_GAP: Final = 14
_BAND: Final = 58
_MOST_MAPS: Final = 9
# Cells hold 0 to this; NaN is transparent.
_TOP: Final = 255.0


def layers_figure(layers: Sequence[tuple[LayerView, LayerOutput]], chosen: str | None) -> go.Figure:
    """Draws up to four consecutive layers: feature maps as thumbnails, vectors as bars.

    A click returns the layer's name as the point's custom data.

    Args:
        layers: each layer with its output for one image.
        chosen: name of the layer with a frame.
    """
    total = (_BAND + _TILE, LAYERS_PER_FIGURE * (_TILE + _GAP) - _GAP)
    cells = np.full(total, np.nan, np.float32)
    lefts = np.arange(len(layers)) * (_TILE + _GAP)
    for left, (_, maps) in zip(lefts, layers, strict=True):
        cells[_BAND:, left : left + _TILE] = _tile(maps.activation)
    figure = FigureDraft()
    add_array_image(figure, cells, ColourScale(SEQUENTIAL, 0.0, _TOP))
    centers = lefts + (_TILE - 1) / 2
    captions = [f"<b>{view.title}</b><br>{view.size}<br>{_parameters(view)}" for view, _ in layers]
    figure.add_scatter(
        x=centers,
        y=np.full(len(layers), _BAND / 2 - 2),
        text=captions,
        mode="text",
        textfont=TICK_FONT,
        hoverinfo="skip",
    )
    names = [view.name for view, _ in layers]
    rows = np.full(len(layers), _BAND + (_TILE - 1) / 2)
    add_click_targets(figure, centers, rows, names, [f"Go to {view.title}" for view, _ in layers], 90)
    if chosen in names:
        start = int(lefts[names.index(chosen)])
        add_frame(figure, Box(_BAND, start, _BAND + _TILE, start + _TILE), SELECTION, 5)
    image_layout(figure, "", WIDTH_PX, total, title_px=30)
    return figure.build()


def _parameters(view: LayerView) -> str:
    if view.parameters >= 1_000_000:
        return f"{view.parameters / 1e6:.2f} M weights"
    return f"{view.parameters:,} weights" if view.parameters else "no weights"


def _tile(output: NDArray[np.float32]) -> NDArray[np.float32]:
    return _maps_tile(output) if output.ndim == 3 else _bars_tile(output)


def _maps_tile(output: NDArray[np.float32]) -> NDArray[np.float32]:
    """Tiles the first feature maps of a layer in a square, on a common scale."""
    count = min(_MOST_MAPS, output.shape[2])
    side = int(np.ceil(np.sqrt(count)))
    tile_side = _TILE // side - (side > 1)
    tile = np.full((_TILE, _TILE), np.nan, np.float32)
    low, high = float(output.min()), float(output.max())
    shades = (output - low) / (high - low or 1.0) * _TOP
    # Nearest neighbour: a browser would interpolate.
    rows, columns = (np.arange(tile_side) * length // tile_side for length in output.shape[:2])
    for channel in range(count):
        top, left = (each * (_TILE // side) for each in divmod(channel, side))
        tile[top : top + tile_side, left : left + tile_side] = shades[rows][:, columns, channel]
    return tile


def _bars_tile(output: NDArray[np.float32]) -> NDArray[np.float32]:
    """Draws a vector as bars from top to bottom, downsampled to the largest absolute value of each section."""
    if len(output) > _TILE:
        starts = np.arange(_TILE) * len(output) // _TILE
        largest, smallest = np.maximum.reduceat(output, starts), np.minimum.reduceat(output, starts)
        output = np.where(largest >= -smallest, largest, smallest)
    tile = np.full((_TILE, _TILE), np.nan, np.float32)
    zero = 0 if output.min() >= 0.0 else _TILE // 2
    reach = (_TILE - 1 - zero) / (np.abs(output).max() or 1.0)
    edges = np.arange(len(output) + 1) * _TILE // len(output)
    for unit, value in enumerate(output):
        end = zero + round(float(value) * reach)
        bottom = max(edges[unit] + 1, edges[unit + 1] - (1 if len(output) <= _TILE // 3 else 0))
        tile[edges[unit] : bottom, min(zero, end) : max(zero, end) + 1] = _TOP / 3
    return tile
