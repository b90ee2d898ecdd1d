"""Accuracies with their intervals, and pairs of seeds."""

from __future__ import annotations

import pytest

from model_lib.figures.comparison.accuracy_intervals import accuracy_intervals
from model_lib.figures.comparison.seed_pairs import seed_pairs


def test_each_accuracy_has_its_wilson_interval_and_a_typed_name_is_shown_as_it_is() -> None:
    figure = accuracy_intervals(["<b>A</b>", "x" * 60], [0, 3], [81 / 263, 0.5], 263)
    points = figure.data[0]
    # Newcombe, 1998: 0.2553 to 0.3662.
    assert points.x[0] - points.error_x.arrayminus[0] == pytest.approx(25.53, abs=0.005)
    assert points.x[0] + points.error_x.array[0] == pytest.approx(36.62, abs=0.005)
    assert figure.data[0].marker.color != figure.data[1].marker.color
    assert figure.data[0].marker.symbol != figure.data[1].marker.symbol
    assert [each.text for each in figure.layout.annotations] == ["&lt;b&gt;A&lt;/b&gt;", "x" * 43 + "…"]
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text


def test_each_seed_is_a_line_and_the_mean_another() -> None:
    figure = seed_pairs(("rate 0", "rate 0.5"), [1, 4], [0.8, 0.9], [0.85, 0.97], "validation")
    assert [line.name for line in figure.data] == ["seed 1", "seed 4", "mean"]
    assert list(figure.data[1].y) == pytest.approx([90, 97])
    assert list(figure.data[2].y) == pytest.approx([85, 91])
    assert list(figure.layout.xaxis.ticktext) == ["rate 0", "rate 0.5"]
