"""Layer outputs: a grid of feature maps, one map enlarged, the receptive field on the image, units as bars."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale, add_array_image
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import DATA, DIVERGING, INK, SELECTION, SEQUENTIAL, TEXT_FONT, plain_layout
from model_lib.figures.tile_grid import (
    TILES_PER_PAGE,
    TileGrid,
    add_click_targets,
    add_frame,
    image_layout,
    split_grid,
    tile_grid_figure,
)
from model_lib.layers.receptive_field import Box

MAP_PX: Final = 460
_AXIS_PX: Final = 62
_BAR_PX: Final = 80


def feature_map_figures(
    maps: NDArray[np.float32],
    first: int,
    chosen: int,
    has_common_scale: bool,
    title: str,
    dead: Collection[int] = (),
) -> list[go.Figure]:
    """Draws up to 64 feature maps of a layer in one or two figures; `customdata` holds the channel.

    Args:
        maps: (height, width, channels), all feature maps of the layer.
        first: first channel that is drawn.
        chosen: channel with a frame.
        has_common_scale: whether all maps share one colour scale.
        title: of the figure.
        dead: channels whose output is constant over the data set; marked.
    """
    shown = range(first, min(first + TILES_PER_PAGE, maps.shape[2]))
    tiles = np.moveaxis(maps[..., shown.start : shown.stop], 2, 0)
    captions = [f"{unit} ✕" if unit in dead else str(unit) for unit in shown]
    hovers = [
        f"map {unit}: {tile.min():.2f} to {tile.max():.2f}"
        + (", dead" if unit in dead else ", constant for this image" if np.ptp(tile) == 0.0 else "")
        for unit, tile in zip(shown, tiles, strict=True)
    ]
    grid = TileGrid(tiles, captions, title, hovers, list(shown), chosen=chosen - first)
    scale = _scale(maps, "output") if has_common_scale else ColourScale(SEQUENTIAL)
    return [tile_grid_figure(part, scale) for part in split_grid(grid)]


def feature_map_figure(
    values: NDArray[np.float32], pixel: tuple[int, int], title: str, limits: NDArray[np.float32] | None = None
) -> go.Figure:
    """Draws one feature map enlarged; `customdata` holds row and column.

    The framed pixel is the selected point, so that a click moves the frame in the browser without a new figure.

    Args:
        values: (height, width).
        pixel: row and column of the framed pixel.
        title: of the figure.
        limits: values whose range sets the colour scale; those of the map if None.
    """
    height, width = values.shape
    scale = _scale(values if limits is None else limits, "output")
    figure = _image_with_axes(values, scale, title)
    rows, columns = (grid.ravel() for grid in np.mgrid[:height, :width])
    hovers = [
        f"row {row}, column {column}: {values[row, column]:.3f}" for row, column in zip(rows, columns, strict=True)
    ]
    ids = np.stack([rows, columns], axis=1).tolist()
    add_click_targets(figure, columns, rows, ids, hovers, max(6.0, (MAP_PX - _AXIS_PX - _BAR_PX) / width))
    figure.update_last_trace(
        marker={"symbol": "square-open", "color": SELECTION, "line": {"width": 4}},
        selected={"marker": {"opacity": 1}},
        selectedpoints=[pixel[0] * width + pixel[1]],
    )
    return figure.build()


def receptive_field_figure(image: NDArray[np.float32], box: Box | None, title: str, width_px: int = 340) -> go.Figure:
    """Draws an image with the receptive field framed.

    Args:
        image: (height, width), 0 (black) to 1 (white).
        box: the receptive field, in pixels of the image; None for no frame.
        title: of the figure.
        width_px: of the figure.
    """
    figure = FigureDraft()
    add_array_image(figure, image, ColourScale(INK, 0.0, 1.0))
    image_layout(figure, title, width_px, image.shape)
    if box is not None:
        add_frame(figure, box, SELECTION, 4)
    return figure.build()


def _image_with_axes(values: NDArray[np.float32], scale: ColourScale, title: str) -> FigureDraft:
    height, width = values.shape
    figure = FigureDraft()
    bar = {"title": {"text": scale.title, "side": "right", "font": TEXT_FONT}, "thickness": 14, "tickfont": TEXT_FONT}
    add_array_image(figure, values, scale, bar)
    image_layout(figure, title, MAP_PX, (height, width))
    figure.update_layout(
        height=round((MAP_PX - 60 - _BAR_PX) * min(1.5, height / width)) + 100,
        margin={"l": _AXIS_PX, "r": _BAR_PX, "t": 44, "b": 62, "autoexpand": False},
        hoverdistance=50,
    )
    axis = {"visible": True, "tickfont": TEXT_FONT, "showgrid": False, "zeroline": False}
    figure.update_xaxes(title={"text": "column", "font": TEXT_FONT}, **axis)
    figure.update_yaxes(title={"text": "row", "font": TEXT_FONT}, **axis)
    return figure


def _scale(numbers: NDArray[np.float32], title: str) -> ColourScale:
    """Returns a sequential scale for non-negative values, else a diverging one about zero."""
    low, high = float(numbers.min()), float(numbers.max())
    if low < 0.0:
        reach = max(-low, high)
        return ColourScale(DIVERGING, -reach, reach, title)
    return ColourScale(SEQUENTIAL, 0.0, high or 1.0, title)


# More units than this are drawn as a line.
_MOST_BARS: Final = 256
_MOST_CLICKS: Final = 2000


def unit_outputs_figure(values: NDArray[np.float32], chosen: int, title: str) -> go.Figure:
    """Draws the outputs of a dense layer; `customdata` holds the unit.

    Args:
        values: (units,).
        chosen: the highlighted unit.
        title: of the figure.
    """
    units = np.arange(len(values))
    figure = FigureDraft()
    if len(values) <= _MOST_BARS:
        colours = [SELECTION if unit == chosen else DATA for unit in units]
        dots = ["." if unit == chosen else "" for unit in units]
        marker = {"color": colours, "pattern": {"shape": dots}, "line": {"width": 0}}
        figure.add_bar(x=units, y=values, marker=marker, hoverinfo="skip")
    else:
        figure.add_scatter(
            x=units, y=values, mode="lines", line={"color": DATA, "width": 1, "shape": "hvh"}, hoverinfo="skip"
        )
        figure.add_scatter(
            x=[chosen], y=[values[chosen]], mode="markers", marker={"size": 14, "color": SELECTION}, hoverinfo="skip"
        )
    if len(values) <= _MOST_CLICKS:
        hovers = [f"unit {unit}: {value:.3f}" for unit, value in zip(units, values, strict=True)]
        add_click_targets(figure, units, values, units.tolist(), hovers, 12)
    plain_layout(figure, title, 300)
    figure.update_layout(
        showlegend=False, hovermode="closest", hoverdistance=400, clickmode="event+select", dragmode=False, bargap=0.15
    )
    figure.update_xaxes(title={"text": "unit"}, fixedrange=True, range=[-0.7, len(values) - 0.3])
    figure.update_yaxes(title={"text": "output"}, fixedrange=True)
    return figure.build()
