"""Figures of a training's inside: bands that enclose each other, gaps where numbers are not finite, a line a layer."""

from __future__ import annotations

import itertools

import numpy as np

from model_lib.diagnostics.statistics import PROBABILITIES, LayerStatistics, NetworkStatistics
from model_lib.figures.text.statistics_description import (
    describe_dead_units,
    describe_distribution,
    describe_gradient_norms,
)
from model_lib.figures.text.table import figure_table
from model_lib.figures.training.statistics import dead_units, distribution_over_steps, gradient_norms, layer_names


def _quantiles(scale: float) -> tuple[float, ...]:
    return tuple(scale * (probability - 0.4) for probability in PROBABILITIES)


def _at(step: int, scale: float | None, dead: int = 0) -> NetworkStatistics:
    numbers = None if scale is None else _quantiles(scale)
    dense = LayerStatistics(
        name="dense_1", kind="Dense", units=8, dead=dead, gradient_norm=scale, weights=numbers, biases=numbers
    )
    output = LayerStatistics(name="output", kind="Dense", units=10, gradient_norm=scale and 3 * scale, weights=numbers)
    return NetworkStatistics(step=step, images=128, loss=scale, layers=(dense, output))


_MEASURED = [_at(0, 1.0), _at(10, 2.0, dead=2), _at(40, 4.0, dead=6), _at(41, None, dead=6)]


def test_only_layers_that_have_the_quantity_are_offered() -> None:
    assert layer_names(_MEASURED, "weights") == {"dense_1": "Dense 1", "output": "Output"}
    assert layer_names(_MEASURED, "biases") == {"dense_1": "Dense 1"}
    assert layer_names([], "weights") == {}


def test_the_bands_enclose_each_other_and_the_median() -> None:
    figure = distribution_over_steps(_MEASURED, "dense_1", "weights", end=100)
    *bands, median = figure.data
    assert len(bands) == 8
    assert list(median.x) == [0, 10, 40]  # at 41 nothing was finite
    np.testing.assert_allclose(median.y, [0.1, 0.2, 0.4])
    pairs = list(zip(bands[::2], bands[1::2], strict=True))
    for (outer_low, outer_high), (low, high) in itertools.pairwise(pairs):
        assert (np.array(outer_low.y) <= np.array(low.y)).all()
        assert (np.array(high.y) <= np.array(outer_high.y)).all()
    assert all(high.fill == "tonexty" and low.fill is None for low, high in pairs)
    assert figure.layout.xaxis.title.text == "steps"
    assert figure.layout.yaxis.title.text == "weights"
    assert tuple(figure.layout.xaxis.range) == (0, 100)


def test_the_numbers_can_be_read_as_a_table() -> None:
    table = figure_table(distribution_over_steps(_MEASURED, "dense_1", "weights", end=100))
    assert table["steps"] == ["0", "10", "40"]
    assert table["median"] == ["0.1", "0.2", "0.4"]
    assert set(table) == {"steps", "least", "7 %", "16 %", "31 %", "median", "69 %", "84 %", "93 %", "largest"}


def test_norms_have_a_line_for_each_layer_on_a_logarithmic_axis_and_gaps() -> None:
    figure = gradient_norms(_MEASURED, end=41)
    assert figure.layout.yaxis.type == "log"
    assert [trace.name for trace in figure.data] == ["Dense 1", "Output"]
    assert list(figure.data[1].y) == [3.0, 6.0, 12.0, None]
    assert len({trace.marker.symbol for trace in figure.data}) == 2


def test_dead_units_are_shares_of_their_layer() -> None:
    figure = dead_units(_MEASURED, end=41)
    assert figure is not None
    (line,) = figure.data
    assert list(line.y) == [0, 25, 75, 75]
    assert dead_units(_MEASURED[:1], end=41) is None


def test_the_text_alternatives_tell_the_numbers() -> None:
    assert describe_distribution(_MEASURED, "dense_1", "weights") == (
        "weights of Dense 1: median 0.4, from -1.6 to 2.4, after 40 steps"
    )
    assert describe_distribution([], "dense_1", "weights") == "weights: nothing yet"
    assert describe_gradient_norms(_MEASURED) == "norms of the gradients after 40 steps: Dense 1 4, Output 12"
    assert describe_gradient_norms([]) == "norms of the gradients: nothing yet"
    assert describe_dead_units(_MEASURED) == "dead units after 41 steps: 6 of 8 in Dense 1"
