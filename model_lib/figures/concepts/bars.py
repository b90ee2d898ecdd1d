"""Ten numbers, one for each digit."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import DATA, plain_layout
from model_lib.number_format import probability_text


def probabilities_figure(probabilities: NDArray[np.float64], title: str, axis: str, value_axis: str) -> go.Figure:
    """Draws ten probabilities as bars from top to bottom, each with its number behind it.

    Args:
        probabilities: (10,), 0 to 1.
        title: of the figure.
        axis: title of the digits' axis.
        value_axis: title of the probabilities' axis.
    """
    figure = FigureDraft()
    figure.add_bar(
        x=probabilities,
        y=list(range(len(probabilities))),
        orientation="h",
        marker={"color": DATA},
        text=[probability_text(each) for each in probabilities.tolist()],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.4f}<extra></extra>",
    )
    plain_layout(figure, title, 380)
    figure.update_layout(dragmode=False)
    figure.update_xaxes(title={"text": value_axis}, range=[0, 1.3], tickvals=[0, 0.5, 1], tickformat=".0%")
    figure.update_yaxes(title={"text": axis}, autorange="reversed", dtick=1)
    return figure.build()
