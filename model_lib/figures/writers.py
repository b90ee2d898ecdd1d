"""Mistakes by writer."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from model_lib.evaluation.writers import WriterMetrics
from model_lib.figures.style import RED, plain_layout


def mistakes_by_writer(metrics: Sequence[WriterMetrics]) -> go.Figure:
    """Draws the fraction of mistakes of each writer, in the given order, from zero.

    Returns:
        A figure whose bars have the writer as `customdata`.
    """
    figure = go.Figure()
    figure.add_bar(
        x=[f"person {each.writer}" for each in metrics],
        y=[1 - each.accuracy for each in metrics],
        marker_color=RED,
        customdata=[each.writer for each in metrics],
        text=[f"{each.mistakes}" for each in metrics],
        textposition="outside",
        cliponaxis=False,
        hovertext=[
            f"person {each.writer}: {each.accuracy:.1%} read right, {each.mistakes} of {each.images} images wrong"
            for each in metrics
        ],
        hoverinfo="text",
    )
    plain_layout(figure, "Mistakes by person", 420)
    figure.update_xaxes(title="who drew the digits", fixedrange=True)
    figure.update_yaxes(title="share of mistakes", tickformat=".0%", rangemode="tozero", fixedrange=True)
    return figure
