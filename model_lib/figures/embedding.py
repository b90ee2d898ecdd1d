"""Where the images lie: a point an image, coloured by label, mistakes marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.style import BLUE, RED, plain_layout

# Paul Tol's "muted" scheme (2021) with its two reds replaced: red is kept for mistakes.
_COLOURS: Final = (
    "#332288",
    "#88CCEE",
    "#117733",
    "#DDCC77",
    "#44AA99",
    "#999933",
    "#AA4499",
    "#6F4E37",
    "#A6A6A6",
    "#000000",
)
_SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "star")


def places_figure(
    places: NDArray[np.float64],
    labels: NDArray[np.uint8],
    predictions: NDArray[np.intp],
    names: Sequence[str],
    title: str,
    axes: tuple[str, str],
    chosen: int | None = None,
) -> go.Figure:
    """Draws images as points. A click returns the image's index as the point's custom data.

    Args:
        places: (n, 2); row k is test image k.
        labels: (n,), the truth.
        predictions: (n,), what the network read.
        names: what the ten classes are called.
        title: the figure's.
        axes: what the two directions are.
        chosen: the image with a ring, or None.
    """
    figure = go.Figure()
    is_mistake = predictions != labels
    for label, name in enumerate(names):
        _add(figure, places, (labels == label) & ~is_mistake, names, labels, predictions, name, label)
    _add(figure, places, is_mistake, names, labels, predictions, "mistake", None)
    middles = [np.median(places[labels == label], axis=0) for label in range(len(names)) if (labels == label).any()]
    known = [name for label, name in enumerate(names) if (labels == label).any()]
    figure.add_scatter(
        x=[middle[0] for middle in middles],
        y=[middle[1] for middle in middles],
        text=[f"<b>{name}</b>" for name in known],
        mode="text",
        textfont={"size": 30, "color": "black", "shadow": "0 0 4px white, 0 0 4px white, 0 0 4px white"},
        hoverinfo="skip",
        showlegend=False,
    )
    if chosen is not None and chosen < len(places):
        figure.add_scatter(
            x=[places[chosen, 0]],
            y=[places[chosen, 1]],
            mode="markers",
            marker={"size": 24, "symbol": "circle-open", "color": BLUE, "line": {"width": 4}},
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
    figure.update_xaxes(title=axes[0], zeroline=False)
    return figure.update_yaxes(title=axes[1], zeroline=False)


def _add(
    figure: go.Figure,
    places: NDArray[np.float64],
    is_shown: NDArray[np.bool_],
    names: Sequence[str],
    labels: NDArray[np.uint8],
    predictions: NDArray[np.intp],
    name: str,
    label: int | None,
) -> None:
    indices = np.nonzero(is_shown)[0]
    marker = {"size": 11, "symbol": "x", "color": RED, "line": {"width": 1, "color": "white"}}
    if label is not None:
        marker = {"size": 6, "symbol": _SYMBOLS[label % 5], "color": _COLOURS[label], "opacity": 0.75}
    figure.add_scatter(
        x=places[indices, 0],
        y=places[indices, 1],
        mode="markers",
        name=name,
        marker=marker,
        customdata=indices.tolist(),
        hovertext=[f"test image {at}: {names[labels[at]]}, read as {names[predictions[at]]}" for at in indices],
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 1.0}},
        unselected={"marker": {"opacity": 0.75}},
    )
