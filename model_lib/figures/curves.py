"""Learning curves: training and validation loss and accuracy."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import COMPARISON, DATA, REST, plain_layout
from model_lib.storage.history import History
from model_lib.storage.lineage import EarlierCurves

Measure = Literal["loss", "accuracy"]
Axis = Literal["steps", "epochs"]

# A network that has learnt nothing begins at ln 10 = 2.3, the cross-entropy of the uniform prediction, or little above.
_USUAL_LOSS: Final = 3.0
_EARLIER_OPACITY: Final = 0.6
# So near to the left end of the axis nothing can be written left of a line.
_EDGE: Final = 0.1
# The ranges in which good networks differ.
_ZOOMED: Final[dict[Measure, list[float]]] = {"loss": [0.0, 0.5], "accuracy": [90.0, 100.0]}


def training_curve(
    history: History,
    measure: Measure,
    over: Axis,
    end: float,
    is_zoomed: bool = False,
    earlier: EarlierCurves | None = None,
) -> go.Figure:
    """Draws a training metric over steps and the validation metric after every epoch.

    The axes stand still while the curves grow: they have the whole training, and all values from the start.

    Args:
        history: metrics of the run, which may have none yet.
        measure: the metric.
        over: unit of the horizontal axis.
        end: of the whole training by its settings, in that unit.
        is_zoomed: whether the vertical axis has only the range in which good networks differ.
        earlier: curves of the trainings that this one goes on from, drawn in front of its own; None if there are none.

    Returns:
        A figure of at most some 500 points a line; `uirevision` keeps the visitor's zoom while run and axes are the
        same.
    """
    scale = 1.0 if over == "steps" else 1.0 / history.steps_per_epoch
    figure = FigureDraft()
    unit = 100.0 if measure == "accuracy" else 1.0
    steps, values = history.curve(measure)
    epochs, validated = history.epoch_curve(f"validation_{measure}")
    seen = [values, validated]
    offset = 0.0
    if earlier is not None and len(earlier.ends):
        offset = earlier.epochs if over == "epochs" else earlier.steps
        seen += _add_earlier(figure, earlier, measure, over, end)
    figure.add_scatter(
        x=offset + steps * scale, y=unit * values, mode="lines", name="training", line={"color": DATA, "width": 2}
    )
    if len(epochs):
        figure.add_scatter(
            x=offset + epochs * history.steps_per_epoch * scale,
            y=unit * validated,
            mode="lines+markers",
            name="validation",
            line={"color": COMPARISON, "width": 3, "dash": "dot"},
            marker={"size": 9},
        )
    plain_layout(figure, measure.capitalize())
    # Room for the tool bar above the legend, also on narrow charts.
    figure.update_layout(showlegend=True, hovermode="x unified", margin={"l": 84, "t": 84, "b": 66})
    title = f"{over}, from the first training on" if offset else over
    # Plotly lays a chart out twice wherever an axis may ask for more margin, and a live chart is drawn often.
    figure.update_xaxes(title={"text": title}, range=[0, offset + end], separatethousands=True, automargin=False)
    if measure == "accuracy":
        whole = [0.0, 100.0]
        figure.update_yaxes(title={"text": "accuracy"}, ticksuffix=" %", hoverformat=".2f", automargin=False)
    else:
        whole = [0.0, _top_of_loss(np.concatenate(seen))]
        figure.update_yaxes(title={"text": "cross-entropy"}, automargin=False)
    figure.update_yaxes(range=_ZOOMED[measure] if is_zoomed else whole)
    if not len(steps):
        figure.add_annotation(
            text="Here it will grow", x=offset + end / 2, y=0.5, xref="x", yref="paper", showarrow=False
        )
    figure.update_layout(uirevision=f"{history.folder.name}-{measure}-{over}-{is_zoomed}")
    return figure.build()


def _add_earlier(
    figure: FigureDraft, earlier: EarlierCurves, measure: Measure, over: Axis, end: float
) -> list[NDArray[np.float64]]:
    """Draws the curves of the trainings before, paler and dashed, with a mark where each ends; returns their values."""
    unit, column = (100.0, 3) if measure == "accuracy" else (1.0, 2)
    along = 0 if over == "epochs" else 1
    styles = (
        (earlier.training, "training, before", {"color": DATA, "width": 2, "dash": "dash"}, "circle"),
        (earlier.validation, "validation, before", {"color": COMPARISON, "width": 2, "dash": "dot"}, "circle-open"),
    )
    for rows, name, line, symbol in styles:
        if len(rows):
            figure.add_scatter(
                x=rows[:, along],
                y=unit * rows[:, column],
                # One epoch, or one point, would make no line.
                mode="lines+markers" if rows is earlier.validation or len(rows) == 1 else "lines",
                name=name,
                line=line,
                marker={"size": 8, "symbol": symbol},
                opacity=_EARLIER_OPACITY,
                # Of the same colours as behind the mark; on a narrow chart four entries would lie over the tool bar.
                showlegend=False,
            )
    *before, last = earlier.ends[:, along].tolist()
    for place in (*before, last):
        line = {"color": REST, "width": 2, "dash": "solid" if place == last else "dot"}
        figure.add_shape(type="line", xref="x", yref="paper", x0=place, x1=place, y0=0, y1=1, line=line)
    # Upright, where there usually is no curve: left of the line, unless that is the edge of the chart.
    is_left, is_loss = last > _EDGE * (last + end), measure == "loss"
    figure.add_annotation(
        text="trained on from here",
        textangle=-90,
        x=last,
        y=0.98 if is_loss else 0.02,
        xref="x",
        yref="paper",
        showarrow=False,
        xanchor="right" if is_left else "left",
        yanchor="top" if is_loss else "bottom",
    )
    return [earlier.training[:, column], earlier.validation[:, column]]


def _top_of_loss(losses: NDArray[np.float64]) -> float:
    """Returns the end of the axis: the usual one, doubled as often as needed, so that it changes seldom."""
    doublings = np.ceil(np.log2(losses.max(initial=_USUAL_LOSS) / _USUAL_LOSS))
    return _USUAL_LOSS * 2.0 ** int(doublings)
