"""Layer outputs: all feature maps in one sheet, one of them large, what a pixel saw of the image; units as bars."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import Scale, add_picture
from model_lib.figures.style import BLUE, DIVERGING, INK, LETTERS, ORANGE, SEQUENTIAL, plain_layout
from model_lib.figures.tile_grid import (
    TILES_PER_PAGE,
    Sheet,
    add_click_markers,
    frame,
    picture_layout,
    sheet_figure,
    split_sheet,
)
from model_lib.interpretability.receptive_field import Box

MAP_PX: Final = 460
_AXIS_PX: Final = 55
_BAR_PX: Final = 80


def maps_figures(
    maps: NDArray[np.float32],
    first: int,
    chosen: int,
    has_common_scale: bool,
    title: str,
    dead: Collection[int] = (),
) -> list[go.Figure]:
    """Draws up to 64 feature maps of a layer in one or two figures. A click returns the map's number.

    Args:
        maps: (height, width, channels), all maps of the layer.
        first: the first one to be shown.
        chosen: the one with a frame.
        has_common_scale: whether all maps share one scale, or each has its own.
        title: the figure's.
        dead: maps that never say anything, for any image: they are marked.
    """
    shown = range(first, min(first + TILES_PER_PAGE, maps.shape[2]))
    tiles = np.moveaxis(maps[..., shown.start : shown.stop], 2, 0)
    captions = [f"{unit} ✕" if unit in dead else str(unit) for unit in shown]
    hovers = [
        f"map {unit}: {tile.min():.2f} to {tile.max():.2f}"
        + (", dead" if unit in dead else ", silent for this image" if np.ptp(tile) == 0.0 else "")
        for unit, tile in zip(shown, tiles, strict=True)
    ]
    sheet = Sheet(tiles, captions, title, hovers, list(shown), chosen=chosen - first)
    scale = _scale(maps, "output") if has_common_scale else Scale(SEQUENTIAL)
    return [sheet_figure(part, scale) for part in split_sheet(sheet)]


def map_figure(
    values: NDArray[np.float32], pixel: tuple[int, int], title: str, limits: NDArray[np.float32] | None = None
) -> go.Figure:
    """Draws one feature map large. A click on a pixel returns its row and column as the point's custom data.

    The framed pixel is the selected point: a click moves the frame in the browser, without another figure.

    Args:
        values: (height, width).
        pixel: row and column of the pixel with a frame.
        title: the figure's.
        limits: numbers whose range the colours cover; those of the map if None.
    """
    height, width = values.shape
    scale = _scale(values if limits is None else limits, "output")
    figure = _picture_with_axes(values, scale, title)
    rows, columns = (grid.ravel() for grid in np.mgrid[:height, :width])
    hovers = [
        f"row {row}, column {column}: {values[row, column]:.3f}" for row, column in zip(rows, columns, strict=True)
    ]
    ids = np.stack([rows, columns], axis=1).tolist()
    add_click_markers(figure, columns, rows, ids, hovers, max(6.0, (MAP_PX - _AXIS_PX - _BAR_PX) / width))
    figure.data[-1].update(
        marker={"symbol": "square-open", "color": ORANGE, "line": {"width": 4}},
        selected={"marker": {"opacity": 1}},
        selectedpoints=[pixel[0] * width + pixel[1]],
    )
    return figure


def seen_figure(image: NDArray[np.float32], seen: Box, title: str, width_px: int = 340) -> go.Figure:
    """Draws a picture with a frame around what an output pixel sees of it.

    Args:
        image: (height, width); 0 (black) to 1 (white).
        seen: the part, in the picture's pixels.
        title: the figure's.
        width_px: of the figure.
    """
    figure = go.Figure()
    add_picture(figure, image, Scale(INK, 0.0, 1.0))
    picture_layout(figure, title, width_px, image.shape)
    frame(figure, seen.top, seen.left, seen.height, seen.width, ORANGE, 4)
    return figure


def _picture_with_axes(values: NDArray[np.float32], scale: Scale, title: str) -> go.Figure:
    height, width = values.shape
    figure = go.Figure()
    bar = {"title": {"text": scale.title, "side": "right"}, "thickness": 14, "tickfont": LETTERS}
    add_picture(figure, values, scale, bar)
    picture_layout(figure, title, MAP_PX, (height, width))
    figure.update_layout(
        height=round((MAP_PX - 60 - _BAR_PX) * min(1.5, height / width)) + 100,
        margin={"l": _AXIS_PX, "r": _BAR_PX, "t": 44, "b": 52, "autoexpand": False},
        hoverdistance=50,
    )
    figure.update_xaxes(visible=True, title="column", tickfont=LETTERS, showgrid=False, zeroline=False)
    figure.update_yaxes(visible=True, title="row", tickfont=LETTERS, showgrid=False, zeroline=False)
    return figure


def _scale(numbers: NDArray[np.float32], title: str) -> Scale:
    """Amounts from zero up get one colour direction; signed numbers get two, with zero in the middle."""
    low, high = float(numbers.min()), float(numbers.max())
    if low < 0.0:
        reach = max(-low, high)
        return Scale(DIVERGING, -reach, reach, title)
    return Scale(SEQUENTIAL, 0.0, high or 1.0, title)


# So many bars can still be told apart; more numbers are drawn as an outline.
_MOST_BARS: Final = 256
_MOST_CLICKS: Final = 2000


def units_figure(values: NDArray[np.float32], chosen: int, title: str) -> go.Figure:
    """Draws a row of numbers. A click returns the place of the nearest one as the point's custom data.

    Args:
        values: (units,).
        chosen: the unit with another colour.
        title: the figure's.
    """
    places = np.arange(len(values))
    figure = go.Figure()
    if len(values) <= _MOST_BARS:
        colours = [ORANGE if place == chosen else BLUE for place in places]
        figure.add_bar(x=places, y=values, marker={"color": colours, "line": {"width": 0}}, hoverinfo="skip")
    else:
        figure.add_scatter(
            x=places, y=values, mode="lines", line={"color": BLUE, "width": 1, "shape": "hvh"}, hoverinfo="skip"
        )
        figure.add_scatter(
            x=[chosen], y=[values[chosen]], mode="markers", marker={"size": 14, "color": ORANGE}, hoverinfo="skip"
        )
    if len(values) <= _MOST_CLICKS:
        hovers = [f"unit {place}: {value:.3f}" for place, value in zip(places, values, strict=True)]
        add_click_markers(figure, places, values, places.tolist(), hovers, 12)
    plain_layout(figure, title, 300)
    figure.update_layout(
        showlegend=False, hovermode="closest", hoverdistance=400, clickmode="event+select", dragmode=False, bargap=0.15
    )
    figure.update_xaxes(title="unit", fixedrange=True, range=[-0.7, len(values) - 0.3])
    return figure.update_yaxes(title="output", fixedrange=True)
