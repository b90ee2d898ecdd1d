"""Many small pictures in one figure: one picture for the browser to draw, one marker a tile to click on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import Scale, add_picture
from model_lib.figures.style import LETTERS, ORANGE

MARGIN_PX: Final = 8
_CAPTION_PX: Final = 22
_TITLE_PX: Final = 44
BAR_PX: Final = 68
# Two such figures stand side by side on a wide screen, one under the other on a narrow one.
SHEET_PX: Final = 460
# More filters than this are turned over in pages.
TILES_PER_PAGE: Final = 64
_TILES_ALONE: Final = 16
# Any click within this distance goes to the nearest tile, so that the whole tile answers.
_REACH_PX: Final = 200


@dataclass(frozen=True)
class Sheet:
    """Tiles of the same size, laid out in rows.

    Args:
        tiles: (n, height, width), any numbers.
        captions: one short text a tile, shown above it.
        title: the figure's.
        hovers: one line a tile, shown under the pointer; the captions where none are given.
        ids: what a click on each tile returns; its place where none are given.
        columns: tiles in a row.
        width_px: of the whole figure.
        chosen: the place of the tile with a frame, or None.
    """

    tiles: NDArray[Any]
    captions: Sequence[str]
    title: str
    hovers: Sequence[str] = ()
    ids: Sequence[int] = ()
    columns: int = 8
    width_px: int = SHEET_PX
    chosen: int | None = None

    @property
    def gap(self) -> int:
        """Between two tiles, in cells."""
        return max(1, round(0.1 * int(self.tiles.shape[2])))

    @property
    def cell_px(self) -> float:
        """The side of one number."""
        return (self.width_px - 2 * MARGIN_PX) / (self.columns * (int(self.tiles.shape[2]) + self.gap))

    @property
    def band(self) -> int:
        """Height of the captions, in cells."""
        return int(np.ceil(_CAPTION_PX / self.cell_px)) if any(self.captions) else self.gap

    @property
    def rows(self) -> int:
        """How many rows of tiles there are."""
        return -(-len(self.tiles) // self.columns)

    def origin(self, place: int) -> tuple[int, int]:
        """Returns the row and column of a tile's first number in the whole figure."""
        row, column = divmod(place, self.columns)
        return row * (self.tiles.shape[1] + self.band) + self.band, column * (self.tiles.shape[2] + self.gap)


def sheet_figure(sheet: Sheet, scale: Scale) -> go.Figure:
    """Draws a sheet. A click anywhere on a tile returns the tile's id as the point's custom data."""
    height, width = sheet.tiles.shape[1:]
    total = (sheet.rows * (height + sheet.band), sheet.columns * (width + sheet.gap) - sheet.gap)
    cells = np.full(total, np.nan, np.float32)
    tiles = _own_scales(sheet.tiles) if scale.lowest is None else sheet.tiles
    for place, tile in enumerate(tiles):
        row, column = sheet.origin(place)
        cells[row : row + height, column : column + width] = tile
    figure = go.Figure()
    add_picture(figure, cells, scale, colour_bar(scale.title))
    origins = np.array([sheet.origin(place) for place in range(len(tiles))]).reshape(-1, 2)
    middles = origins + (np.array([height, width]) - 1) / 2
    if any(sheet.captions):
        figure.add_scatter(
            x=middles[:, 1],
            y=origins[:, 0] - 0.5 - 0.5 * _CAPTION_PX / sheet.cell_px,
            text=list(sheet.captions),
            mode="text",
            textfont=LETTERS,
            hoverinfo="skip",
        )
    add_click_markers(
        figure,
        middles[:, 1],
        middles[:, 0],
        list(sheet.ids or range(len(tiles))),
        list(sheet.hovers or sheet.captions),
        max(6.0, 0.8 * width * sheet.cell_px),
    )
    if sheet.chosen is not None and 0 <= sheet.chosen < len(tiles):
        frame(figure, *sheet.origin(sheet.chosen), height, width, ORANGE, 5)
    picture_layout(figure, sheet.title, sheet.width_px, total, BAR_PX if scale.title else 0)
    return figure


