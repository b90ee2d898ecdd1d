"""Distributions of a layer's numbers over the steps, as bands of quantiles, and the norms of the gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import plotly.graph_objects as go

from model_lib.config.layer_kinds import layer_title
from model_lib.diagnostics.statistics import PROBABILITIES, LayerStatistics, NetworkStatistics, Quantiles, Quantity
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import COMPARISON, DATA, PREDICTION, REST, SELECTION, plain_layout, translucent
from model_lib.number_format import percent

_HEIGHT_PX: Final = 260
_MIDDLE: Final = len(PROBABILITIES) // 2
# Bands lie over each other, so that the innermost is the strongest.
_OPACITY: Final = 0.2
# So few measurements are marked: between them the figure only guesses.
_FEW: Final = 15
_LINES_HEIGHT_PX: Final = 400
_LINES: Final = (DATA, COMPARISON, PREDICTION, SELECTION, REST)
_DASHES: Final = ("solid", "dot", "dash", "dashdot")
_SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "x", "star", "pentagon")


def layer_names(measured: Sequence[NetworkStatistics], quantity: Quantity) -> dict[str, str]:
    """Returns the layers that have a quantity: their Keras names with their titles, from the image to the answer."""
    return {
        layer.name: layer_title(layer.kind, layer.name)
        for layer in (measured[0].layers if measured else ())
        if any(_of(each, layer.name, quantity) is not None for each in measured)
    }


def distribution_over_steps(
    measured: Sequence[NetworkStatistics], name: str, quantity: Quantity, end: float, height_px: int = _HEIGHT_PX
) -> go.Figure:
    """Draws the quantiles of one quantity of one layer over the steps, as TensorBoard does.

    Args:
        measured: in the order of the steps.
        name: Keras's name of the layer.
        quantity: which of its numbers.
        end: of the horizontal axis, in steps.
        height_px: of the figure.

    Returns:
        The median as a line, and four bands about it: of a normal distribution one, two and three half standard
        deviations to each side, and all values. Steps at which the numbers were not finite are a gap.
    """
    rows = [(each.step, _of(each, name, quantity)) for each in measured]
    steps = [step for step, quantiles in rows if quantiles is not None]
    found = [quantiles for _, quantiles in rows if quantiles is not None]
    figure = FigureDraft()
    for lower in range(_MIDDLE):
        upper = len(PROBABILITIES) - 1 - lower
        for place, fill in ((lower, None), (upper, "tonexty")):
            figure.add_scatter(
                x=steps,
                y=[quantiles[place] for quantiles in found],
                mode="lines",
                name=_probability_title(place),
                line={"color": translucent(DATA, 0.6), "width": 0.5},
                fill=fill,
                fillcolor=translucent(DATA, _OPACITY),
            )
    figure.add_scatter(
        x=steps,
        y=[quantiles[_MIDDLE] for quantiles in found],
        mode="lines+markers" if len(steps) < _FEW else "lines",
        name=_probability_title(_MIDDLE),
        line={"color": DATA, "width": 3},
    )
    layer = next((each for each in measured[-1].layers if each.name == name), None) if measured else None
    plain_layout(figure, "" if layer is None else _title(layer, quantity), height_px)
    figure.update_layout(showlegend=False, hovermode="x unified", margin={"l": 84, "t": 50, "b": 56})
    figure.update_xaxes(title={"text": "steps"}, range=[0, max(end, 1)], separatethousands=True, automargin=False)
    figure.update_yaxes(title={"text": quantity}, automargin=False, hoverformat=".3g", exponentformat="power")
    figure.update_layout(uirevision=f"{name}-{quantity}")
    return figure.build()


def gradient_norms(measured: Sequence[NetworkStatistics], end: float) -> go.Figure:
    """Draws the norm of each layer's gradient over the steps, on a logarithmic axis.

    Args:
        measured: in the order of the steps.
        end: of the horizontal axis, in steps.

    Returns:
        A line for each layer. Norms that are 0 or not finite are a gap.
    """
    norms = {title: [_layer(each, name) for each in measured] for name, title in _layers(measured).items()}
    lines = {title: [(layer and layer.gradient_norm) or None for layer in found] for title, found in norms.items()}
    figure = _line_for_each_layer(measured, lines, "Norm of each layer's gradient", end)
    figure.update_yaxes(title={"text": "norm (logarithmic)"}, type="log", exponentformat="power", hoverformat=".3g")
    return figure.build()


def dead_units(measured: Sequence[NetworkStatistics], end: float) -> go.Figure | None:
    """Draws the share of dead units of each layer over the steps; None if no layer ever has any.

    Args:
        measured: in the order of the steps.
        end: of the horizontal axis, in steps.
    """
    shares: dict[str, list[float | None]] = {}
    for name, title in _layers(measured).items():
        found = [_layer(each, name) for each in measured]
        if any(layer is not None and layer.dead for layer in found):
            shares[title] = [
                None if layer is None or layer.dead is None else 100 * layer.dead / layer.units for layer in found
            ]
    if not shares:
        return None
    figure = _line_for_each_layer(measured, shares, "Dead units of each layer", end)
    figure.update_yaxes(title={"text": "dead units"}, range=[0, 103], ticksuffix=" %", hoverformat=".1f")
    return figure.build()


def _line_for_each_layer(
    measured: Sequence[NetworkStatistics], lines: Mapping[str, Sequence[float | None]], title: str, end: float
) -> FigureDraft:
    figure = FigureDraft()
    for number, (name, values) in enumerate(lines.items()):
        figure.add_scatter(
            x=[each.step for each in measured],
            y=list(values),
            mode="lines+markers",
            name=name,
            line={"color": _LINES[number % len(_LINES)], "width": 2, "dash": _DASHES[number % len(_DASHES)]},
            marker={"symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 7},
        )
    plain_layout(figure, title, _LINES_HEIGHT_PX)
    # The legend of a deep network takes several lines: below, where it hides nothing.
    legend = {"y": -0.28, "yanchor": "top", "x": 0, "xanchor": "left"}
    figure.update_layout(showlegend=True, hovermode="x unified", margin={"l": 84, "t": 50, "b": 56}, legend=legend)
    figure.update_xaxes(title={"text": "steps"}, range=[0, max(end, 1)], separatethousands=True, automargin=False)
    figure.update_yaxes(automargin=False)
    figure.update_layout(uirevision=title)
    return figure


def _title(layer: LayerStatistics, quantity: Quantity) -> str:
    title = layer_title(layer.kind, layer.name)
    if quantity == "activations" and layer.dead:
        return f"{title} · {layer.dead:,} of {layer.units:,} dead"
    return title


def _probability_title(place: int) -> str:
    if place in (0, len(PROBABILITIES) - 1):
        return "largest" if place else "least"
    return "median" if place == _MIDDLE else percent(PROBABILITIES[place], 0)


def _layers(measured: Sequence[NetworkStatistics]) -> Mapping[str, str]:
    return {layer.name: layer_title(layer.kind, layer.name) for layer in (measured[0].layers if measured else ())}


def _layer(measured: NetworkStatistics, name: str) -> LayerStatistics | None:
    return next((layer for layer in measured.layers if layer.name == name), None)


def _of(measured: NetworkStatistics, name: str, quantity: Quantity) -> Quantiles | None:
    layer = _layer(measured, name)
    return None if layer is None else layer.quantiles(quantity)
