"""A loss surface from above, with paths on it, and the losses along them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import (
    COMPARISON,
    DATA,
    EMPHASIS_FONT,
    PREDICTION,
    REST,
    SELECTION,
    TEXT_FONT,
    plain_layout,
    translucent,
)
from model_lib.figures.tile_grid import GRID_PX, add_click_targets

# Higher ground is darker on a light page and lighter on a dark one.
_SHADES: Final = [[0.0, translucent(REST, 0.0)], [1.0, translucent(REST, 0.75)]]
# Contour lines lie at losses that are half an octave apart.
_LOWEST_POWER: Final = -2.0
_HIGHEST_POWER: Final = 3.5
_MARGIN_PX: Final = 66
# Only every second point of the grid can be clicked: more than some hundred markers make a browser slow.
_TARGETS_EVERY: Final = 2
# Of losses on a logarithmic axis, where they are small.
_FINE_TICKS: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
_TITLE_PX: Final = 44
_LEGEND_PX: Final = 64


@dataclass(frozen=True)
class PathStyle:
    """How a path is drawn, so that it is told from others without its colour.

    Args:
        colour: of line and points.
        dash: of the line.
        symbol: of its points.
    """

    colour: str = DATA
    dash: str = "solid"
    symbol: str = "circle"


PATH_STYLES: Final = (
    PathStyle(),
    PathStyle(DATA, "dash", "square"),
    PathStyle(PREDICTION, "dot", "diamond"),
    PathStyle(COMPARISON, "solid", "triangle-up"),
    PathStyle(SELECTION, "dashdot", "star"),
)


@dataclass(frozen=True)
class SurfacePath:
    """A path over a surface.

    Args:
        name: in the legend.
        points: (n, 2), x and y, the start first.
        losses: (n,), at the points.
        style: of the line.
    """

    name: str
    points: NDArray[np.float64]
    losses: NDArray[np.float64]
    style: PathStyle


@dataclass(frozen=True)
class SurfaceWords:
    """Texts of the figure of a surface.

    Args:
        title: of the figure.
        x, y: titles of the axes.
        loss: what is said of a point.
    """

    title: str
    x: str
    y: str
    loss: str


def surface_figure(
    losses: NDArray[np.float64],
    ticks: NDArray[np.float64],
    networks: Sequence[tuple[str, float, float]],
    paths: Sequence[SurfacePath],
    words: SurfaceWords,
) -> go.Figure:
    """Draws contour lines of a loss, and paths; every second point can be clicked, `customdata` holds its x and y.

    Args:
        losses: (n, n), above 0; rows are y, columns are x.
        ticks: (n,), of both axes.
        networks: name, x and y of points with a name.
        paths: all from one start, which gets a ring.
        words: texts.
    """
    figure = FigureDraft()
    figure.add_contour(
        z=np.log2(losses),
        x=ticks,
        y=ticks,
        colorscale=_SHADES,
        zmin=_LOWEST_POWER,
        zmax=_HIGHEST_POWER,
        contours={"start": _LOWEST_POWER, "end": _HIGHEST_POWER, "size": 0.5, "coloring": "fill"},
        line={"color": REST, "width": 1},
        showscale=False,
        hoverinfo="skip",
    )
    _add_levels(figure, losses, ticks, networks[-1][2])
    for path in paths:
        _add_path(figure, path)
    figure.add_scatter(
        x=[x for _, x, _ in networks],
        y=[y for _, _, y in networks],
        text=[f"<b>{name}</b>" for name, _, _ in networks],
        mode="text",
        textfont=EMPHASIS_FONT | {"shadow": "auto"},
        hoverinfo="skip",
        showlegend=False,
    )
    if paths:
        start = paths[0].points[0]
        figure.add_scatter(
            x=[start[0]],
            y=[start[1]],
            mode="markers",
            marker={"size": 18, "symbol": "circle-open", "color": SELECTION, "line": {"width": 4}},
            hoverinfo="skip",
            showlegend=False,
        )
    targets, target_losses = ticks[::_TARGETS_EVERY], losses[::_TARGETS_EVERY, ::_TARGETS_EVERY]
    columns, rows = (grid.ravel() for grid in np.meshgrid(targets, targets))
    add_click_targets(
        figure,
        columns,
        rows,
        np.stack([columns, rows], axis=1).tolist(),
        [
            f"{words.loss} {loss:.3f}<br>{x:g}, {y:g}"
            for x, y, loss in zip(columns, rows, target_losses.ravel(), strict=True)
        ],
        14,
    )
    _square_layout(figure, words, ticks, len(paths) > 1)
    return figure.build()


def _add_levels(figure: FigureDraft, losses: NDArray[np.float64], ticks: NDArray[np.float64], y: float) -> None:
    """Writes the losses 1, 2, 4, 8 where their contour lines cross the row at y, coming from the left."""
    row = np.log2(losses[int(np.abs(ticks - y).argmin())])
    falling = row[: int(row.argmin()) + 1]
    powers = np.arange(0.0, _HIGHEST_POWER)
    powers = powers[(powers > falling.min()) & (powers < falling.max())]
    figure.add_scatter(
        x=np.interp(powers, falling[::-1], ticks[: len(falling)][::-1]),
        y=np.full(len(powers), y),
        text=[f"{2.0**power:g}" for power in powers],
        mode="text",
        textfont=TEXT_FONT | {"shadow": "auto"},
        hoverinfo="skip",
        showlegend=False,
    )


def _add_path(figure: FigureDraft, path: SurfacePath) -> None:
    style = path.style
    figure.add_scatter(
        x=path.points[:, 0],
        y=path.points[:, 1],
        mode="lines+markers",
        name=path.name,
        line={"color": style.colour, "width": 2, "dash": style.dash},
        marker={"color": style.colour, "size": 7, "symbol": style.symbol},
        hoverinfo="skip",
    )


def _square_layout(figure: FigureDraft, words: SurfaceWords, ticks: NDArray[np.float64], has_legend: bool) -> None:
    top = _TITLE_PX + (_LEGEND_PX if has_legend else 0)
    inner = GRID_PX - _MARGIN_PX - 10
    plain_layout(figure, words.title, inner + top + _MARGIN_PX)
    figure.update_layout(
        title={"x": 0.0, "xanchor": "left", "xref": "container", "y": 1.0, "yanchor": "top", "pad": {"t": 12}},
        width=GRID_PX,
        margin={"l": _MARGIN_PX, "r": 10, "t": top, "b": _MARGIN_PX, "autoexpand": False},
        showlegend=has_legend,
        legend={"x": 0, "xanchor": "left"},
        hovermode="closest",
        hoverdistance=30,
        clickmode="event+select",
        dragmode=False,
    )
    axis: dict[str, Any] = {"range": [float(ticks[0]), float(ticks[-1])], "fixedrange": True, "zeroline": False}
    figure.update_xaxes(title={"text": words.x}, dtick=0.5, constrain="domain", **axis)
    figure.update_yaxes(title={"text": words.y, "standoff": 12}, dtick=0.5, scaleanchor="x", constrain="domain", **axis)


def path_losses_figure(paths: Sequence[SurfacePath], title: str, step: str, loss: str) -> go.Figure:
    """Draws the losses along paths over their steps, on a logarithmic axis.

    Args:
        paths: see `surface_figure`.
        title: of the figure.
        step: title of the steps' axis.
        loss: title of the losses' axis.
    """
    figure = FigureDraft()
    for path in paths:
        style = path.style
        figure.add_scatter(
            x=np.arange(len(path.losses)),
            y=path.losses,
            mode="lines+markers",
            name=path.name,
            line={"color": style.colour, "width": 2, "dash": style.dash},
            marker={"color": style.colour, "size": 6, "symbol": style.symbol},
            hovertemplate="%{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
        )
    has_legend = len(paths) > 1
    top = _TITLE_PX + (_LEGEND_PX if has_legend else 0)
    plain_layout(figure, title, 300 + (_LEGEND_PX if has_legend else 0))
    figure.update_layout(
        title={"x": 0.0, "xanchor": "left", "xref": "container", "y": 1.0, "yanchor": "top", "pad": {"t": 12}},
        width=GRID_PX,
        margin={"l": 64, "r": 10, "t": top, "b": 50},
        showlegend=has_legend,
        legend={"x": 0, "xanchor": "left"},
        dragmode=False,
    )
    lowest = min([0.2, *(float(path.losses.min()) for path in paths)])
    highest = max([1.0, *(float(path.losses.max()) for path in paths)])
    # Plotly's own would write every digit between two powers of ten, in small letters.
    decades = [10.0**power for power in range(-1, int(np.log10(highest)) + 1)]
    ticks = _FINE_TICKS if highest < _FINE_TICKS[-1] else decades[:: 1 + len(decades) // 8]
    figure.update_xaxes(title={"text": step}, rangemode="tozero")
    figure.update_yaxes(
        title={"text": loss},
        type="log",
        range=[float(np.log10(lowest)) - 0.05, float(np.log10(highest)) + 0.05],
        tickvals=ticks,
        ticktext=[f"{each:,g}" for each in ticks],
    )
    return figure.build()
