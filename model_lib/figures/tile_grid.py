"""A grid of arrays in one figure: a single image trace, and one transparent marker a tile as click target."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale, add_array_image
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import SELECTION, TEXT_FONT, TITLE_FONT, TRANSPARENT, edged
from model_lib.layers.receptive_field import Box

MARGIN_PX: Final = 8
_CAPTION_PX: Final = 22
_TITLE_PX: Final = 44
BAR_PX: Final = 68
# As wide as a phone: a narrower window would leave the height that follows from the width, and with it an empty block.
# Two such figures fit side by side on a laptop, four on a projector.
GRID_PX: Final = 344
# Layers with more filters are paged.
TILES_PER_PAGE: Final = 64
_TILES_ALONE: Final = 16
# A click selects the nearest marker within this distance, so that whole tiles are clickable.
_CLICK_DISTANCE_PX: Final = 200

# Layout of a figure in which a click selects the nearest marker at any distance.
CLICKABLE: Final = {"hovermode": "closest", "hoverdistance": -1, "clickmode": "event+select", "dragmode": False}


@dataclass(frozen=True)
class TileGrid:
    """Equally sized tiles in rows.

    Args:
        tiles: (n, height, width).
        captions: short text above each tile.
        title: of the figure.
        hovers: hover text of each tile; defaults to the captions.
        ids: `customdata` of each tile; defaults to its position.
        columns: tiles a row.
        width_px: of the figure.
        chosen: position of the tile with a frame, or None.
    """

    tiles: NDArray[Any]
    captions: Sequence[str]
    title: str
    hovers: Sequence[str] = ()
    ids: Sequence[int] = ()
    columns: int = 8
    width_px: int = GRID_PX
    chosen: int | None = None

    @property
    def gap(self) -> int:
        """Gap between tiles, in array cells."""
        return max(1, round(0.1 * int(self.tiles.shape[2])))

    @property
    def cell_px(self) -> float:
        """Side of one array cell, in pixels."""
        return (self.width_px - 2 * MARGIN_PX) / (self.columns * (int(self.tiles.shape[2]) + self.gap))

    @property
    def band(self) -> int:
        """Height of the captions, in array cells."""
        return int(np.ceil(_CAPTION_PX / self.cell_px)) if any(self.captions) else self.gap

    @property
    def rows(self) -> int:
        """Number of rows of tiles."""
        return -(-len(self.tiles) // self.columns)

    def origin(self, place: int) -> tuple[int, int]:
        """Returns row and column of a tile's first cell in the figure."""
        row, column = divmod(place, self.columns)
        return row * (self.tiles.shape[1] + self.band) + self.band, column * (self.tiles.shape[2] + self.gap)


def tile_grid_figure(grid: TileGrid, scale: ColourScale, frames: Sequence[Box] = ()) -> go.Figure:
    """Draws a grid; `customdata` holds the tile's id.

    Args:
        grid: the tiles.
        scale: of their colours.
        frames: thin ones, in cells of the figure, see `TileGrid.origin`.
    """
    height, width = grid.tiles.shape[1:]
    total = (grid.rows * (height + grid.band), grid.columns * (width + grid.gap) - grid.gap)
    cells = np.full(total, np.nan, np.float32)
    tiles = _scale_each(grid.tiles) if scale.lowest is None else grid.tiles
    for place, tile in enumerate(tiles):
        row, column = grid.origin(place)
        cells[row : row + height, column : column + width] = tile
    figure = FigureDraft()
    add_array_image(figure, cells, scale, colour_bar(scale.title))
    origins = np.array([grid.origin(place) for place in range(len(tiles))]).reshape(-1, 2)
    centers = origins + (np.array([height, width]) - 1) / 2
    if any(grid.captions):
        figure.add_scatter(
            x=centers[:, 1],
            y=origins[:, 0] - 0.5 - 0.5 * _CAPTION_PX / grid.cell_px,
            text=list(grid.captions),
            mode="text",
            textfont=TEXT_FONT,
            hoverinfo="skip",
        )
    add_click_targets(
        figure,
        centers[:, 1],
        centers[:, 0],
        list(grid.ids or range(len(tiles))),
        list(grid.hovers or grid.captions),
        max(6.0, 0.8 * width * grid.cell_px),
    )
    if grid.chosen is not None and 0 <= grid.chosen < len(tiles):
        row, column = grid.origin(grid.chosen)
        add_frame(figure, Box(row, column, row + height, column + width), SELECTION, 5)
    for box in frames:
        add_frame(figure, box, SELECTION, 3)
    image_layout(figure, grid.title, grid.width_px, total, BAR_PX if scale.title else 0)
    return figure.build()


