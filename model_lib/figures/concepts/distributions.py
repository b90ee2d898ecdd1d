"""How numbers are distributed: histograms with a line where one number stands, and points in two directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import COMPARISON, DATA, EMPHASIS_FONT, REST, SELECTION, plain_layout

_BINS: Final = 40
_PATTERNS: Final = ("", "/")
_LEGEND_PX: Final = 26


def histograms_figure(
    values: Mapping[str, NDArray[np.floating[Any]]], title: str, axis: str, count_axis: str, line: float | None = None
) -> go.Figure:
    """Draws one or two histograms over each other, and a line across them.

    Args:
        values: one or two of (n,), by their names in the legend.
        title: of the figure.
        axis: title of the numbers' axis.
        count_axis: title of the counts' axis.
        line: where the line stands; None for none.
    """
    together = np.concatenate(list(values.values()))
    ends = float(together.min()), float(together.max())
    edges = np.linspace(ends[0], ends[1] if ends[1] > ends[0] else ends[0] + 1.0, _BINS + 1)
    figure = FigureDraft()
    for (name, numbers), colour, pattern in zip(values.items(), (DATA, COMPARISON), _PATTERNS, strict=False):
        counts, _ = np.histogram(numbers, edges)
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            name=name,
            width=float(edges[1] - edges[0]),
            marker={"color": colour, "pattern": {"shape": pattern}},
            opacity=0.75,
            showlegend=len(values) > 1,
            hovertemplate="%{x:.2f}: %{y}<extra>" + name + "</extra>",
        )
    rows = len(values) if len(values) > 1 else 0
    plain_layout(figure, title, 320 + rows * _LEGEND_PX)
    if line is not None:
        style = {"color": SELECTION, "width": 3, "dash": "dot"}
        figure.add_shape(type="line", x0=line, x1=line, y0=0, y1=1, yref="paper", line=style)
    figure.update_layout(
        dragmode=False,
        barmode="overlay",
        bargap=0,
        title={"y": 0.98, "yanchor": "top"},
        margin={"l": 72, "r": 16, "t": 50 + rows * _LEGEND_PX, "b": 56},
        legend={"x": 0, "xanchor": "left", "font": EMPHASIS_FONT, "orientation": "v"},
    )
    figure.update_xaxes(title={"text": axis}, nticks=6)
    figure.update_yaxes(title={"text": count_axis}, nticks=5, automargin=False)
    return figure.build()


def points_figure(
    across: NDArray[np.floating[Any]], up: NDArray[np.floating[Any]], chosen: int, title: str, axes: tuple[str, str]
) -> go.Figure:
    """Draws points on two scales of percent, one of them chosen, and the line where both are equal.

    Args:
        across, up: (n,), 0 to 1.
        chosen: place of the chosen point.
        title: of the figure.
        axes: titles of the horizontal and of the vertical axis.
    """
    percent_across, percent_up = 100 * across, 100 * up
    together = np.concatenate([percent_across, percent_up])
    low, high = float(np.floor(together.min() - 1)), float(np.ceil(together.max() + 1))
    figure = FigureDraft()
    figure.add_scatter(
        x=[low, high], y=[low, high], mode="lines", line={"color": REST, "dash": "dot"}, hoverinfo="skip"
    )
    for places, colour, symbol, size in (
        (np.arange(len(across)) != chosen, DATA, "circle", 10),
        (np.arange(len(across)) == chosen, SELECTION, "star", 18),
    ):
        figure.add_scatter(
            x=percent_across[places],
            y=percent_up[places],
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": size, "line": {"color": REST, "width": 1}},
            cliponaxis=False,
            hovertemplate="%{x:.1f} %, %{y:.1f} %<extra></extra>",
        )
    plain_layout(figure, title, 420)
    figure.update_layout(dragmode=False, showlegend=False, margin={"l": 72, "r": 16})
    figure.update_xaxes(title={"text": axes[0]}, range=[low, high], nticks=6, ticksuffix=" %")
    figure.update_yaxes(title={"text": axes[1]}, range=[low, high], nticks=6, ticksuffix=" %", automargin=False)
    return figure.build()
