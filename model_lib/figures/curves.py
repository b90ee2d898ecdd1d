"""Learning curves: training and validation loss and accuracy."""

from __future__ import annotations

from typing import Final, Literal

import plotly.graph_objects as go

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import BLUE, ORANGE, plain_layout
from model_lib.storage.history import History

_EMPTY_PX: Final = 240
# ln 10: the cross-entropy of the uniform prediction.
_UNTRAINED_LOSS: Final = 2.303


def training_curve(
    history: History, measure: Literal["loss", "accuracy"], over: Literal["steps", "epochs"]
) -> go.Figure:
    """Draws a training metric over steps and the validation metric after every epoch.

    Args:
        history: metrics of the run.
        measure: the metric.
        over: unit of the horizontal axis.

    Returns:
        A figure of at most some 500 points a line; `uirevision` keeps the zoom while the run is the same.
    """
    scale = 1.0 if over == "steps" else 1.0 / history.steps_per_epoch
    figure = FigureDraft()
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
    _lay_out(figure, measure, over, history.total_steps * scale)
    if not len(steps):
        _fix_loss(figure, measure)
    figure.update_layout(uirevision=f"{history.folder.name}-{measure}-{over}")
    return figure.build()


def empty_curve(measure: Literal["loss", "accuracy"]) -> go.Figure:
    """Draws empty axes with the ranges of a learning curve."""
    figure = FigureDraft()
    _lay_out(figure, measure, "epochs", end=1)
    figure.update_layout(showlegend=False, height=_EMPTY_PX)
    _fix_loss(figure, measure)
    figure.add_annotation(text="Here it will grow", x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
    return figure.build()


def _fix_loss(figure: FigureDraft, measure: Literal["loss", "accuracy"]) -> None:
    """Gives the axis of a loss without data the range in which it will begin; Plotly's own is -1 to 4."""
    if measure == "loss":
        figure.update_yaxes(range=[0, _UNTRAINED_LOSS])


def _lay_out(figure: FigureDraft, measure: Literal["loss", "accuracy"], over: str, end: float) -> None:
    """Lays the axes out so that they stand still while the curves grow.

    Args:
        figure: to be changed.
        measure: the metric.
        over: unit of the horizontal axis.
        end: of the whole training by its settings, in that unit.
    """
    plain_layout(figure, measure.capitalize())
    # Room for the tool bar above the legend, also on narrow charts.
    figure.update_layout(showlegend=True, hovermode="x unified", margin={"l": 70, "t": 80, "b": 60})
    # Plotly lays a chart out twice wherever an axis may ask for more margin, and a live chart is drawn often.
    figure.update_xaxes(title={"text": over}, range=[0, end], automargin=False)
    if measure == "accuracy":
        figure.update_yaxes(
            title={"text": "share of images read right"}, tickformat=".0%", range=[0, 1], automargin=False
        )
    else:
        figure.update_yaxes(title={"text": "cross-entropy"}, rangemode="tozero", automargin=False)
