"""The pictures of a drawing: the ten probabilities, small images enlarged, and the answers while it grew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.style import GREY, ORANGE, SEQUENTIAL, plain_layout

# Lower bars go without their number: ten of them would overlap.
_LABELLED_FROM = 0.01


def probability_bars(probabilities: NDArray[np.float32], names: Sequence[str], height_px: int = 300) -> go.Figure:
    """Draws the ten probabilities of one image; the highest one stands out.

    Args:
        probabilities: (10,), 0 to 1.
        names: what the ten classes are called, in their order.
        height_px: of the figure.

    Returns:
        A bar chart with the classes along the horizontal axis.
    """
    answer = int(np.argmax(probabilities))
    colours = [ORANGE if number == answer else GREY for number in range(len(names))]
    labels = [f"{share:.0%}" if share >= _LABELLED_FROM else "" for share in probabilities]
    # All in one go: updating a finished figure takes Plotly ten times as long, and somebody waits for this one.
    return go.Figure(
        {
            "data": [
                {
                    "type": "bar",
                    "x": list(names),
                    "y": probabilities,
                    "marker": {"color": colours},
                    "text": labels,
                    "textposition": "outside",
                    "textfont": {"size": 14},
                    "constraintext": "none",  # else Plotly makes the letters as narrow as the bars
                    "cliponaxis": False,
                    "hovertemplate": "%{x}: %{y:.2%}<extra></extra>",
                }
            ],
            "layout": {
                "height": height_px,
                "margin": {"l": 60, "r": 10, "t": 24, "b": 50},
                "font": {"size": 14},
                "bargap": 0.25,
                "xaxis": {
                    "title": {"text": "digit" if _are_digits(names) else "class"},
                    "type": "category",
                    "dtick": 1,
                    "fixedrange": True,
                },
                "yaxis": {
                    "title": {"text": "probability"},
                    "range": [0, 1.05],
                    "tickformat": ".0%",
                    "dtick": 0.5,
                    "fixedrange": True,
                },
            },
        }
    )


def enlarged(picture: NDArray[Any], side_px: int = 168) -> NDArray[np.uint8]:
    """Enlarges a small picture so that its pixels are seen as squares; a browser alone would blur them.

    Args:
        picture: (height, width), 0 (black) to 1 (white).
        side_px: about the longer side of the result.

    Returns:
        (height, width) uint8; a picture that is larger already keeps its size.
    """
    pixels = (np.clip(picture, 0.0, 1.0) * 255).round().astype(np.uint8)
    times = max(1, side_px // max(pixels.shape))
    return np.asarray(pixels.repeat(times, axis=0).repeat(times, axis=1), dtype=np.uint8)


def answers_over_time(probabilities: NDArray[np.float32], names: Sequence[str], chosen: int) -> go.Figure:
    """Draws how sure the network was of each class while the drawing grew.

    Args:
        probabilities: (moments, 10), 0 to 1, in the order drawn.
        names: what the ten classes are called, in their order.
        chosen: the moment that the page shows, from 0; a line marks it.

    Returns:
        A heatmap with the moments from left to right and the classes from bottom to top.
    """
    moments = list(range(1, len(probabilities) + 1))
    figure = go.Figure(
        go.Heatmap(
            x=moments,
            y=list(names),
            z=probabilities.T,
            zmin=0,
            zmax=1,
            colorscale=SEQUENTIAL,
            colorbar={"title": "probability", "tickformat": ".0%"},
            hovertemplate="moment %{x}, %{y}: %{z:.1%}<extra></extra>",
        )
    )
    figure.add_vline(x=chosen + 1, line={"color": "white", "width": 2, "dash": "dot"})
    plain_layout(figure, "What the network thought while it was drawn", 340)
    figure.update_xaxes(title="moment", fixedrange=True)
    figure.update_yaxes(title="digit" if _are_digits(names) else "class", type="category", dtick=1, fixedrange=True)
    return figure


def _are_digits(names: Sequence[str]) -> bool:
    return all(name.isdecimal() for name in names)
