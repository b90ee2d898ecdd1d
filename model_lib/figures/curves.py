"""Learning curves: training and validation loss and accuracy."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import COMPARISON, DATA, plain_layout
from model_lib.storage.history import History

Measure = Literal["loss", "accuracy"]
Axis = Literal["steps", "epochs"]

# A network that has learnt nothing begins at ln 10 = 2.3, the cross-entropy of the uniform prediction, or little above.
_USUAL_LOSS: Final = 3.0
# The ranges in which good networks differ.
_ZOOMED: Final[dict[Measure, list[float]]] = {"loss": [0.0, 0.5], "accuracy": [90.0, 100.0]}


def training_curve(history: History, measure: Measure, over: Axis, end: float, is_zoomed: bool = False) -> go.Figure:
    """Draws a training metric over steps and the validation metric after every epoch.

    The axes stand still while the curves grow: they have the whole training, and all values from the start.

    Args:
        history: metrics of the run, which may have none yet.
        measure: the metric.
        over: unit of the horizontal axis.
        end: of the whole training by its settings, in that unit.
        is_zoomed: whether the vertical axis has only the range in which good networks differ.

    Returns:
        A figure of at most some 500 points a line; `uirevision` keeps the visitor's zoom while run and axes are the
        same.
    """
    scale = 1.0 if over == "steps" else 1.0 / history.steps_per_epoch
    figure = FigureDraft()
    unit = 100.0 if measure == "accuracy" else 1.0
    steps, values = history.curve(measure)
    figure.add_scatter(
        x=steps * scale, y=unit * values, mode="lines", name="training", line={"color": DATA, "width": 2}
    )
    epochs, validated = history.epoch_curve(f"validation_{measure}")
    if len(epochs):
        figure.add_scatter(
            x=epochs * history.steps_per_epoch * scale,
            y=unit * validated,
            mode="lines+markers",
            name="validation",
            line={"color": COMPARISON, "width": 3, "dash": "dot"},
            marker={"size": 9},
        )
    plain_layout(figure, measure.capitalize())
    # Room for the tool bar above the legend, also on narrow charts.
    figure.update_layout(showlegend=True, hovermode="x unified", margin={"l": 84, "t": 84, "b": 66})
    # Plotly lays a chart out twice wherever an axis may ask for more margin, and a live chart is drawn often.
    figure.update_xaxes(title={"text": over}, range=[0, end], separatethousands=True, automargin=False)
    if measure == "accuracy":
        whole = [0.0, 100.0]
        figure.update_yaxes(title={"text": "accuracy"}, ticksuffix=" %", hoverformat=".2f", automargin=False)
    else:
        whole = [0.0, _top_of_loss(np.concatenate([values, validated]))]
        figure.update_yaxes(title={"text": "cross-entropy"}, automargin=False)
    figure.update_yaxes(range=_ZOOMED[measure] if is_zoomed else whole)
    if not len(steps):
        figure.add_annotation(text="Here it will grow", x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
    figure.update_layout(uirevision=f"{history.folder.name}-{measure}-{over}-{is_zoomed}")
    return figure.build()


def _top_of_loss(losses: NDArray[np.float64]) -> float:
    """Returns the end of the axis: the usual one, doubled as often as needed, so that it changes seldom."""
    doublings = np.ceil(np.log2(losses.max(initial=_USUAL_LOSS) / _USUAL_LOSS))
    return _USUAL_LOSS * 2.0 ** int(doublings)
