"""Clicks on a chart, behind one thin function that a test can replace: AppTest cannot click a chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st


def clickable_chart(figure: go.Figure, key: str, alt: str, on_click: Callable[[Any], None], file_name: str) -> None:
    """Shows a figure with click targets (see `model_lib.figures.tile_grid`).

    Args:
        figure: the figure.
        key: of the chart; other content needs another key, or a click on the same place would not be seen again.
        alt: what the picture shows, in words.
        on_click: is given the `customdata` of the point that was clicked.
        file_name: of the picture that the chart's own tool bar saves.
    """

    def clicked() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            on_click(points[0]["customdata"])

    st.plotly_chart(
        figure,
        width="stretch",
        key=key,
        alt=alt,
        on_select=clicked,
        selection_mode="points",
        config={
            "displaylogo": False,
            "modeBarButtons": [["toImage"]],
            "toImageButtonOptions": {"format": "png", "scale": 2, "filename": file_name},
        },
    )
