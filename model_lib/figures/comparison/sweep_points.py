"""Validation accuracy of a sweep's runs by the values of its settings: points and mean, or a map of means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import COMPARISON, DATA, REST, SEQUENTIAL, TEXT_FONT, colour_scale, plain_layout
from model_lib.number_format import accuracy_text
from model_lib.sweeps.factors import Factor
from model_lib.sweeps.results import RunResult, SweepResults

_ACCURACY: Final = "validation accuracy"
# Beyond them 1, 2, 5, 10 would lie over each other.
_MANY_DECADES: Final = 1.5
_SYMBOLS: Final = {"complete": "circle", "learning": "circle-open", "stopped": "x-thin"}


def sweep_figure(results: SweepResults) -> go.Figure:
    """Draws what a sweep has reached so far: of one setting each run and the mean, of two settings the means.

    Args:
        results: of the sweep; it may have no runs yet.
    """
    if len(results.plan.factors) == 1:
        return _one_setting(results)
    return _drawn_points(results) if results.plan.way == "random" else _map_of_means(results)


def describe_sweep(results: SweepResults) -> str:
    """Says what the figure shows: "mean validation accuracy: Batch size 16 85.20 %, Batch size 64 80.10 %"."""
    means = [
        f"{results.plan.point_words(point)} {accuracy_text(mean)}"
        for point, mean in enumerate(results.means)
        if mean is not None
    ]
    return f"mean {_ACCURACY}: {'; '.join(means)}" if means else f"{_ACCURACY}: nothing yet"


def _one_setting(results: SweepResults) -> go.Figure:
    (factor,) = results.plan.factors
    is_numeric = results.plan.way == "random" and factor.is_number
    places = [value if is_numeric else factor.words(value) for (value,) in results.plan.points]
    # In the order of the values, so that lines do not run to and fro.
    order = sorted(range(len(places)), key=lambda point: places[point]) if is_numeric else list(range(len(places)))
    figure = FigureDraft()
    for seed in results.plan.seeds:
        runs = {each.point: each for each in results.runs if each.seed == seed and each.validation is not None}
        shown = [runs[point] for point in order if point in runs]
        if not shown:
            continue
        figure.add_scatter(
            x=[places[each.point] for each in shown],
            y=[100 * (each.validation or 0.0) for each in shown],
            mode="lines+markers",
            name=f"seed {seed}",
            line={"color": REST, "width": 1},
            marker={"color": DATA, "size": 10, "symbol": [_symbol(each) for each in shown], "line": {"width": 2}},
            hovertext=[_hover(results, each) for each in shown],
            hoverinfo="text",
            showlegend=False,
        )
    known = [(point, results.means[point]) for point in order if results.means[point] is not None]
    figure.add_scatter(
        x=[places[point] for point, _ in known],
        y=[100 * (mean or 0.0) for _, mean in known],
        mode="lines+markers",
        name="mean of the seeds",
        line={"color": COMPARISON, "width": 3, "dash": "dot"},
        marker={"color": COMPARISON, "size": 13, "symbol": "diamond"},
        hoverinfo="y",
    )
    _finish(figure, results, is_growing=not known)
    axis: dict[str, Any] = {"title": {"text": _axis_title(factor)}}
    if is_numeric:
        axis |= _log_axis([float(value) for (value,) in results.plan.points]) if factor.is_log else {}
    else:
        axis |= {"type": "category", "range": [-0.5, len(places) - 0.5], "categoryorder": "array"}
        axis |= {"categoryarray": places}
    figure.update_xaxes(**axis)
    figure.update_yaxes(title={"text": _ACCURACY}, ticksuffix=" %", hoverformat=".2f")
    if all(each.validation is None for each in results.runs):  # Plotly's own empty axis goes from -1 to 4 %
        figure.update_yaxes(range=[0, 100])
    return figure.build()


def _map_of_means(results: SweepResults) -> go.Figure:
    across, up = results.plan.factors
    columns = list(dict.fromkeys(point[0] for point in results.plan.points))
    rows = list(dict.fromkeys(point[1] for point in results.plan.points))
    means = dict(zip(results.plan.points, results.means, strict=True))
    table = [[means[column, row] for column in columns] for row in rows]
    figure = FigureDraft()
    figure.add_heatmap(
        x=[across.words(column) for column in columns],
        y=[up.words(row) for row in rows],
        z=[[None if mean is None else 100 * mean for mean in line] for line in table],
        text=[["" if mean is None else accuracy_text(mean) for mean in line] for line in table],
        texttemplate="%{text}",
        textfont=TEXT_FONT,
        colorscale=colour_scale(SEQUENTIAL),
        colorbar={"ticksuffix": " %", "title": {"text": "mean"}},
        xgap=2,
        ygap=2,
        hovertemplate=f"{across.label} %{{x}}<br>{up.label} %{{y}}<br>mean %{{text}}<extra></extra>",
    )
    _finish(figure, results, is_growing=all(mean is None for mean in results.means))
    figure.update_xaxes(title={"text": _axis_title(across)}, type="category", range=[-0.5, len(columns) - 0.5])
    figure.update_yaxes(title={"text": _axis_title(up)}, type="category", range=[-0.5, len(rows) - 0.5])
    return figure.build()


def _drawn_points(results: SweepResults) -> go.Figure:
    across, up = results.plan.factors
    known = [(point, mean) for point, mean in enumerate(results.means) if mean is not None]
    places = [results.plan.points[point] for point, _ in known]
    figure = FigureDraft()
    figure.add_scatter(
        x=[place[0] if across.is_number else across.words(place[0]) for place in places],
        y=[place[1] if up.is_number else up.words(place[1]) for place in places],
        mode="markers+text",
        # The others would lie over each other where points are close; the table has them.
        text=[f"best: {accuracy_text(mean)}" if point == results.best_point else "" for point, mean in known],
        textposition="top center",
        cliponaxis=False,
        textfont=TEXT_FONT,
        marker={
            "size": 16,
            "color": [100 * mean for _, mean in known],
            "colorscale": colour_scale(SEQUENTIAL),
            "showscale": True,
            "colorbar": {"ticksuffix": " %", "title": {"text": "mean"}},
            "line": {"color": REST, "width": 1},
        },
        hovertext=[f"{results.plan.point_words(point)}: mean {accuracy_text(mean)}" for point, mean in known],
        hoverinfo="text",
        showlegend=False,
    )
    _finish(figure, results, is_growing=not known)
    updates = (figure.update_xaxes, figure.update_yaxes)
    for place, (factor, update) in enumerate(zip(results.plan.factors, updates, strict=True)):
        update(title={"text": _axis_title(factor)})
        if not factor.is_number:
            update(type="category")
        elif factor.is_log:
            update(**_log_axis([float(point[place]) for point in results.plan.points]))
    return figure.build()


def _finish(figure: FigureDraft, results: SweepResults, is_growing: bool) -> None:
    name = "Mean validation accuracy" if len(results.plan.factors) > 1 else "Validation accuracy"
    plain_layout(figure, name, 420)
    figure.update_layout(margin={"l": 90, "t": 84, "b": 66}, uirevision="sweep")
    if is_growing:
        figure.add_annotation(text="Here it will grow", x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)


def _log_axis(values: Sequence[float]) -> dict[str, Any]:
    """Returns a logarithmic axis with all numbers written out: Plotly would write 100µ, and single digits between."""
    low, high = math.log10(min(values)), math.log10(max(values))
    steps = (1,) if high - low > _MANY_DECADES else (1, 2, 5)
    places = [step * 10.0**power for power in range(math.floor(low) - 1, math.ceil(high) + 1) for step in steps]
    room = max(0.05, 0.08 * (high - low))
    return {
        "type": "log",
        "range": [low - room, high + room],
        "tickvals": places,
        "ticktext": [f"{place:.6g}" for place in places],
    }


def _axis_title(factor: Factor) -> str:
    return factor.label.lower() if factor.label[1:].islower() else factor.label


def _symbol(result: RunResult) -> str:
    if result.is_complete:
        return _SYMBOLS["complete"]
    return _SYMBOLS["learning" if result.state in ("queued", "running", "paused") else "stopped"]


def _hover(results: SweepResults, result: RunResult) -> str:
    state = "" if result.is_complete else f", {result.state}"
    if result.stopped_at is not None:
        state = f", stopped early after epoch {result.stopped_at}"
    return (
        f"{results.plan.point_words(result.point)}, seed {result.seed}: "
        f"{accuracy_text(result.validation or 0.0)} after epoch {result.epochs}{state}"
    )
