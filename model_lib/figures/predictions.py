"""Predictions: probabilities of one image, over time while it is drawn, and images enlarged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import (
    EMPHASIS_FONT,
    FAINT,
    INK,
    LABEL,
    MISTAKE,
    PREDICTION,
    REST,
    SELECTION,
    SEQUENTIAL,
    TEXT_FONT,
    colour_scale,
    edged,
    plain_layout,
)
from model_lib.number_format import percent, probability_text

# Where the column of percentages ends, on the axis of the bars.
_PERCENTAGES_END: Final = 135
_HALF_BAR: Final = 0.32
# Behind each bar, as long as a probability of 100 %.
_TRACK: Final = {"fillcolor": FAINT, "line": {"width": 0}}


def probabilities_over_time(probabilities: NDArray[np.float32], names: Sequence[str], chosen: int) -> go.Figure:
    """Draws the probabilities at each moment of a drawing as a heatmap.

    Args:
        probabilities: (moments, 10), 0 to 1, in the order drawn.
        names: class names.
        chosen: index of the moment on the page; marked by a line.

    Returns:
        A heatmap, moments on the horizontal and classes on the vertical axis.
    """
    moments = list(range(1, len(probabilities) + 1))
    figure = FigureDraft()
    figure.add_heatmap(
        x=moments,
        y=list(names),
        z=100 * probabilities.T,
        text=[[probability_text(probability) for probability in row] for row in probabilities.T.tolist()],
        zmin=0,
        zmax=100,
        colorscale=colour_scale(SEQUENTIAL),
        colorbar={"title": {"text": "probability", "font": TEXT_FONT}, "ticksuffix": " %", "tickfont": TEXT_FONT},
        hovertemplate="moment %{x}, %{y}: %{text}<extra></extra>",
    )
    for line in edged(SELECTION, 4):
        figure.add_shape(type="line", x0=chosen + 1, x1=chosen + 1, y0=0, y1=1, xref="x", yref="y domain", line=line)
    plain_layout(figure, "Probabilities while it was drawn", 340)
    figure.update_xaxes(title={"text": "moment"}, fixedrange=True)
    figure.update_yaxes(title={"text": _axis_of(names)}, type="category", dtick=1, fixedrange=True)
    return figure.build()


def _axis_of(names: Sequence[str]) -> str:
    return "digit" if all(name.isdecimal() for name in names) else "class"


def probability_bars(
    probabilities: NDArray[Any], names: Sequence[str], label: int | None = None, title: str = ""
) -> go.Figure:
    """Draws a network's ten probabilities as the panel of the Draw page does: a bar and a percentage for each class.

    Args:
        probabilities: (10,) 0 to 1.
        names: class names.
        label: ground truth, whose bar has its colour; that of a wrong prediction is hatched. None if it is unknown.
        title: of the figure.
    """
    prediction = int(probabilities.argmax())
    is_mistake = label not in (None, prediction)
    colours = [REST] * len(names)
    colours[prediction] = MISTAKE if is_mistake else PREDICTION
    if label is not None:
        colours[label] = LABEL
    hatches = ["/" if is_mistake and place == prediction else "" for place in range(len(names))]
    texts = [probability_text(probability) for probability in probabilities.tolist()]
    figure = FigureDraft()
    figure.add_bar(
        y=list(names),
        x=100 * probabilities,
        orientation="h",
        marker={"color": colours, "pattern": {"shape": hatches}},
        hovertext=[
            f"{name}: {percent(probability, 4)}" for name, probability in zip(names, probabilities, strict=True)
        ],
        hoverinfo="text",
    )
    # In a column at the right, where they are compared more easily than at the ends of the bars.
    figure.add_scatter(
        y=list(names),
        x=[_PERCENTAGES_END] * len(names),
        text=[_emphasised(text, place == prediction) for place, text in enumerate(texts)],
        mode="text",
        textposition="middle left",
        textfont=EMPHASIS_FONT,
        hoverinfo="skip",
    )
    for place in range(len(names)):
        figure.add_shape(type="rect", x0=0, x1=100, y0=place - _HALF_BAR, y1=place + _HALF_BAR, layer="below", **_TRACK)
    plain_layout(figure, title, 380 if title else 340)
    figure.update_layout(margin={"t": 50 if title else 10}, showlegend=False, dragmode=False, bargap=1 - 2 * _HALF_BAR)
    figure.update_xaxes(
        title={"text": "probability"},
        ticksuffix=" %",
        dtick=50,
        range=[0, _PERCENTAGES_END],
        fixedrange=True,
    )
    figure.update_yaxes(
        title={"text": _axis_of(names)},
        type="category",
        tickvals=list(names),
        ticktext=[_emphasised(name, place == prediction) for place, name in enumerate(names)],
        autorange="reversed",
        fixedrange=True,
    )
    return figure.build()


def _emphasised(text: str, is_bold: bool) -> str:
    return f"<b>{text}</b>" if is_bold else text


def large_image(pixels: NDArray[np.uint8], height_px: int = 360) -> go.Figure:
    """Draws one image as a heatmap with the pixel values on hover.

    Args:
        pixels: (28, 28), 0 (black) to 255 (white).
        height_px: of the figure.
    """
    figure = FigureDraft()
    figure.add_heatmap(
        z=pixels,
        zmin=0,
        zmax=255,
        colorscale=colour_scale(INK),
        showscale=False,
        hovertemplate="row %{y}, column %{x}: %{z}<extra></extra>",
    )
    plain_layout(figure, "", height_px)
    figure.update_layout(margin={"l": 45, "r": 5, "t": 10, "b": 45})
    figure.update_xaxes(title={"text": "column"}, constrain="domain", range=[-0.5, 27.5], showgrid=False)
    figure.update_yaxes(title={"text": "row"}, scaleanchor="x", range=[27.5, -0.5], constrain="domain", showgrid=False)
    return figure.build()
