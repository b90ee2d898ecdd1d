"""Accuracy of each class under ablation, beside the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import COMPARISON, DATA, EMPHASIS_FONT, plain_layout

if TYPE_CHECKING:
    from model_lib.interpretability.results import ClassAccuracy


def ablation_figure(baseline: ClassAccuracy, ablated: ClassAccuracy, names: Sequence[str]) -> go.Figure:
    """Draws the accuracy of each class as pairs of bars.

    Args:
        baseline: of the unmodified network.
        ablated: with some filters set to zero.
        names: class names.
    """
    figure = FigureDraft()
    for accuracy, name, colour in ((baseline, "all filters on", DATA), (ablated, "switched off", COMPARISON)):
        figure.add_bar(
            x=list(names),
            y=100 * accuracy.by_class,
            name=name,
            marker={"color": colour},
            hovertemplate="%{x}: %{y:.2f} %<extra>" + name + "</extra>",
        )
    changes = ablated.by_class - baseline.by_class
    figure.add_scatter(
        x=list(names),
        y=[100.0] * len(names),
        text=[f"{100 * change:+.1f}" if abs(change) >= 0.0005 else "" for change in changes],
        mode="text",
        textposition="top center",
        textfont=EMPHASIS_FONT,
        showlegend=False,
        hoverinfo="skip",
    )
    plain_layout(figure, "Accuracy by label, and its change", 440)
    # The legend takes two lines on a phone; the title stays above them.
    figure.update_layout(
        title={"y": 0.97, "yanchor": "top"},
        legend={"x": 0, "xanchor": "left", "font": EMPHASIS_FONT},
        margin={"t": 110},
    )
    figure.update_xaxes(title={"text": "label"}, type="category")
    figure.update_yaxes(title={"text": "accuracy"}, ticksuffix=" %", range=[0, 112])
    return figure.build()
