"""The curves of a training: loss and accuracy, on the training images and on the validation images."""

from __future__ import annotations

from typing import Final, Literal

import plotly.graph_objects as go

from model_lib.figures.style import BLUE, ORANGE, plain_layout
from model_lib.storage.history import History

_EMPTY_PX: Final = 240
# ln 10: the cross-entropy of a network that finds all ten digits equally likely.
_UNTRAINED_LOSS: Final = 2.303


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
    _lay_out(figure, measure, over)
    if not len(steps):
        # Plotly's own range for nothing goes from -1 to 4.
        _frame(figure, measure)
    return figure.update_layout(uirevision=f"{history.folder.name}-{measure}-{over}")


def empty_curve(measure: Literal["loss", "accuracy"]) -> go.Figure:
    """Draws the axes on which a training's curve will grow, before there is one."""
    figure = go.Figure()
    _lay_out(figure, measure, "epochs")
    figure.update_layout(showlegend=False, height=_EMPTY_PX)
    _frame(figure, measure)
    figure.add_annotation(text="Here it will grow", x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
    return figure


def _frame(figure: go.Figure, measure: Literal["loss", "accuracy"]) -> None:
    """Gives axes without a curve the range in which one will grow."""
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(range=[0, 1] if measure == "accuracy" else [0, _UNTRAINED_LOSS])


def _lay_out(figure: go.Figure, measure: Literal["loss", "accuracy"], over: str) -> None:
    plain_layout(figure, measure.capitalize())
    # Above the legend is the place of the chart's tool bar, also where the chart is narrow.
    figure.update_layout(showlegend=True, hovermode="x unified", margin={"t": 80})
    figure.update_xaxes(title=over, rangemode="tozero")
    if measure == "accuracy":
        figure.update_yaxes(title="share of images read right", tickformat=".0%")
    else:
        figure.update_yaxes(title="cross-entropy", rangemode="tozero")
