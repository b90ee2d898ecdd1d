"""The numbers of a layer without feature maps, as bars."""

from __future__ import annotations

from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.style import BLUE, ORANGE, plain_layout
from model_lib.figures.tile_grid import add_click_markers

# So many bars can still be told apart; more numbers are drawn as an outline.
_MOST_BARS: Final = 256
_MOST_CLICKS: Final = 2000


def units_figure(values: NDArray[np.float32], chosen: int, title: str) -> go.Figure:
    """Draws a row of numbers. A click returns the place of the nearest one as the point's custom data.

    Args:
        values: (units,).
        chosen: the unit with another colour.
        title: the figure's.
    """
    places = np.arange(len(values))
    figure = go.Figure()
    if len(values) <= _MOST_BARS:
        colours = [ORANGE if place == chosen else BLUE for place in places]
        figure.add_bar(x=places, y=values, marker={"color": colours, "line": {"width": 0}}, hoverinfo="skip")
    else:
        figure.add_scatter(
            x=places, y=values, mode="lines", line={"color": BLUE, "width": 1, "shape": "hvh"}, hoverinfo="skip"
        )
        figure.add_scatter(
            x=[chosen], y=[values[chosen]], mode="markers", marker={"size": 14, "color": ORANGE}, hoverinfo="skip"
        )
    if len(values) <= _MOST_CLICKS:
        hovers = [f"unit {place}: {value:.3f}" for place, value in zip(places, values, strict=True)]
        add_click_markers(figure, places, values, places.tolist(), hovers, 12)
    plain_layout(figure, title, 300)
    figure.update_layout(
        showlegend=False, hovermode="closest", hoverdistance=400, clickmode="event+select", dragmode=False, bargap=0.15
    )
    figure.update_xaxes(title="unit", fixedrange=True, range=[-0.7, len(values) - 0.3])
    return figure.update_yaxes(title="output", fixedrange=True)
