"""Figures of an output trace: tables of numbers on colours, and bars of contributions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import (
    COMPARISON,
    DATA,
    DIVERGING,
    EMPHASIS_FONT,
    INK,
    SELECTION,
    TEXT_FONT,
    colour_scale,
    plain_layout,
)
from model_lib.figures.tile_grid import add_frame
from model_lib.layers.receptive_field import Box

TABLE_PX: Final = 300
BARS_PX: Final = 460
# In wider tables the numbers could not be read.
_MOST_LABELLED: Final = 7
_MOST_EMPHASISED: Final = 3


def table_figure(
    numbers: NDArray[np.float64],
    title: str,
    is_signed: bool,
    marked: tuple[int, int] | None = None,
    reach: float | None = None,
) -> go.Figure:
    """Draws a table of numbers, each on its colour.

    Args:
        numbers: (height, width); NaN stays empty.
        title: the figure's.
        is_signed: whether the colours have zero in the middle.
        marked: row and column of a number with a frame.
        reach: the number of the strongest colour; the table's largest if None.
    """
    return _table(numbers, title, is_signed, marked, reach).build()


def _table(
    numbers: NDArray[np.float64],
    title: str,
    is_signed: bool,
    marked: tuple[int, int] | None = None,
    reach: float | None = None,
) -> FigureDraft:
    height, width = numbers.shape
    largest = reach or float(np.nanmax(np.abs(numbers))) or 1.0
    figure = FigureDraft()
    figure.add_heatmap(**_cells(numbers, is_signed, largest))
    if marked is not None:
        row, column = marked
        add_frame(figure, Box(row, column, row + 1, column + 1), SELECTION, 6)
    plain_layout(figure, title, round((TABLE_PX - 60) * min(1.6, height / width)) + 95)
    figure.update_layout(width=TABLE_PX, margin={"l": 50, "r": 10, "t": 44, "b": 50}, dragmode=False)
    figure.update_xaxes(
        title={"text": "column"},
        dtick=1 if width <= _MOST_LABELLED else None,
        showgrid=False,
        constrain="domain",
        zeroline=False,
    )
    figure.update_yaxes(
        title={"text": "row"},
        dtick=1 if height <= _MOST_LABELLED else None,
        showgrid=False,
        autorange="reversed",
        scaleanchor="x",
        constrain="domain",
        zeroline=False,
    )
    return figure


def _cells(numbers: NDArray[np.float64], is_signed: bool, reach: float) -> dict[str, object]:
    """Describes coloured cells with their numbers."""
    width = numbers.shape[1]
    return {
        "z": numbers,
        "zmin": -reach if is_signed else 0.0,
        "zmax": reach,
        "colorscale": colour_scale(DIVERGING if is_signed else INK),
        "showscale": False,
        "texttemplate": "%{z:.2f}" if width <= _MOST_LABELLED else None,
        "textfont": EMPHASIS_FONT if width <= _MOST_EMPHASISED else TEXT_FONT,
        "hovertemplate": "row %{y}, column %{x}: %{z:.4f}<extra></extra>",
        "xgap": 2,
        "ygap": 2,
    }


def products_figure(
    patch: NDArray[np.float64], kernel: NDArray[np.float64], products: NDArray[np.float64], total: float
) -> go.Figure:
    """Draws a patch, the filter and their products as three tables in one figure: a browser is quicker with one.

    Args:
        patch: (k, k), the window of the input.
        kernel: (k, k), the filter.
        products: (k, k).
        total: their sum.
    """
    figure = FigureDraft()
    gap = 0.06
    places = {"": (0.0, 1.0), "2": (1.0 + gap, 1.0), "3": (0.0, 0.0)}
    tables = (("input patch", patch), ("x filter (weights)", kernel), (f"= products, sum {total:.3f}", products))
    layout: dict[str, object] = {}
    for (name, (left, row)), (title, numbers) in zip(places.items(), tables, strict=True):
        is_signed = bool(numbers.min() < 0.0) or name != ""
        reach = float(np.abs(numbers).max()) or 1.0
        figure.add_heatmap(**_cells(numbers, is_signed, reach), xaxis=f"x{name}", yaxis=f"y{name}")
        width = (1.0 - gap) / 2
        across = [left / (1.0 + gap) * (width + gap), left / (1.0 + gap) * (width + gap) + width]
        down = [0.53, 0.95] if row else [0.0, 0.42]
        axis = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
        layout[f"xaxis{name}"] = axis | {"domain": across, "anchor": f"y{name}"}
        layout[f"yaxis{name}"] = axis | {"domain": down, "anchor": f"x{name}", "autorange": "reversed"}
        figure.add_annotation(
            text=f"<b>{title}</b>",
            x=across[0],
            y=down[1],
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font=EMPHASIS_FONT,
        )
    figure.update_layout(
        **layout,
        width=BARS_PX,
        height=BARS_PX + 30,
        margin={"l": 8, "r": 8, "t": 30, "b": 8, "autoexpand": False},
        dragmode=False,
    )
    return figure.build()


def bars_figure(
    values: NDArray[np.float64], names: Sequence[str], title: str, axis: str, marked: int | None = None
) -> go.Figure:
    """Draws numbers as bars from top to bottom: positive ones to the right, negative ones to the left.

    Args:
        values: (n,).
        names: one a bar; each only once.
        title: the figure's.
        axis: what the numbers are.
        marked: the bar with an edge.
    """
    edges = [3 if index == marked else 0 for index in range(len(values))]
    figure = FigureDraft()
    figure.add_bar(
        x=values,
        y=list(names),
        orientation="h",
        marker={
            "color": [DATA if value >= 0.0 else COMPARISON for value in values],
            "line": {"width": edges, "color": SELECTION},
        },
        text=[f"{value:.2f}" for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.4f}<extra></extra>",
    )
    plain_layout(figure, title, 110 + 26 * len(values))
    reach = float(np.abs(values).max(initial=0.0)) or 1.0
    low = -1.3 * reach if (values < 0.0).any() else 0.0
    figure.update_layout(width=BARS_PX, dragmode=False)
    figure.update_xaxes(title={"text": axis}, range=[low, 1.3 * reach if (values > 0.0).any() else 0.05 * reach])
    figure.update_yaxes(autorange="reversed", type="category", title={"text": ""}, automargin=True)
    return figure.build()


def contributions_figure(products: NDArray[np.float64], title: str) -> go.Figure:
    """Draws the contribution of each pixel (28, 28) to a dense unit: blue for it, orange-red against it."""
    figure = _table(products, title, is_signed=True)
    figure.update_last_trace(xgap=0, ygap=0, showscale=True, colorbar={"thickness": 14, "tickfont": TEXT_FONT})
    figure.update_layout(width=TABLE_PX + 60, margin={"l": 50, "r": 70, "t": 44, "b": 50})
    return figure.build()