def split_sheet(sheet: Sheet) -> list[Sheet]:
    """Lays more than a few tiles out in two sheets of half the width, which a page can put beside or below each other.

    Returns:
        One or two sheets, nearly square; the title stands over the first.
    """
    count = len(sheet.tiles)
    ids = list(sheet.ids or range(count))
    size = count if count <= _TILES_ALONE else -(-count // 2)
    columns = max(2, int(np.ceil(np.sqrt(size))))
    return [
        dataclasses.replace(
            sheet,
            tiles=sheet.tiles[start : start + size],
            captions=sheet.captions[start : start + size],
            hovers=sheet.hovers[start : start + size],
            ids=ids[start : start + size],
            title=sheet.title if start == 0 else " ",
            columns=columns,
            chosen=None if sheet.chosen is None else sheet.chosen - start,
        )
        for start in range(0, count, size)
    ]


def colour_bar(title: str) -> dict[str, Any]:
    """Returns a colour bar that lies under the picture."""
    return {
        "title": {"text": title, "side": "top"},
        "orientation": "h",
        "thickness": 12,
        "tickfont": LETTERS,
        "y": 0,
        "yanchor": "top",
        "ypad": 4,
        "lenmode": "fraction",
        "len": 0.9,
    }


def add_click_markers(
    figure: go.Figure,
    columns: NDArray[Any],
    rows: NDArray[Any],
    ids: Sequence[Any],
    hovers: Sequence[str],
    size_px: float,
) -> None:
    """Lays invisible squares over a picture. A heatmap alone tells Streamlit of no click; markers do."""
    see_through = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=columns,
        y=rows,
        mode="markers",
        marker={"symbol": "square", "size": size_px, "opacity": 0},
        customdata=list(ids),
        hovertext=list(hovers),
        hovertemplate="%{hovertext}<extra></extra>",
        selected=see_through,
        unselected=see_through,
    )


def frame(
    figure: go.Figure, row: float, column: float, height: float, width: float, colour: str, width_px: int = 4
) -> None:
    """Draws a rectangle around cells; `row` and `column` name the first cell inside it."""
    figure.add_shape(
        type="rect",
        x0=column - 0.5,
        y0=row - 0.5,
        x1=column + width - 0.5,
        y1=row + height - 0.5,
        line={"color": colour, "width": width_px},
    )


def picture_layout(
    figure: go.Figure, title: str, width_px: int, cells: tuple[int, int], bar_px: int = 0, title_px: int = _TITLE_PX
) -> None:
    """Gives a figure that is a picture square cells, no axes, and the height that its width asks for."""
    inner = width_px - 2 * MARGIN_PX
    figure.update_layout(
        title={"text": title, "font": {"size": 18}, "x": 0.0, "xanchor": "left", "xref": "container"},
        width=width_px,
        height=round(inner * cells[0] / cells[1]) + title_px + MARGIN_PX + bar_px,
        # There is room for everything: Plotly need not look for more, which takes it as long as the drawing.
        margin={"l": MARGIN_PX, "r": MARGIN_PX, "t": title_px, "b": MARGIN_PX + bar_px, "autoexpand": False},
        font={"size": 14},
        showlegend=False,
        hovermode="closest",
        hoverdistance=_REACH_PX,
        clickmode="event+select",
        dragmode=False,
        plot_bgcolor="rgba(0,0,0,0)",
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


def _own_scales(tiles: NDArray[Any]) -> NDArray[np.float32]:
    """Stretches each tile from 0 to 1; one whose numbers are all the same becomes 0."""
    numbers = tiles.astype(np.float32)
    low = numbers.min(axis=(1, 2), keepdims=True)
    span = numbers.max(axis=(1, 2), keepdims=True) - low
    spread: NDArray[np.float32] = (numbers - low) / np.where(span > 0.0, span, 1.0)
    return spread


def add_click_targets(
    figure: go.Figure, x: Sequence[object], y: Sequence[object], custom: Sequence[object], words: Sequence[str]
) -> None:
    """Lays a transparent marker on each place that can be clicked. A click anywhere takes the nearest one.

    Args:
        figure: gets the markers.
        x, y: their places on the axes.
        custom: what a click gives back, as `customdata`.
        words: what pointing at each place says.
    """
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"symbol": "square", "size": 22},
        opacity=0,
        customdata=custom,
        text=words,
        hovertemplate="%{text}<extra></extra>",
        hoverlabel={"bgcolor": "white", "font": {"color": "black", "size": 14}},
        showlegend=False,
    )
    # Without a limit to the distance, the whole cell or image is clickable at every size of the window.
    figure.update_layout(hovermode="closest", hoverdistance=-1, clickmode="event+select", dragmode=False)
