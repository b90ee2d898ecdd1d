"""The network as a picture: its layers from left to right, each with what it put out, small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import Scale, add_picture
from model_lib.figures.style import LETTERS, ORANGE, SEQUENTIAL
from model_lib.figures.tile_grid import add_click_markers, frame, picture_layout
from model_lib.interpretability.layer_info import LayerOutput, LayerView

LAYERS_PER_FIGURE: Final = 4
WIDTH_PX: Final = 460
_TILE: Final = 90
_GAP: Final = 14
_BAND: Final = 58
_MOST_MAPS: Final = 9
# A cell's number from 0 to this is its colour; cells without a number show the paper.
_TOP: Final = 255.0


def layers_figure(layers: Sequence[tuple[LayerView, LayerOutput]], chosen: str | None) -> go.Figure:
    """Draws up to four neighbouring layers: feature maps as small pictures, rows of numbers as bars.

    A click returns the layer's name as the point's custom data.

    Args:
        layers: the layers with their output for one image.
        chosen: the name of the layer with a frame.
    """
    total = (_BAND + _TILE, LAYERS_PER_FIGURE * (_TILE + _GAP) - _GAP)
    cells = np.full(total, np.nan, np.float32)
    lefts = np.arange(len(layers)) * (_TILE + _GAP)
    for left, (_, maps) in zip(lefts, layers, strict=True):
        cells[_BAND:, left : left + _TILE] = _tile(maps.activation)
    figure = go.Figure()
    add_picture(figure, cells, Scale(SEQUENTIAL, 0.0, _TOP))
    middles = lefts + (_TILE - 1) / 2
    captions = [f"<b>{view.title}</b><br>{view.size}<br>{_parameters(view)}" for view, _ in layers]
    figure.add_scatter(
        x=middles,
        y=np.full(len(layers), _BAND / 2 - 2),
        text=captions,
        mode="text",
        textfont=LETTERS,
        hoverinfo="skip",
    )
    names = [view.name for view, _ in layers]
    rows = np.full(len(layers), _BAND + (_TILE - 1) / 2)
    add_click_markers(figure, middles, rows, names, [f"Go to {view.title}" for view, _ in layers], 90)
    if chosen in names:
        frame(figure, _BAND, int(lefts[names.index(chosen)]), _TILE, _TILE, ORANGE, 5)
    picture_layout(figure, "", WIDTH_PX, total, title_px=30)
    return figure


def _parameters(view: LayerView) -> str:
    if view.parameters >= 1_000_000:
        return f"{view.parameters / 1e6:.2f} M numbers"
    return f"{view.parameters:,} numbers" if view.parameters else "learns nothing"


def _tile(output: NDArray[np.float32]) -> NDArray[np.float32]:
    return _maps_tile(output) if output.ndim == 3 else _bars_tile(output)


def _maps_tile(output: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lays the first maps of a layer out in a square, on one scale."""
    count = min(_MOST_MAPS, output.shape[2])
    side = int(np.ceil(np.sqrt(count)))
    room = _TILE // side - (side > 1)
    tile = np.full((_TILE, _TILE), np.nan, np.float32)
    low, high = float(output.min()), float(output.max())
    shades = (output - low) / (high - low or 1.0) * _TOP
    # The nearest number for each cell of the room: a browser would blur what it has to stretch.
    rows, columns = (np.arange(room) * length // room for length in output.shape[:2])
    for place in range(count):
        top, left = (each * (_TILE // side) for each in divmod(place, side))
        tile[top : top + room, left : left + room] = shades[rows][:, columns, place]
    return tile


def _bars_tile(output: NDArray[np.float32]) -> NDArray[np.float32]:
    """Draws a row of numbers as bars from top to bottom; of very many, the largest of each stretch."""
    if len(output) > _TILE:
        starts = np.arange(_TILE) * len(output) // _TILE
        largest, smallest = np.maximum.reduceat(output, starts), np.minimum.reduceat(output, starts)
        output = np.where(largest >= -smallest, largest, smallest)
    tile = np.full((_TILE, _TILE), np.nan, np.float32)
    zero = 0 if output.min() >= 0.0 else _TILE // 2
    reach = (_TILE - 1 - zero) / (np.abs(output).max() or 1.0)
    edges = np.arange(len(output) + 1) * _TILE // len(output)
    for place, value in enumerate(output):
        end = zero + round(float(value) * reach)
        bottom = max(edges[place] + 1, edges[place + 1] - (1 if len(output) <= _TILE // 3 else 0))
        tile[edges[place] : bottom, min(zero, end) : max(zero, end) + 1] = _TOP / 3
    return tile