def split_grid(grid: TileGrid) -> list[TileGrid]:
    """Splits a grid of more than a few tiles in two of half the width, for a responsive layout.

    Returns:
        One or two grids, nearly square; the title is on the first.
    """
    count = len(grid.tiles)
    ids = list(grid.ids or range(count))
    size = count if count <= _TILES_ALONE else -(-count // 2)
    columns = max(2, int(np.ceil(np.sqrt(size))))
    return [
        dataclasses.replace(
            grid,
            tiles=grid.tiles[start : start + size],
            captions=grid.captions[start : start + size],
            hovers=grid.hovers[start : start + size],
            ids=ids[start : start + size],
            title=grid.title if start == 0 else " ",
            columns=columns,
            chosen=None if grid.chosen is None else grid.chosen - start,
        )
        for start in range(0, count, size)
    ]


def colour_bar(title: str) -> dict[str, Any]:
    """Returns Plotly's options of a horizontal colour bar below the image."""
    return {
        "title": {"text": title, "side": "top", "font": TEXT_FONT},
        "orientation": "h",
        "thickness": 12,
        "tickfont": TEXT_FONT,
        "y": 0,
        "yanchor": "top",
        "ypad": 4,
        "lenmode": "fraction",
        "len": 0.9,
    }


def add_click_targets(
    figure: FigureDraft,
    x: Sequence[float | str] | NDArray[Any],
    y: Sequence[float | str] | NDArray[Any],
    ids: Sequence[Any],
    hovers: Sequence[str],
    size_px: float = 22,
) -> None:
    """Adds transparent markers. Streamlit reports selections of markers, but not of images or heatmaps.

    Args:
        figure: is modified.
        x, y: coordinates of the markers.
        ids: `customdata` of each marker.
        hovers: hover text of each marker.
        size_px: of the markers.
    """
    transparent = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"symbol": "square", "size": size_px, "opacity": 0},
        customdata=list(ids),
        hovertext=list(hovers),
        hovertemplate="%{hovertext}<extra></extra>",
        hoverlabel={"font": TEXT_FONT},
        selected=transparent,
        unselected=transparent,
        showlegend=False,
    )


def add_frame(figure: FigureDraft, box: Box, colour: str, width_px: int = 4) -> None:
    """Draws a rectangle around the cells of a box."""
    for line in edged(colour, width_px):
        figure.add_shape(
            type="rect", x0=box.left - 0.5, y0=box.top - 0.5, x1=box.right - 0.5, y1=box.bottom - 0.5, line=line
        )


def image_layout(
    figure: FigureDraft, title: str, width_px: int, cells: tuple[int, int], bar_px: int = 0, title_px: int = _TITLE_PX
) -> None:
    """Sets square cells, hidden axes, and the height that follows from the width."""
    inner = width_px - 2 * MARGIN_PX
    figure.update_layout(
        title={"text": title, "font": TITLE_FONT, "x": 0.0, "xanchor": "left", "xref": "container"},
        width=width_px,
        height=round(inner * cells[0] / cells[1]) + title_px + MARGIN_PX + bar_px,
        # All margins are fixed: Plotly's autoexpand takes as long as the drawing itself.
        margin={"l": MARGIN_PX, "r": MARGIN_PX, "t": title_px, "b": MARGIN_PX + bar_px, "autoexpand": False},
        font=TEXT_FONT,
        showlegend=False,
        hovermode="closest",
        hoverdistance=_CLICK_DISTANCE_PX,
        clickmode="event+select",
        dragmode=False,
        plot_bgcolor=TRANSPARENT,
    )
    figure.update_xaxes(visible=False, range=[-0.5, cells[1] - 0.5], constrain="domain", fixedrange=True)
    figure.update_yaxes(
        visible=False,
        range=[cells[0] - 0.5, -0.5],
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
        fixedrange=True,
    )


def _scale_each(tiles: NDArray[Any]) -> NDArray[np.float32]:
    """Scales each tile to 0 to 1; a constant one becomes 0."""
    numbers = tiles.astype(np.float32)
    low = numbers.min(axis=(1, 2), keepdims=True)
    span = numbers.max(axis=(1, 2), keepdims=True) - low
    spread: NDArray[np.float32] = (numbers - low) / np.where(span > 0.0, span, 1.0)
    return spread
