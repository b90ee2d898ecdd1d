"""Parallel coordinates of a sweep: one line a run, through its settings and what it reached."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import COMPARISON, DATA, REST, TEXT_FONT, plain_layout
from model_lib.number_format import accuracy_text
from model_lib.sweeps.factors import Factor, Value
from model_lib.sweeps.results import RunResult, SweepResults

# More names than these on one axis would lie over each other.
_FEW: Final = 8


@dataclass(frozen=True)
class _Axis:
    """One vertical axis.

    Args:
        title: what stands below it.
        places: of each run, from 0 (bottom) to 1 (top).
        ticks: places on it, and what stands beside them.
    """

    title: str
    places: list[float]
    ticks: list[tuple[float, str]]


def parallel_coordinates(results: SweepResults) -> go.Figure:
    """Draws each run that was trained to its end as a line through its settings, its validation and test accuracy.

    Lines and not Plotly's own trace of this name: that one needs WebGL, which not every computer has. The runs of the
    best point are drawn thicker and dotted, over the others.

    Args:
        results: with one complete run or more.
    """
    runs = [each for each in results.runs if each.is_complete]
    runs.sort(key=lambda each: each.point == results.best_point)
    most = 2 if results.plan.way == "random" else _FEW  # drawn values lie anywhere, also close together
    axes = [
        _of_setting(factor, [results.plan.points[each.point][place] for each in runs], most)
        for place, factor in enumerate(results.plan.factors)
    ]
    axes.append(_of_accuracy("validation accuracy", [each.validation or 0.0 for each in runs]))
    if all(each.test is not None for each in runs):
        axes.append(_of_accuracy("test accuracy", [each.test or 0.0 for each in runs]))
    figure = FigureDraft()
    named: set[bool] = set()
    for number, each in enumerate(runs):
        is_best = each.point == results.best_point
        figure.add_scatter(
            x=list(range(len(axes))),
            y=[axis.places[number] for axis in axes],
            mode="lines+markers",
            name="best point" if is_best else "other points",
            line={"color": COMPARISON, "width": 4, "dash": "dot"} if is_best else {"color": DATA, "width": 1.5},
            marker={"size": 7, "color": COMPARISON if is_best else DATA},
            hovertext=_hover(results, each),
            hoverinfo="text",
            showlegend=is_best not in named,
        )
        named.add(is_best)
    for place, axis in enumerate(axes):
        figure.add_shape(type="line", x0=place, x1=place, y0=0, y1=1, line={"color": REST, "width": 1}, layer="below")
        for height, text in axis.ticks:
            # The ends above and below, where no line runs; in between beside the axis.
            is_top, is_bottom = height == 1, height == 0
            is_end = is_top or is_bottom
            figure.add_annotation(
                x=place,
                y=height,
                text=text,
                showarrow=False,
                xanchor="center" if is_end else "left",
                xshift=0 if is_end else 8,
                yanchor="bottom" if is_top else "top" if is_bottom else "middle",
                yshift=6 if is_top else -6 if is_bottom else 0,
                font=TEXT_FONT,
            )
    plain_layout(figure, "Each run as a line", 420)
    figure.update_layout(margin={"l": 40, "r": 20, "t": 84, "b": 100}, hovermode="closest")
    figure.update_xaxes(
        title={"text": "settings, then what was reached"},
        tickvals=list(range(len(axes))),
        ticktext=[axis.title.replace(" ", "<br>", 1) for axis in axes],
        tickangle=0,
        range=[-0.35, len(axes) - 0.65],
        showgrid=False,
        fixedrange=True,
    )
    figure.update_yaxes(
        title={"text": "low to high on each axis"},
        showticklabels=False,
        showgrid=False,
        zeroline=False,
        range=[-0.12, 1.12],
        fixedrange=True,
    )
    return figure.build()


def _of_accuracy(title: str, accuracies: Sequence[float]) -> _Axis:
    low, high = min(accuracies), max(accuracies)
    places = _scaled(accuracies)
    ends = {low: places[list(accuracies).index(low)], high: places[list(accuracies).index(high)]}
    return _Axis(title, places, [(place, accuracy_text(accuracy)) for accuracy, place in ends.items()])


def _of_setting(factor: Factor, values: Sequence[Value], most: int) -> _Axis:
    """Returns the axis of one setting: choices have even places, settings that differ by factors their logarithms."""
    kinds = list(dict.fromkeys(values))
    if not factor.is_number:
        numbers = [float(kinds.index(value)) for value in values]
    else:
        numbers = [float(value) for value in values]
        kinds.sort(key=float)
        if factor.is_log and min(numbers) > 0:
            numbers = [math.log10(number) for number in numbers]
        if len(kinds) > most:
            kinds = [kinds[0], kinds[-1]]
    places = _scaled(numbers)
    by_value = dict(zip(values, places, strict=True))
    return _Axis(factor.label, places, [(by_value[value], factor.words(value)) for value in kinds])


def _scaled(numbers: Sequence[float]) -> list[float]:
    low, high = min(numbers), max(numbers)
    return [(number - low) / (high - low) if high > low else 0.5 for number in numbers]


def _hover(results: SweepResults, result: RunResult) -> str:
    test = "" if result.test is None else f", test {accuracy_text(result.test)}"
    return (
        f"{results.plan.point_words(result.point)}, seed {result.seed}: "
        f"validation {accuracy_text(result.validation or 0.0)}{test}"
    )
