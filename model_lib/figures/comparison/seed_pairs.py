"""What a setting did with each random seed: one line a seed, from the accuracy with one value to the other's."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import DATA, SELECTION, plain_layout
from model_lib.number_format import accuracy_text

_SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "pentagon", "star", "hexagon", "triangle-down")
# Two names stand beside each other on a phone.
_LONGEST_LINE: Final = 16
_MOST_LINES: Final = 3
_LINE_PX: Final = 18
_PLACES: Final = (0, 1)


def seed_pairs(
    names: tuple[str, str], seeds: Sequence[int], first: Sequence[float], second: Sequence[float], measure: str
) -> go.Figure:
    """Draws the accuracies of two groups of runs, paired by their seeds, and their means.

    Args:
        names: of the two groups, short.
        seeds: of the pairs.
        first: the first group's accuracies, 0 to 1, in the order of the seeds.
        second: the second group's.
        measure: what the accuracy is on, e.g. "validation".
    """
    figure = FigureDraft()
    for place, (seed, pair) in enumerate(zip(seeds, zip(first, second, strict=True), strict=True)):
        figure.add_scatter(
            x=list(_PLACES),
            y=[100 * accuracy for accuracy in pair],
            mode="lines+markers",
            name=f"seed {seed}",
            line={"color": DATA, "width": 2},
            marker={"size": 10, "symbol": _SYMBOLS[place % len(_SYMBOLS)]},
            hovertext=[f"seed {seed}: {accuracy_text(accuracy)}" for accuracy in pair],
            hoverinfo="text",
        )
    means = [sum(group) / len(group) for group in (first, second)]
    figure.add_scatter(
        x=list(_PLACES),
        y=[100 * mean for mean in means],
        mode="lines",
        name="mean",
        line={"color": SELECTION, "width": 4, "dash": "dash"},
        hovertext=[f"mean: {accuracy_text(mean)}" for mean in means],
        hoverinfo="text",
    )
    texts = [_shown(name) for name in names]
    below_px = _LINE_PX * max(text.count("<br>") for text in texts)
    plain_layout(figure, "", 360 + below_px)
    figure.update_layout(margin={"t": 70, "l": 70, "r": 20, "b": 60 + below_px}, dragmode=False)
    figure.update_xaxes(
        title={"text": "settings", "standoff": 10},
        automargin=False,
        tickvals=list(_PLACES),
        ticktext=texts,
        range=[-0.35, 1.35],
        fixedrange=True,
    )
    figure.update_yaxes(title={"text": f"{measure} accuracy"}, ticksuffix=" %", fixedrange=True)
    return figure.build()


def _shown(name: str) -> str:
    lines = textwrap.wrap(name, _LONGEST_LINE, max_lines=_MOST_LINES, placeholder=" …")
    return "<br>".join(html.escape(line, quote=False) for line in lines)
