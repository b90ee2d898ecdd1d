"""One image and what a network says of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.style import BLUE, GREY, INK, RED, plain_layout


def probability_bars(probabilities: NDArray[np.float32], names: Sequence[str], label: int) -> go.Figure:
    """Draws the probability of each class: the truth in blue, a wrong answer in red, the others grey.

    Args:
        probabilities: (10,) 0 to 1.
        names: what the classes are called.
        label: the truth.
    """
    answer = int(probabilities.argmax())
    colours = [GREY] * len(names)
    colours[answer] = RED
    colours[label] = BLUE
    figure = go.Figure()
    figure.add_bar(
        y=list(names),
        x=probabilities,
        orientation="h",
        marker_color=colours,
        text=[_percent(share) for share in probabilities],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.4%}<extra></extra>",
    )
    plain_layout(figure, "", 360)
    figure.update_layout(margin={"t": 10})
    figure.update_xaxes(title="probability", tickformat=".0%", range=[0, 1.15], tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_yaxes(title="class", type="category", autorange="reversed")
    return figure


def large_image(pixels: NDArray[np.uint8], height_px: int = 360) -> go.Figure:
    """Draws one image large, each pixel with its value.

    Args:
        pixels: (28, 28), 0 (black) to 255 (white).
        height_px: the height.
    """
    figure = go.Figure()
    figure.add_heatmap(
        z=pixels,
        zmin=0,
        zmax=255,
        colorscale=INK,
        showscale=False,
        hovertemplate="row %{y}, column %{x}: %{z}<extra></extra>",
    )
    plain_layout(figure, "", height_px)
    figure.update_layout(margin={"l": 45, "r": 5, "t": 10, "b": 45})
    figure.update_xaxes(title="column", constrain="domain", range=[-0.5, 27.5], showgrid=False)
    figure.update_yaxes(title="row", scaleanchor="x", range=[27.5, -0.5], constrain="domain", showgrid=False)
    return figure


def _percent(share: float) -> str:
    if share >= 0.001:
        return f"{share:.1%}"
    return "< 0.1%" if share > 0 else "0"
