"""Reliability diagram and accuracy-rejection curve."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from model_lib.evaluation.calibration import Calibration, Rejection
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import DATA, REST, SELECTION, plain_layout
from model_lib.number_format import probability_text


def reliability_diagram(calibration: Calibration) -> go.Figure:
    """Draws accuracy over confidence; a perfectly calibrated network lies on the dashed diagonal."""
    figure = FigureDraft()
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        name="perfectly calibrated",
        line={"color": REST, "dash": "dash"},
        hoverinfo="skip",
    )
    filled = calibration.counts > 0
    edges = 100 * calibration.edges
    middles = (edges[:-1] + edges[1:]) / 2
    figure.add_bar(
        x=middles[filled],
        y=100 * calibration.accuracies[filled],
        width=(edges[1] - edges[0]) * 0.94,
        name="this network",
        marker={"color": DATA},
        customdata=list(
            zip(calibration.counts[filled], map(probability_text, calibration.confidences[filled]), strict=True)
        ),
        text=[f"{count:,}" for count in calibration.counts[filled]],
        textposition="outside",
        textangle=-90,
        cliponaxis=False,
        hovertemplate="%{customdata[0]:,} images<br>mean confidence %{customdata[1]}<br>"
        "accuracy %{y:.2f} %<extra></extra>",
    )
    plain_layout(figure, "Calibration", 440)
    figure.update_layout(margin={"t": 90})
    figure.update_xaxes(title={"text": "confidence"}, ticksuffix=" %", range=[0, 102])
    figure.update_yaxes(title={"text": "accuracy"}, ticksuffix=" %", range=[0, 119], dtick=20)
    return figure.build()


def rejection_curve_figure(curve: Sequence[Rejection], chosen: Rejection) -> go.Figure:
    """Draws the accuracy on the accepted images over the rejection rate, with a marker at one point."""
    figure = FigureDraft()
    figure.add_scatter(
        x=[100 * each.rate for each in curve],
        y=[100 * each.accuracy for each in curve],
        customdata=[(probability_text(each.threshold), each.mistakes) for each in curve],
        mode="lines",
        name="accuracy",
        line={"color": DATA, "width": 3},
        hovertemplate="rejected: %{x:.1f} %, lowest accepted confidence %{customdata[0]}<br>"
        "accuracy %{y:.2f} %, %{customdata[1]:,} mistakes left<extra></extra>",
    )
    figure.add_scatter(
        x=[100 * chosen.rate],
        y=[100 * chosen.accuracy],
        mode="markers",
        name="chosen",
        marker={"size": 14, "color": SELECTION, "line": {"color": REST, "width": 1}},
        hoverinfo="skip",
    )
    plain_layout(figure, "Accuracy after rejecting uncertain answers", 440)
    figure.update_layout(margin={"t": 90})
    figure.update_xaxes(title={"text": "images rejected, the least confident first"}, ticksuffix=" %")
    figure.update_yaxes(title={"text": "accuracy on the images that are left"}, ticksuffix=" %")
    return figure.build()
