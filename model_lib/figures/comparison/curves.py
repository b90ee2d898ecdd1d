"""Learning curves of several runs over each other."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.comparison.curves import Axis, Measure, RunCurve, smoothed
from model_lib.figures.comparison.legend import put_legend_below
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import REST, RUN_SYMBOLS, RUNS, plain_layout, translucent

# A network that has learnt nothing begins at ln 10 = 2.3, the cross-entropy of the uniform prediction, or little above.
_USUAL_LOSS: Final = 3.0
_RAW_OPACITY: Final = 0.3
# So many symbols on a line of training values, however many values it has.
_MOST_SYMBOLS: Final = 6
# Of the height, left free above and below the close-up.
_MARGIN: Final = 0.05
# Of the width, free to the right of the longest training.
_BEYOND: Final = 0.02
_CHART_PX: Final = 380
_VALIDATION_LINE: Final = {"width": 3, "dash": "dot"}


@dataclass(frozen=True)
class ComparedCurve:
    """A run on the chart.

    Args:
        name: what a visitor calls it; plain text.
        place: of its colour and its symbol in `RUNS` and `RUN_SYMBOLS`.
        curve: its metric.
    """

    name: str
    place: int
    curve: RunCurve


def compared_curves(
    runs: Sequence[ComparedCurve],
    measure: Measure,
    over: Axis,
    end: float,
    smoothing: float = 0.0,
    is_close: bool = False,
    has_training: bool = True,
    has_validation: bool = True,
) -> go.Figure:
    """Draws a metric of several runs: solid lines for the training images, dotted ones for the validation images.

    A run has one colour and one symbol. A click on its name in the legend hides both of its lines.

    Args:
        runs: at most as many as there are colours.
        measure: the metric.
        over: unit of the horizontal axis.
        end: of the longest training, in that unit.
        smoothing: weight of the moving average of the training values, see `smoothed`; the raw line stays behind it.
        is_close: whether the vertical axis has only the range of the second half of the curves.
        has_training: whether the lines of the training images are shown.
        has_validation: whether those of the validation images are.
    """
    figure = FigureDraft()
    unit = 100.0 if measure == "accuracy" else 1.0
    seen: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for number, run in enumerate(runs):
        curve, colour, symbol = run.curve, RUNS[run.place], RUN_SYMBOLS[run.place]
        # Plotly takes a name for HTML.
        name, group = html.escape(run.name, quote=False), f"run-{number}"
        values, validated = unit * smoothed(curve.values, smoothing), unit * curve.validation_values
        if has_training and smoothing > 0.0:
            figure.add_scatter(
                x=curve.places,
                y=unit * curve.values,
                mode="lines",
                line={"color": translucent(colour, _RAW_OPACITY), "width": 1},
                legendgroup=group,
                showlegend=False,
                hoverinfo="skip",
            )
        if has_training:
            figure.add_scatter(
                x=curve.places,
                y=values,
                mode="lines+markers",
                name=name,
                line={"color": colour, "width": 2},
                marker={"symbol": symbol, "size": 8, "maxdisplayed": _MOST_SYMBOLS},
                legendgroup=group,
            )
            seen.append((curve.places, values))
        if has_validation:
            figure.add_scatter(
                x=curve.validation_places,
                y=validated,
                mode="lines+markers",
                name=f"{name}, validation" if has_training else name,
                line={"color": colour, **_VALIDATION_LINE},
                marker={"symbol": symbol, "size": 11},
                legendgroup=group,
                showlegend=not has_training,
            )
            seen.append((curve.validation_places, validated))
    if has_training:
        _add_key(figure, "training images: solid", {"color": REST, "width": 2}, "lines")
    if has_validation:
        _add_key(figure, "validation images: dotted", {"color": REST, **_VALIDATION_LINE}, "lines+markers")
    plain_layout(figure, measure.capitalize())
    put_legend_below(figure, _CHART_PX, len(runs) + has_training + has_validation)
    figure.update_layout(
        showlegend=True,
        hovermode="closest",
        hoverlabel={"namelength": -1},
        # A click hides the whole run.
        legend={"groupclick": "togglegroup", "tracegroupgap": 0},
        uirevision=f"{measure}-{over}-{is_close}",
    )
    title = {"seconds": "seconds of training"}.get(over, over)
    axis_title = {"text": title, "standoff": 6}
    # A little further than the end, where the last symbol would be cut.
    range_end = (1.0 + _BEYOND) * end
    figure.update_xaxes(title=axis_title, range=[0, range_end], separatethousands=True, automargin=False)
    if measure == "accuracy":
        figure.update_yaxes(title={"text": "accuracy"}, ticksuffix=" %", hoverformat=".2f", automargin=False)
    else:
        figure.update_yaxes(title={"text": "cross-entropy"}, hoverformat=".4f", automargin=False)
    figure.update_yaxes(range=_close_range(seen) if is_close else _whole_range(measure, seen))
    if not any(len(places) for places, _ in seen):
        figure.add_annotation(text="Nothing measured yet", x=end / 2, y=0.5, xref="x", yref="paper", showarrow=False)
    return figure.build()


def _add_key(figure: FigureDraft, name: str, line: dict[str, object], mode: str) -> None:
    """Adds an entry to the legend alone: how the lines of one kind are drawn."""
    figure.add_scatter(
        x=[None], y=[None], mode=mode, name=name, line=line, marker={"size": 9}, hoverinfo="skip", legendgroup=name
    )


def _whole_range(measure: Measure, seen: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> list[float]:
    if measure == "accuracy":
        return [0.0, 100.0]
    # The usual end, doubled as often as needed, so that it changes seldom while a curve grows.
    highest = max((float(np.nanmax(values, initial=_USUAL_LOSS)) for _, values in seen), default=_USUAL_LOSS)
    return [0.0, _USUAL_LOSS * 2.0 ** int(np.ceil(np.log2(highest / _USUAL_LOSS)))]


def _close_range(seen: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> list[float] | None:
    """Returns the range of the second half of each line; None, for Plotly's own, where there is nothing."""
    # The last value always, so that a line of one point is in view.
    late = [values[min(len(values) // 2, len(values) - 1) :] for _, values in seen if len(values)]
    if not late:
        return None
    low, high = float(np.nanmin(np.concatenate(late))), float(np.nanmax(np.concatenate(late)))
    margin = _MARGIN * (high - low) or _MARGIN
    return [low - margin, high + margin]
