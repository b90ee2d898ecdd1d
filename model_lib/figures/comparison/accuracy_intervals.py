"""Accuracies of several networks on the same test images, each with its confidence interval."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from model_lib.evaluation.evaluation import accuracy_interval
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import RUN_SYMBOLS, RUNS, TEXT_FONT, plain_layout
from model_lib.number_format import accuracy_text

_ROW_PX: Final = 46
_FRAME_PX: Final = 130
# Longer names would be cut off on a phone.
_LONGEST_NAME: Final = 44
_NAME_ABOVE: Final = 0.18


def accuracy_intervals(
    names: Sequence[str], places: Sequence[int], accuracies: Sequence[float], images: int
) -> go.Figure:
    """Draws a point for each network and a line for its 95 per cent Wilson interval.

    Args:
        names: of the networks, as anybody may have typed them.
        places: of their colours and symbols in `RUNS` and `RUN_SYMBOLS`, in the same order.
        accuracies: 0 to 1, in the same order, drawn from the top.
        images: how many each was measured on.
    """
    intervals = [accuracy_interval(accuracy, images) for accuracy in accuracies]
    figure = FigureDraft()
    for row, (name, place, accuracy, (low, high)) in enumerate(zip(names, places, accuracies, intervals, strict=True)):
        figure.add_scatter(
            x=[100 * accuracy],
            y=[row],
            mode="markers",
            marker={"size": 11, "color": RUNS[place], "symbol": RUN_SYMBOLS[place]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [100 * (high - accuracy)],
                "arrayminus": [100 * (accuracy - low)],
                "color": RUNS[place],
                "thickness": 3,
                "width": 7,
            },
            hovertext=[
                f"{_shown(name)}<br>{accuracy_text(accuracy)}<br>interval {accuracy_text(low)} to {accuracy_text(high)}"
            ],
            hoverinfo="text",
        )
    for row, name in enumerate(names):
        figure.add_annotation(
            x=0,
            xref="paper",
            xanchor="left",
            y=row - _NAME_ABOVE,
            yanchor="bottom",
            text=_shown(name),
            showarrow=False,
            font=TEXT_FONT,
        )
    plain_layout(figure, "", _FRAME_PX + _ROW_PX * len(names))
    figure.update_layout(margin={"l": 40, "t": 10, "r": 20}, showlegend=False, dragmode=False)
    figure.update_xaxes(title={"text": "accuracy on the test images"}, ticksuffix=" %", fixedrange=True)
    figure.update_yaxes(
        title={"text": "network"}, range=[len(names) - 0.5, -0.9], showticklabels=False, showgrid=False, zeroline=False
    )
    return figure.build()


def _shown(name: str) -> str:
    """Returns a name as Plotly shows it unchanged, cut to its longest: Plotly reads a part of HTML."""
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    return html.escape(short, quote=False)
