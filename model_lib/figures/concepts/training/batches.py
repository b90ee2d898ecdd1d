"""Batches: an epoch cut into them, the noise of their gradients, the losses of trainings by several batch sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.concepts.training.batches import GradientNoise, LossCurve
from model_lib.figures.concepts.training.surface import PATH_STYLES
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import CUT, DATA, REST, SELECTION, TEXT_FONT, plain_layout
from model_lib.figures.tile_grid import GRID_PX
from model_lib.number_format import percent

# So many batches are drawn one by one, in the lower bar.
SHOWN_BATCHES: Final = 16
_MOST_LINES: Final = 120
_LOG_TICKS: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
_TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_TOP_PX: Final = 108
# Places of the two bars, and half of their height.
_ROWS: Final = (0.0, 1.5)
_HALF: Final = 0.4


def epoch_figure(images: int, batch_size: int, title: str, rows: tuple[str, str], axis: str) -> go.Figure:
    """Draws an epoch as a bar of images cut into batches, and below it its first batches, enlarged.

    Args:
        images: in the training set.
        batch_size: images a batch.
        title: of the figure.
        rows: names of the two bars, the whole epoch first.
        axis: title of the horizontal axis.
    """
    figure = FigureDraft()
    part = min(images, SHOWN_BATCHES * batch_size)
    # Both bars are equally long, whatever number of images they stand for: of each, the fraction is drawn.
    for row, length, colour in zip(_ROWS, (images, part), (DATA, SELECTION), strict=True):
        _add_bar(figure, row, 1.0, colour, f"{length:,}")
        count = -(-length // batch_size)
        if count <= _MOST_LINES:
            _add_cuts(figure, row, np.arange(1, count) * batch_size / length)
    _add_bar(figure, _ROWS[0], part / images, SELECTION, f"{part:,}")
    plain_layout(figure, title, 270)
    figure.update_layout(
        margin={"l": 10, "r": 10, "t": 50, "b": 50}, barmode="overlay", showlegend=False, dragmode=False
    )
    figure.update_xaxes(
        title={"text": axis},
        range=[0, 1],
        tickvals=list(_TICKS),
        ticktext=[percent(tick, 0) for tick in _TICKS],
        fixedrange=True,
    )
    figure.update_yaxes(
        tickvals=list(_ROWS), range=[2.0, -1.0], fixedrange=True, showgrid=False, showticklabels=False, zeroline=False
    )
    for row, name in zip(_ROWS, rows, strict=True):
        figure.add_annotation(
            x=0, y=row - _HALF, text=name, xanchor="left", yanchor="bottom", showarrow=False, font=TEXT_FONT
        )
    return figure.build()


def _add_bar(figure: FigureDraft, row: float, length: float, colour: str, images: str) -> None:
    figure.add_bar(
        x=[length],
        y=[row],
        orientation="h",
        width=2 * _HALF,
        marker={"color": colour},
        hovertemplate=f"{images}<extra></extra>",
    )


def _add_cuts(figure: FigureDraft, row: float, places: NDArray[np.float64]) -> None:
    """Adds white and black lines, which stand out from a bar on a light and on a dark page."""
    if not len(places):
        return
    x = np.stack([places, places, np.full(len(places), np.nan)], axis=1).ravel()
    y = np.tile([row - _HALF, row + _HALF, np.nan], len(places))
    for line in CUT:
        figure.add_scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip")


def noise_figure(
    noise: GradientNoise, chosen: int, title: str, axes: tuple[str, str], names: tuple[str, str]
) -> go.Figure:
    """Draws how far the gradients of batches lie from that of all images, over the batch size, on logarithmic axes.

    Args:
        noise: what was measured, and what is expected.
        chosen: a batch size, which gets a ring on the line.
        title: of the figure.
        axes: titles of the axes.
        names: of the measured points and of the line in the legend.
    """
    figure = FigureDraft()
    sizes = np.array(noise.batch_sizes)
    figure.add_scatter(
        x=sizes,
        y=noise.expected,
        mode="lines",
        name=names[1],
        line={"color": REST, "dash": "dash", "width": 2},
        hovertemplate="%{x}: %{y:.4g}<extra></extra>",
    )
    figure.add_scatter(
        x=sizes,
        y=noise.measured,
        mode="markers",
        name=names[0],
        marker={"color": DATA, "size": 9},
        hovertemplate="%{x}: %{y:.4g}<extra></extra>",
    )
    if chosen <= sizes[-1]:
        figure.add_scatter(
            x=[chosen],
            y=[noise.expected[0] / np.sqrt(chosen)],
            mode="markers",
            marker={"size": 18, "symbol": "circle-open", "color": SELECTION, "line": {"width": 4}},
            hoverinfo="skip",
            showlegend=False,
        )
    _logarithmic(figure, title, axes, (1, 10, 100, 1000))
    return figure.build()


def loss_curves_figure(
    curves: Sequence[LossCurve],
    over: Literal["steps", "images"],
    title: str,
    axes: tuple[str, str],
    names: Sequence[str],
) -> go.Figure:
    """Draws the losses of trainings by batches of several sizes, on logarithmic axes.

    Args:
        curves: at most five.
        over: what the horizontal axis counts.
        title: of the figure.
        axes: titles of the axes.
        names: of the curves, in the legend.
    """
    figure = FigureDraft()
    for curve, name, style in zip(curves, names, PATH_STYLES, strict=False):
        # The first point lies at 0, which such an axis does not have.
        figure.add_scatter(
            x=(curve.steps if over == "steps" else curve.images_seen)[1:],
            y=curve.losses[1:],
            mode="lines+markers",
            name=name,
            line={"color": style.colour, "width": 2, "dash": style.dash},
            marker={"color": style.colour, "size": 6, "symbol": style.symbol},
            hovertemplate="%{x:,}: %{y:.4g}<extra>%{fullData.name}</extra>",
        )
    _logarithmic(figure, title, axes, (1, 100, 10_000))
    return figure.build()


def _logarithmic(figure: FigureDraft, title: str, axes: tuple[str, str], across: Sequence[int]) -> None:
    plain_layout(figure, title, 400)
    figure.update_layout(
        title={"x": 0.0, "xanchor": "left", "xref": "container", "y": 1.0, "yanchor": "top", "pad": {"t": 12}},
        width=GRID_PX,
        margin={"l": 64, "r": 10, "t": _TOP_PX, "b": 50},
        showlegend=True,
        legend={"x": 0, "xanchor": "left"},
        dragmode=False,
    )
    figure.update_xaxes(title={"text": axes[0]}, type="log", tickvals=across, ticktext=[f"{each:,}" for each in across])
    figure.update_yaxes(
        title={"text": axes[1]}, type="log", tickvals=_LOG_TICKS, ticktext=[f"{each:g}" for each in _LOG_TICKS]
    )
