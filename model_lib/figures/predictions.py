"""Predictions: probabilities of one image, over time while it is drawn, and images enlarged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import INK, LABEL, MISTAKE, REST, SELECTION, SEQUENTIAL, colour_scale, edged, plain_layout


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
        z=probabilities.T,
        zmin=0,
        zmax=1,
        colorscale=colour_scale(SEQUENTIAL),
        colorbar={"title": {"text": "probability"}, "tickformat": ".0%"},
        hovertemplate="moment %{x}, %{y}: %{z:.1%}<extra></extra>",
    )
    for line in edged(SELECTION, 4):
        figure.add_shape(type="line", x0=chosen + 1, x1=chosen + 1, y0=0, y1=1, xref="x", yref="y domain", line=line)
    plain_layout(figure, "What the network thought while it was drawn", 340)
    figure.update_xaxes(title={"text": "moment"}, fixedrange=True)
    figure.update_yaxes(
        title={"text": "digit" if _are_digits(names) else "class"}, type="category", dtick=1, fixedrange=True
    )
    return figure.build()


def _are_digits(names: Sequence[str]) -> bool:
    return all(name.isdecimal() for name in names)


def labelled_probability_bars(probabilities: NDArray[np.float32], names: Sequence[str], label: int) -> go.Figure:
    """Draws the probabilities as horizontal bars: the label, a wrong prediction (hatched), the others.

    Args:
        probabilities: (10,) 0 to 1.
        names: class names.
        label: ground truth.
    """
    prediction = int(probabilities.argmax())
    colours = [REST] * len(names)
    colours[prediction] = MISTAKE
    colours[label] = LABEL
    hatches = ["/" if place == prediction != label else "" for place in range(len(names))]
    figure = FigureDraft()
    figure.add_bar(
        y=list(names),
        x=probabilities,
        orientation="h",
        marker={"color": colours, "pattern": {"shape": hatches}},
        text=[_percent(probability) for probability in probabilities],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.4%}<extra></extra>",
    )
    plain_layout(figure, "", 360)
    figure.update_layout(margin={"t": 10})
    figure.update_xaxes(
        title={"text": "probability"}, tickformat=".0%", range=[0, 1.15], tickvals=[0, 0.25, 0.5, 0.75, 1]
    )
    figure.update_yaxes(title={"text": "class"}, type="category", autorange="reversed")
    return figure.build()


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


def _percent(probability: float) -> str:
    if probability >= 0.001:
        return f"{probability:.1%}"
    return "< 0.1%" if probability > 0 else "0"
