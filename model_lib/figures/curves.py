"""The curves of a training: loss and accuracy, on the training images and on the validation images."""

from __future__ import annotations

from typing import Literal

import plotly.graph_objects as go

from model_lib.figures.style import BLUE, ORANGE, plain_layout
from model_lib.history import History


def training_curve(
    history: History, measure: Literal["loss", "accuracy"], over: Literal["steps", "epochs"]
) -> go.Figure:
    """Draws the training curve of every step and the validation after every epoch.

    Args:
        history: the course of the training.
        measure: what is drawn.
        over: the unit of the horizontal axis.

    Returns:
        A figure of at most some 500 points a line. It keeps the visitor's zoom as long as the run is the same.
    """
    scale = 1.0 if over == "steps" else 1.0 / history.steps_per_epoch
    figure = go.Figure()
    steps, values = history.curve(measure)
    figure.add_scatter(x=steps * scale, y=values, mode="lines", name="training", line={"color": BLUE, "width": 2})
    epochs, validated = history.epoch_curve(f"validation_{measure}")
    if len(epochs):
        figure.add_scatter(
            x=epochs * history.steps_per_epoch * scale,
            y=validated,
            mode="lines+markers",
            name="validation",
            line={"color": ORANGE, "width": 3, "dash": "dot"},
            marker={"size": 9},
        )
    plain_layout(figure, measure.capitalize())
    figure.update_layout(uirevision=f"{history.folder.name}-{measure}-{over}", showlegend=True, hovermode="x unified")
    figure.update_xaxes(title=over, range=None, rangemode="tozero")
    if measure == "accuracy":
        figure.update_yaxes(title="share of images read right", tickformat=".0%")
    else:
        figure.update_yaxes(title="cross-entropy", rangemode="tozero")
    return figure
