"""Invisible markers that make a picture clickable: Plotly's heatmaps and images report no clicks, points do."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go


def add_click_targets(
    figure: go.Figure, x: Sequence[object], y: Sequence[object], custom: Sequence[object], words: Sequence[str]
) -> None:
    """Lays a transparent marker on each place that can be clicked. A click anywhere takes the nearest one.

    Args:
        figure: gets the markers.
        x, y: their places on the axes.
        custom: what a click gives back, as `customdata`.
        words: what pointing at each place says.
    """
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"symbol": "square", "size": 22},
        opacity=0,
        customdata=custom,
        text=words,
        hovertemplate="%{text}<extra></extra>",
        hoverlabel={"bgcolor": "white", "font": {"color": "black", "size": 14}},
        showlegend=False,
    )
    # Without a limit to the distance, the whole cell or image is clickable at every size of the window.
    figure.update_layout(hovermode="closest", hoverdistance=-1, clickmode="event+select", dragmode=False)
