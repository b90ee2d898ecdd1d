"""Scatter plot of a 2-D projection, coloured by label, mistakes marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import (
    CLASS_SYMBOLS,
    CLASSES,
    LANDMARK_FONT,
    MISTAKE,
    MISTAKE_SYMBOL,
    REST,
    SELECTION,
    plain_layout,
)

_EDGE: Final = {"width": 1, "color": REST}


def projection_figure(
    points: NDArray[np.float64],
    labels: NDArray[np.uint8],
    predictions: NDArray[np.intp],
    names: Sequence[str],
    title: str,
    axes: tuple[str, str],
    chosen: int | None = None,
) -> go.Figure:
    """Draws projected images as points; `customdata` holds the image's index.

    Args:
        points: (n, 2); row k is test image k.
        labels: (n,), ground truth.
        predictions: (n,).
        names: class names.
        title: of the figure.
        axes: titles of the two axes.
        chosen: index of the image with a ring, or None.
    """
    figure = FigureDraft()
    is_mistake = predictions != labels
    hovers = np.array(
        [f"test image {at}: label {names[labels[at]]}, predicted {names[predictions[at]]}" for at in range(len(points))]
    )
    for label, name in enumerate(names):
        dot = {"size": 6, "symbol": CLASS_SYMBOLS[label], "color": CLASSES[label], "opacity": 0.75, "line": _EDGE}
        _add(figure, points, hovers, (labels == label) & ~is_mistake, name, dot)
    cross = {"size": 11, "symbol": MISTAKE_SYMBOL, "color": MISTAKE, "line": _EDGE}
    _add(figure, points, hovers, is_mistake, "mistake", cross)
    medians = [np.median(points[labels == label], axis=0) for label in range(len(names)) if (labels == label).any()]
    known = [name for label, name in enumerate(names) if (labels == label).any()]
    figure.add_scatter(
        x=[median[0] for median in medians],
        y=[median[1] for median in medians],
        text=[f"<b>{name}</b>" for name in known],
        mode="text",
        textfont=LANDMARK_FONT | {"shadow": "auto"},
        hoverinfo="skip",
        showlegend=False,
    )
    if chosen is not None and chosen < len(points):
        figure.add_scatter(
            x=[points[chosen, 0]],
            y=[points[chosen, 1]],
            mode="markers",
            marker={"size": 24, "symbol": "circle-open", "color": SELECTION, "line": {"width": 4}},
            hoverinfo="skip",
            showlegend=False,
        )
    plain_layout(figure, title, 680)
    figure.update_layout(
        hovermode="closest",
        clickmode="event+select",
        dragmode="pan",
        legend={"orientation": "v", "y": 1, "yanchor": "top", "x": 1.01, "xanchor": "left", "itemsizing": "constant"},
        uirevision=title,
    )
    figure.update_xaxes(title={"text": axes[0]}, zeroline=False)
    figure.update_yaxes(title={"text": axes[1]}, zeroline=False)
    return figure.build()


def _add(
    figure: FigureDraft,
    points: NDArray[np.float64],
    hovers: NDArray[np.str_],
    is_shown: NDArray[np.bool_],
    name: str,
    marker: Mapping[str, object],
) -> None:
    indices = np.nonzero(is_shown)[0]
    figure.add_scatter(
        x=points[indices, 0],
        y=points[indices, 1],
        mode="markers",
        name=name,
        marker=marker,
        customdata=indices.tolist(),
        hovertext=hovers[indices].tolist(),
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 1.0}},
        unselected={"marker": {"opacity": 0.75}},
    )
