"""Confusion matrix, off-diagonal cells on a logarithmic scale: single mistakes are visible. Mistakes by writer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.evaluation.confusion import row_fractions
from model_lib.evaluation.writers import WriterMetrics
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import FAINT, LABEL, MISTAKE, SELECTION, TEXT_FONT, TRANSPARENT, plain_layout
from model_lib.figures.tile_grid import CLICKABLE, add_click_targets, add_frame
from model_lib.layers.receptive_field import Box
from model_lib.number_format import accuracy_text, percent

Unit = Literal["images", "per cent"]


def confusion_matrix(
    counts: NDArray[np.int64],
    names: Sequence[str],
    unit: Unit = "images",
    chosen: tuple[int, int] | None = None,
    height_px: int = 600,
) -> go.Figure:
    """Draws the confusion matrix: the diagonal, and mistakes on a separate logarithmic scale.

    Args:
        counts: (10, 10), rows are labels, columns predictions.
        names: class names.
        unit: of the cells' text; per cent are normalised by row.
        chosen: label and prediction of the cell with a frame.
        height_px: of the figure.

    Returns:
        A figure whose points have (label, prediction) as `customdata`; empty cells have no point.
    """
    is_diagonal = np.eye(len(names), dtype=bool)
    fractions = row_fractions(counts)
    most = max(1, int(counts[~is_diagonal].max()))
    # Logarithmic with an offset: one image among a thousand must be visible.
    tints = np.where(counts > 0, 0.35 + 0.65 * np.log(np.maximum(counts, 1)) / max(np.log(most), 1e-9), 0.0)
    figure = FigureDraft()
    for is_drawn, values, colour in ((is_diagonal, fractions, LABEL), (~is_diagonal, tints, MISTAKE)):
        figure.add_heatmap(
            z=np.where(is_drawn, values, np.nan),
            x=list(names),
            y=list(names),
            zmin=0,
            zmax=1.6,  # leaves numbers legible on the fullest cells
            colorscale=[[0, FAINT], [1, colour]],
            showscale=False,
            xgap=1,
            ygap=1,
            hoverinfo="skip",
        )
    cells = [(int(label), int(prediction)) for label, prediction in np.argwhere(counts)]
    x, y = [names[prediction] for _, prediction in cells], [names[label] for label, _ in cells]
    # Not the text of the heatmaps: its contrast would be to their colours on white.
    words = [f"{counts[cell]:,}" if unit == "images" else f"{100 * fractions[cell]:.1f}" for cell in cells]
    figure.add_scatter(x=x, y=y, text=words, mode="text", textfont=TEXT_FONT, hoverinfo="skip", showlegend=False)
    add_click_targets(
        figure,
        x,
        y,
        cells,
        [
            f"label {names[label]}, predicted {names[prediction]}: {counts[label, prediction]:,} images, "
            f"{percent(fractions[label, prediction], 2)} of the row"
            for label, prediction in cells
        ],
    )
    if chosen is not None:
        row, column = chosen
        add_frame(figure, Box(row, column, row + 1, column + 1), SELECTION, 4)
    plain_layout(figure, "", height_px)
    figure.update_layout(margin={"l": 60, "r": 10, "t": 50, "b": 10}, plot_bgcolor=TRANSPARENT, **CLICKABLE)
    last = len(names) - 0.5
    axis = {"type": "category", "fixedrange": True, "showgrid": False}
    figure.update_xaxes(title={"text": "prediction"}, side="top", range=[-0.5, last], **axis)
    figure.update_yaxes(title={"text": "label"}, range=[last, -0.5], **axis)
    return figure.build()


def mistakes_by_writer(metrics: Sequence[WriterMetrics]) -> go.Figure:
    """Draws the fraction of mistakes of each writer, in the given order, from zero.

    Returns:
        A figure whose bars have the writer as `customdata`.
    """
    figure = FigureDraft()
    figure.add_bar(
        x=[f"person {each.writer}" for each in metrics],
        y=[100 * (1 - each.accuracy) for each in metrics],
        marker={"color": MISTAKE, "pattern": {"shape": "/"}},
        customdata=[each.writer for each in metrics],
        text=[f"{each.mistakes}" for each in metrics],
        textposition="outside",
        cliponaxis=False,
        hovertext=[
            f"person {each.writer}: accuracy {accuracy_text(each.accuracy)}, "
            f"{each.mistakes} of {each.images} images wrong"
            for each in metrics
        ],
        hoverinfo="text",
    )
    plain_layout(figure, "Mistakes by person", 420)
    figure.update_xaxes(title={"text": "who drew the digits"}, fixedrange=True)
    figure.update_yaxes(title={"text": "mistakes (error rate)"}, ticksuffix=" %", rangemode="tozero", fixedrange=True)
    return figure.build()
