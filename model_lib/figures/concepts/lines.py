"""Curves over one number that a slider moves, with the point where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import COMPARISON, DATA, EMPHASIS_FONT, PREDICTION, REST, SELECTION, plain_layout

# In this order; a dash of its own tells each from the others without its colour.
_LINES: Final[tuple[dict[str, Any], ...]] = (
    {"color": DATA, "width": 3},
    {"color": COMPARISON, "width": 3, "dash": "dot"},
    {"color": PREDICTION, "width": 3, "dash": "dash"},
    {"color": REST, "width": 3, "dash": "longdashdot"},
)
_SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up")
_LEGEND_ROW_PX: Final = 26


@dataclass(frozen=True)
class Curve:
    """One line.

    Args:
        name: in the legend.
        values: (n,).
        point: the value where the slider stands; None for no point.
        is_stepped: whether it changes in steps, and not in between.
        is_measured: whether each value has a mark, as there is nothing known between them.
    """

    name: str
    values: NDArray[np.floating[Any]]
    point: float | None = None
    is_stepped: bool = False
    is_measured: bool = False


@dataclass(frozen=True)
class Axis:
    """One axis.

    Args:
        title: with its unit.
        ends: None leaves it to Plotly; of a logarithmic one the values, not their logarithms.
        is_logarithmic: whether equal factors are equally long. It needs `ticks`: Plotly's have small exponents, which
            cannot be read on a projector.
        suffix: behind each number, such as " %".
        ticks: the values that are written; none leaves them to Plotly.
    """

    title: str
    ends: tuple[float, float] | None = None
    is_logarithmic: bool = False
    suffix: str = ""
    ticks: tuple[float, ...] = ()


def lines_figure(
    title: str,
    across: Axis,
    up: Axis,
    places: NDArray[np.floating[Any]],
    curves: Sequence[Curve],
    place: float | None = None,
    height_px: int = 380,
) -> go.Figure:
    """Draws curves over a common axis; the points of all stand upon one dotted line.

    Args:
        title: of the figure.
        across: the horizontal axis.
        up: the vertical axis.
        places: (n,), of the values.
        curves: at most four.
        place: where the slider stands; None for no points.
        height_px: of the figure.
    """
    figure = FigureDraft()
    # The legend is below the title, a row a curve at worst.
    rows = len(curves) if len(curves) > 1 else 0
    plain_layout(figure, title, height_px + rows * _LEGEND_ROW_PX)
    for curve, line, symbol in zip(curves, _LINES, _SYMBOLS, strict=False):
        figure.add_scatter(
            x=places,
            y=curve.values,
            mode="lines+markers" if curve.is_measured else "lines",
            marker={"symbol": symbol, "size": 9},
            name=curve.name,
            line=line | ({"shape": "hvh"} if curve.is_stepped else {}),
            showlegend=bool(rows),
            hovertemplate="%{x:.4g}: %{y:.4g}<extra>" + curve.name + "</extra>",
        )
        if place is not None and curve.point is not None:
            figure.add_scatter(
                x=[place],
                y=[curve.point],
                mode="markers",
                marker={"symbol": symbol, "size": 14, "color": SELECTION, "line": {"color": REST, "width": 1}},
                cliponaxis=False,
                showlegend=False,
                hoverinfo="skip",
            )
    if place is not None:
        figure.add_shape(
            type="line", x0=place, x1=place, y0=0, y1=1, yref="paper", line={"color": SELECTION, "dash": "dot"}
        )
    figure.update_layout(
        dragmode=False,
        showlegend=bool(rows),
        title={"y": 0.98, "yanchor": "top"},
        margin={"l": 84, "r": 16, "t": 50 + rows * _LEGEND_ROW_PX, "b": 56},
        legend={"x": 0, "xanchor": "left", "font": EMPHASIS_FONT, "orientation": "v" if rows > 1 else "h"},
    )
    figure.update_xaxes(**_options(across))
    figure.update_yaxes(**_options(up))
    return figure.build()


def _options(axis: Axis) -> dict[str, Any]:
    options: dict[str, Any] = {"title": {"text": axis.title}, "automargin": False}
    if axis.ends is not None:
        options["range"] = [float(np.log10(end)) for end in axis.ends] if axis.is_logarithmic else list(axis.ends)
    if axis.is_logarithmic:
        options |= {"type": "log"}
    if axis.ticks:
        options |= {"tickvals": list(axis.ticks), "ticktext": [f"{tick:,}" for tick in axis.ticks]}
    if axis.suffix:
        options["ticksuffix"] = axis.suffix
    return options
