"""Reliability diagram and accuracy-rejection curve."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from model_lib.evaluation.calibration import Calibration, Rejection
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import DATA, REST, SELECTION, plain_layout


def reliability_diagram(calibration: Calibration) -> go.Figure:
    """Draws accuracy over confidence; a perfectly calibrated network lies on the dashed diagonal."""
    figure = FigureDraft()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="as it says", line={"color": REST, "dash": "dash"}, hoverinfo="skip"
    )
    filled = calibration.counts > 0
    middles = (calibration.edges[:-1] + calibration.edges[1:]) / 2
    figure.add_bar(
        x=middles[filled],
        y=calibration.accuracies[filled],
        width=(calibration.edges[1] - calibration.edges[0]) * 0.94,
        name="as it is",
        marker={"color": DATA},
        customdata=list(zip(calibration.counts[filled], calibration.confidences[filled], strict=True)),
        text=[f"{count:,}" for count in calibration.counts[filled]],
        textposition="outside",
        textangle=-90,
        cliponaxis=False,
        hovertemplate="%{customdata[0]:,} images<br>mean confidence %{customdata[1]:.1%}<br>read right %{y:.1%}"
        "<extra></extra>",
    )
    plain_layout(figure, "Calibration", 440)
    figure.update_layout(margin={"t": 90})
    figure.update_xaxes(title={"text": "confidence"}, tickformat=".0%", range=[0, 1.02])
    figure.update_yaxes(
        title={"text": "share read right"}, tickformat=".0%", range=[0, 1.19], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1]
    )
    return figure.build()


def rejection_curve_figure(curve: Sequence[Rejection], chosen: Rejection) -> go.Figure:
    """Draws the accuracy on the accepted images over the rejection rate, with a marker at one point."""
    figure = FigureDraft()
    figure.add_scatter(
        x=[each.rate for each in curve],
        y=[each.accuracy for each in curve],
        customdata=[(each.threshold, each.mistakes) for each in curve],
        mode="lines",
        name="accuracy of the answers",
        line={"color": DATA, "width": 3},
        hovertemplate="refuses %{x:.1%}, below a confidence of %{customdata[0]:.1%}<br>right %{y:.2%}, "
        "%{customdata[1]} mistakes left<extra></extra>",
    )
    figure.add_scatter(
        x=[chosen.rate],
        y=[chosen.accuracy],
        mode="markers",
        name="chosen",
        marker={"size": 14, "color": SELECTION, "line": {"color": REST, "width": 1}},
        hoverinfo="skip",
    )
    plain_layout(figure, "Accuracy when it may refuse", 440)
    figure.update_layout(margin={"t": 90})
    figure.update_xaxes(title={"text": "share of images refused, the least certain first"}, tickformat=".0%")
    figure.update_yaxes(title={"text": "share of the answers that are right"}, tickformat=".1%")
    return figure.build()
