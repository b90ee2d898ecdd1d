"""A number for each of ten digits, or for each unit of a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import COMPARISON, DATA, EMPHASIS_FONT, MISTAKE, MISTAKE_SYMBOL, plain_layout
from model_lib.number_format import percent, probability_text

_PATTERNS: Final = ("", "/")
_TICKS: Final = (0.0, 0.5, 1.0)
_NARROW_PX: Final = 340


def probabilities_figure(probabilities: NDArray[np.float64], title: str, axis: str, value_axis: str) -> go.Figure:
    """Draws ten probabilities as bars from top to bottom, each with its number behind it.

    Args:
        probabilities: (10,), 0 to 1.
        title: of the figure.
        axis: title of the digits' axis.
        value_axis: title of the probabilities' axis.
    """
    figure = FigureDraft()
    figure.add_bar(
        x=probabilities,
        y=list(range(len(probabilities))),
        orientation="h",
        marker={"color": DATA},
        text=[probability_text(each) for each in probabilities.tolist()],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )
    plain_layout(figure, title, 380)
    figure.update_layout(dragmode=False)
    figure.update_xaxes(
        title={"text": value_axis},
        range=[0, 1.3],
        tickvals=list(_TICKS),
        ticktext=[percent(tick, 0) for tick in _TICKS],
    )
    figure.update_yaxes(title={"text": axis}, autorange="reversed", dtick=1)
    return figure.build()


def pairs_figure(
    values: Mapping[str, NDArray[Any]], title: str, axis: str, value_axis: str, has_numbers: bool = True
) -> go.Figure:
    """Draws two numbers for each digit or unit as bars beside each other.

    Args:
        values: two of the same length, by their names in the legend; 0 or more.
        title: of the figure.
        axis: title of the digits' axis.
        value_axis: title of the numbers' axis.
        has_numbers: whether the numbers stand over the bars.
    """
    figure = FigureDraft()
    for (name, numbers), colour, pattern in zip(values.items(), (DATA, COMPARISON), _PATTERNS, strict=True):
        figure.add_bar(
            x=list(range(len(numbers))),
            y=numbers,
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern}},
            text=[f"{number:g}" for number in numbers.tolist()] if has_numbers else None,
            textposition="outside",
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            hovertemplate="%{x}: %{y:.4g}<extra>" + name + "</extra>",
        )
    plain_layout(figure, title, 380)
    top = max(float(np.max(numbers)) for numbers in values.values())
    figure.update_layout(
        dragmode=False,
        title={"y": 0.98, "yanchor": "top"},
        margin={"t": 104},
        legend={"x": 0, "xanchor": "left", "font": EMPHASIS_FONT, "orientation": "v"},
    )
    figure.update_xaxes(title={"text": axis}, dtick=1 if has_numbers else 5)
    figure.update_yaxes(title={"text": value_axis}, range=[0, 1.15 * max(top, 1.0)])
    return figure.build()


def unit_shares_figure(shares: NDArray[np.float64], title: str, axis: str, value_axis: str, dead: str) -> go.Figure:
    """Draws for which share of the images each unit puts out something, with a cross for those of none.

    Args:
        shares: (units,), 0 to 1.
        title: of the figure.
        axis: title of the units' axis.
        value_axis: title of the shares' axis.
        dead: what the crosses mean.
    """
    figure = FigureDraft()
    figure.add_bar(
        x=list(range(len(shares))),
        y=100 * shares,
        name=value_axis,
        marker={"color": DATA},
        showlegend=False,
        hovertemplate="%{x}: %{y:.1f} %<extra></extra>",
    )
    units = np.flatnonzero(shares == 0)
    figure.add_scatter(
        x=units,
        y=np.full(len(units), 3.0),
        mode="markers",
        name=dead,
        marker={"symbol": MISTAKE_SYMBOL, "size": 9, "color": MISTAKE},
        hoverinfo="skip",
        showlegend=True,
    )
    plain_layout(figure, title, 340)
    figure.update_layout(
        dragmode=False,
        title={"y": 0.98, "yanchor": "top"},
        margin={"t": 84, "l": 72},
        legend={"x": 0, "xanchor": "left", "font": EMPHASIS_FONT},
    )
    figure.update_xaxes(title={"text": axis}, range=[-0.7, len(shares) - 0.3], dtick=5)
    figure.update_yaxes(title={"text": value_axis}, range=[0, 104], ticksuffix=" %", automargin=False)
    return figure.build()


def sums_figure(sums: NDArray[np.floating[Any]], chosen: int, title: str, axis: str, value_axis: str) -> go.Figure:
    """Draws ten sums as bars to both sides of zero, the chosen one hatched.

    Args:
        sums: (10,).
        chosen: place of the one that is hatched.
        title: of the figure.
        axis: title of the digits' axis.
        value_axis: title of the sums' axis.
    """
    places = list(range(len(sums)))
    figure = FigureDraft()
    figure.add_bar(
        x=places,
        y=sums,
        marker={
            "color": [COMPARISON if place == chosen else DATA for place in places],
            "pattern": {"shape": ["/" if place == chosen else "" for place in places]},
        },
        text=[f"{each:.1f}" for each in sums.tolist()],
        textposition="outside",
        textangle=0,
        constraintext="none",
        cliponaxis=False,
        hovertemplate="%{x}: %{y:.3f}<extra></extra>",
    )
    plain_layout(figure, title, 300)
    low, high = min(0.0, float(sums.min())), max(0.0, float(sums.max()))
    room = 0.15 * (high - low)
    figure.update_layout(dragmode=False)
    figure.update_xaxes(title={"text": axis}, dtick=1)
    figure.update_yaxes(title={"text": value_axis}, range=[low - room, high + room], automargin=False)
    return figure.build()


def shares_figure(names: Sequence[str], values: Sequence[float], title: str, value_axis: str) -> go.Figure:
    """Draws a few numbers as bars from bottom to top, each with its number behind it.

    Args:
        names: of the bars, the lowest first.
        values: 0 or more.
        title: of the figure.
        value_axis: title of the numbers' axis.
    """
    figure = _named_bars(names, values, [f"{value:.2f}" for value in values], title, 240)
    figure.update_layout(width=_NARROW_PX, margin={"l": 110, "r": 10})
    figure.update_xaxes(title={"text": value_axis}, range=[0, 1.25 * max(1.0, *values)], nticks=4)
    return figure.build()


def counts_figure(names: Sequence[str], counts: Sequence[int], title: str, value_axis: str) -> go.Figure:
    """Draws counts as bars from top to bottom, each with its number behind it.

    Args:
        names: of the bars, the highest first.
        counts: 0 or more.
        title: of the figure.
        value_axis: title of the counts' axis.
    """
    figure = _named_bars(names, counts, [f"{count:,}" for count in counts], title, 120 + 30 * len(names))
    figure.update_layout(margin={"l": 170, "r": 10})
    top = 1.35 * max(1, *counts)
    figure.update_xaxes(title={"text": value_axis}, range=[0, top], nticks=3, tickangle=0, tickformat=",d")
    figure.update_yaxes(autorange="reversed")
    return figure.build()


def _named_bars(
    names: Sequence[str], values: Sequence[float], texts: Sequence[str], title: str, height_px: int
) -> FigureDraft:
    figure = FigureDraft()
    figure.add_bar(
        x=list(values),
        y=list(names),
        orientation="h",
        marker={"color": DATA},
        text=list(texts),
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    plain_layout(figure, title, height_px)
    figure.update_layout(dragmode=False)
    figure.update_yaxes(title={"text": ""}, type="category", automargin=False)
    return figure
