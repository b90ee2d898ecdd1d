"""Parallel coordinates of a sweep: one line a run, through its settings and what it reached."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import DATA, REST, TEXT_FONT, plain_layout
from model_lib.sweeps.factors import Factor, Value
from model_lib.sweeps.results import SweepResults

# More names than these would lie over each other.
_FEW: Final = 8


def parallel_coordinates(results: SweepResults) -> go.Figure:
    """Draws each run that was trained to its end as a line through its settings, its validation and test accuracy.

    The colour repeats the validation accuracy. A stretch marked on an axis leaves the lines through it in colour.

    Args:
        results: with one complete run or more.
    """
    runs = [each for each in results.runs if each.is_complete]
    dimensions = [
        _of_setting(factor, [results.plan.points[each.point][place] for each in runs])
        for place, factor in enumerate(results.plan.factors)
    ]
    validation = [100 * (each.validation or 0.0) for each in runs]
    dimensions.append({"label": "validation accuracy, %", "values": validation})
    if all(each.test is not None for each in runs):
        dimensions.append({"label": "test accuracy, %", "values": [100 * (each.test or 0.0) for each in runs]})
    figure = FigureDraft()
    figure.add_parcoords(
        dimensions=dimensions,
        line={"color": validation, "colorscale": [[0, REST], [1, DATA]]},
        labelfont=TEXT_FONT,
        tickfont=TEXT_FONT,
        rangefont=TEXT_FONT,
    )
    plain_layout(figure, "Each run as a line", 420)
    figure.update_layout(margin={"l": 80, "r": 80, "t": 110, "b": 40})
    return figure.build()


def _of_setting(factor: Factor, values: Sequence[Value]) -> dict[str, Any]:
    """Returns the axis of one setting: choices have places, and settings that differ by factors their logarithms."""
    kinds = list(dict.fromkeys(values))
    if not factor.is_number:
        by_value = {value: place for place, value in enumerate(kinds)}
        return {
            "label": factor.label,
            "values": [by_value[value] for value in values],
            "tickvals": list(by_value.values()),
            "ticktext": [factor.words(value) for value in kinds],
        }
    numbers = [float(value) for value in values]
    is_log = factor.is_log and min(numbers) > 0
    places = [math.log10(each) if is_log else each for each in numbers]
    named = kinds if len(kinds) <= _FEW else [min(values, key=float), max(values, key=float)]
    return {
        "label": factor.label,
        "values": places,
        "tickvals": [math.log10(float(value)) if is_log else float(value) for value in named],
        "ticktext": [factor.words(value) for value in named],
    }
