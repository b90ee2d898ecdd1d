"""The accuracy of a vote beside those of its members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from model_lib.evaluation.evaluation import accuracy_interval
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import EMPHASIS_FONT, PREDICTION, RUN_SYMBOLS, RUNS, TEXT_FONT, plain_layout
from model_lib.number_format import accuracy_text

_VOTE_SYMBOL: Final = "hexagram"  # no run has it
_ROW_PX: Final = 58
_FRAME_PX: Final = 80  # the axis, its title and what lies above the first row
_LONGEST_NAME: Final = 34  # fits a phone beside the accuracy


def vote_accuracies(
    names: Sequence[str], places: Sequence[int], accuracies: Sequence[float], vote: float, images: int
) -> go.Figure:
    """Draws an interval for the vote and one for each member: the point is the accuracy, the line the Wilson interval.

    The vote is a star of six points on a thick line; a member has the colour and the symbol of its run. The names
    stand above the lines, where a phone has room for them.

    Args:
        names: of the members.
        places: of their colours and symbols in `RUNS` and `RUN_SYMBOLS`, in the same order.
        accuracies: of the members on the test images, 0 to 1, in the same order.
        vote: accuracy of the vote, 0 to 1.
        images: how many test images there are.
    """
    rows = [("The vote", vote), *zip(names, accuracies, strict=True)]
    intervals = [accuracy_interval(accuracy, images) for _, accuracy in rows]
    low, high = min(low for low, _ in intervals), max(high for _, high in intervals)
    room = max(0.05 * (high - low), 0.0005)
    figure = FigureDraft()
    looks = [(PREDICTION, _VOTE_SYMBOL), *((RUNS[place], RUN_SYMBOLS[place]) for place in places)]
    for place, ((name, accuracy), (lower, upper), (colour, symbol)) in enumerate(
        zip(rows, intervals, looks, strict=True)
    ):
        is_vote = place == 0
        figure.add_scatter(
            x=[100 * accuracy],
            y=[place],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [100 * (upper - accuracy)],
                "arrayminus": [100 * (accuracy - lower)],
                "color": colour,
                "thickness": 5 if is_vote else 2,
                "width": 8,
            },
            mode="markers",
            marker={"color": colour, "size": 18 if is_vote else 12, "symbol": symbol},
            text=[f"{_plain(name)}: {accuracy_text(accuracy)}"],
            hovertext=[
                f"{_plain(name)}: {accuracy_text(accuracy)} (95 % interval {accuracy_text(lower)} to "
                f"{accuracy_text(upper)})"
            ],
            hoverinfo="text",
            showlegend=False,
        )
        shown = _shortened(name)
        figure.add_annotation(
            x=0,
            xref="paper",
            xanchor="left",
            y=place,
            yanchor="bottom",
            yshift=9,
            text=f"<b>{_plain(shown)}</b>" if is_vote else _plain(shown),
            showarrow=False,
            font=TEXT_FONT,
        )
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="right",
            y=place,
            yanchor="bottom",
            yshift=9,
            text=f"<b>{accuracy_text(accuracy)}</b>" if is_vote else accuracy_text(accuracy),
            showarrow=False,
            font=EMPHASIS_FONT,
        )
    plain_layout(figure, "", _FRAME_PX + _ROW_PX * len(rows))
    figure.update_layout(margin={"l": 40, "r": 20, "t": 10}, dragmode=False)
    figure.update_xaxes(
        title={"text": "test accuracy, with its 95 % interval"},
        ticksuffix=" %",
        range=[100 * (low - room), 100 * (high + room)],
        nticks=5,
        fixedrange=True,
    )
    figure.update_yaxes(
        title={"text": "network"}, showticklabels=False, range=[len(rows) - 0.6, -0.8], fixedrange=True, zeroline=False
    )
    return figure.build()


def _plain(text: str) -> str:
    """Returns a text that a visitor may have typed as Plotly shows it: without tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _shortened(name: str) -> str:
    """Leaves out the middle of a long name: the end tells runs of the same network apart."""
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[: half - 1]}…{name[-half:]}"
