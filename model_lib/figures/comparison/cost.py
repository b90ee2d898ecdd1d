"""Accuracy against price, a point a run, with the line of those that are the best for their price."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Final

import plotly.graph_objects as go

from model_lib.comparison.cost import Judge, Price, PricedRun, spans_decades
from model_lib.figures.comparison.legend import put_legend_below
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import REST, RUN_SYMBOLS, RUNS, plain_layout
from model_lib.number_format import accuracy_text

PRICE_TITLES: Final[Mapping[Price, str]] = {
    "parameters": "parameters of the network",
    "seconds": "seconds of training",
    "multiplications": "multiplications for one image",
}
FRONT_NAME: Final = "best for the price (Pareto front)"
_OTHERS_NAME: Final = "other runs"
_CHART_PX: Final = 420
_EDGE: Final = {"color": REST, "width": 1}


def cost_figure(
    runs: Sequence[PricedRun], front: Sequence[PricedRun], places: Mapping[str, int], price: Price, judge: Judge
) -> go.Figure:
    """Draws runs by price and accuracy; `customdata` holds the run's id.

    Args:
        runs: of one data set.
        front: those that are the best for their price, the cheapest first.
        places: of the colours of the chosen runs, by their ids; all others are grey rings.
        price: on the horizontal axis, which is logarithmic where the prices span decades.
        judge: which images the accuracies are of.
    """
    figure = FigureDraft()
    end = max((run.price for run in runs), default=1.0)
    if front:
        # On to the dearest run: for more money there is nothing better.
        figure.add_scatter(
            x=[*(run.price for run in front), end],
            y=[100 * run.accuracy for run in (*front, front[-1])],
            mode="lines",
            name=FRONT_NAME,
            line={"color": REST, "width": 2, "dash": "dash", "shape": "hv"},
            hoverinfo="skip",
        )
    others = [run for run in runs if run.record.id not in places]
    if others:
        ring = {"symbol": "circle-open", "size": 10, "color": REST, "line": {"width": 2}}
        _add_points(figure, others, _OTHERS_NAME, ring, price, judge)
    for run in runs:
        if (place := places.get(run.record.id)) is not None:
            marker = {"symbol": RUN_SYMBOLS[place], "size": 16, "color": RUNS[place], "line": _EDGE}
            _add_points(figure, [run], html.escape(run.record.title, quote=False), marker, price, judge)
    is_wide = spans_decades(runs)
    plain_layout(figure, "Accuracy and price")
    put_legend_below(figure, _CHART_PX, len(places) + bool(front) + bool(others))
    figure.update_layout(showlegend=True, hovermode="closest", clickmode="event+select")
    title = PRICE_TITLES[price] + (" (logarithmic axis)" if is_wide else "")
    figure.update_xaxes(title={"text": title}, type="log" if is_wide else "linear", separatethousands=True)
    if is_wide:
        figure.update_xaxes(dtick="D2")
    else:
        figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(title={"text": f"accuracy on {judge} images"}, ticksuffix=" %", hoverformat=".2f")
    return figure.build()


def describe_cost(front: Sequence[PricedRun], price: Price) -> str:
    """Names the runs on the line, e.g. "best for the price: Dense network with 97.10 % at 101,770 parameters"."""
    named = (
        f"{run.record.title} with {accuracy_text(run.accuracy)} at {price_text(run.price, price)}" for run in front
    )
    return f"best for the price: {', then '.join(named)}" if front else "no run has both numbers"


def price_text(value: float, price: Price) -> str:
    """Writes a price with its unit: "101,770 parameters", "12.3 seconds"."""
    return f"{value:,.1f} seconds" if price == "seconds" else f"{value:,.0f} {price}"


def _add_points(
    figure: FigureDraft,
    runs: Sequence[PricedRun],
    name: str,
    marker: Mapping[str, object],
    price: Price,
    judge: Judge,
) -> None:
    figure.add_scatter(
        x=[run.price for run in runs],
        y=[100 * run.accuracy for run in runs],
        mode="markers",
        name=name,
        marker=marker,
        customdata=[run.record.id for run in runs],
        hovertext=[
            f"{html.escape(run.record.title, quote=False)}<br>"
            f"{accuracy_text(run.accuracy)} on {judge} images<br>{price_text(run.price, price)}"
            for run in runs
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        # A click chooses, it does not select: Plotly would make all others pale.
        selected={"marker": {"opacity": 1.0}},
        unselected={"marker": {"opacity": 1.0}},
    )
