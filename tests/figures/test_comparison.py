"""Figures of runs beside each other: curves over each other, and accuracy against price."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model_lib.comparison.cost import PricedRun, best_for_the_price
from model_lib.comparison.curves import RunCurve
from model_lib.comparison.record import RunRecord
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.figures.comparison.cost import FRONT_NAME, cost_figure, describe_cost
from model_lib.figures.comparison.curves import ComparedCurve, compared_curves
from model_lib.figures.style import RUN_SYMBOLS, RUNS
from model_lib.figures.text.table import figure_table
from model_lib.storage.run import Run


def _curve(*values: float) -> RunCurve:
    places = np.arange(1.0, len(values) + 1)
    return RunCurve(places, np.array(values), places[-1:], np.array([0.5]))


_TWO = (ComparedCurve("One <b>", 0, _curve(0.2, 0.4, 0.9)), ComparedCurve("Two", 3, _curve(0.1, 0.3, 0.4, 0.8)))


def test_a_run_has_one_colour_and_one_symbol_and_its_lines_are_told_apart_by_their_dash() -> None:
    figure = compared_curves(_TWO, "accuracy", "epochs", 4)
    one, one_validation, two, two_validation, *keys = figure.data
    for trace, place in ((one, 0), (one_validation, 0), (two, 3), (two_validation, 3)):
        assert (trace.line.color, trace.marker.symbol) == (RUNS[place], RUN_SYMBOLS[place])
    assert {each.line.dash for each in (one, two)} == {None}
    assert {each.line.dash for each in (one_validation, two_validation)} == {"dot"}
    assert [key.name for key in keys] == ["training images: solid", "validation images: dotted"]
    assert [key.line.dash for key in keys] == [None, "dot"]
    assert list(two.y) == [10.0, 30.0, 40.0, 80.0]
    assert figure.layout.yaxis.range == (0, 100)
    assert figure.layout.xaxis.title.text == "epochs"


def test_a_click_on_a_name_in_the_legend_hides_both_lines_of_the_run() -> None:
    figure = compared_curves(_TWO, "loss", "steps", 4)
    assert figure.layout.legend.groupclick == "togglegroup"
    one, one_validation, two, _, *_ = figure.data
    assert one.legendgroup == one_validation.legendgroup != two.legendgroup
    assert [trace.name for trace in figure.data if trace.showlegend is not False][:2] == ["One &lt;b&gt;", "Two"]


def test_the_raw_line_stays_behind_the_smoothed_one() -> None:
    raw, line, *_ = compared_curves(_TWO, "loss", "steps", 4, smoothing=0.5).data
    assert list(raw.y) == [0.2, 0.4, 0.9]
    assert list(line.y) == pytest.approx([0.2, (0.1 + 0.4) / 1.5, (0.05 + 0.2 + 0.9) / 1.75])
    assert raw.hoverinfo == "skip" and raw.line.width < line.line.width
    assert set(figure_table(compared_curves(_TWO, "loss", "steps", 4, smoothing=0.5))) == {
        "steps",
        "One &lt;b&gt;",
        "One &lt;b&gt;, validation",
        "Two",
        "Two, validation",
    }


def test_either_kind_of_line_can_be_left_out_and_the_run_keeps_its_name_in_the_legend() -> None:
    validation = compared_curves(_TWO, "loss", "steps", 4, smoothing=0.5, has_training=False)
    assert [trace.name for trace in validation.data] == ["One &lt;b&gt;", "Two", "validation images: dotted"]
    training = compared_curves(_TWO, "loss", "steps", 4, has_validation=False)
    assert [trace.name for trace in training.data] == ["One &lt;b&gt;", "Two", "training images: solid"]


def test_the_close_up_has_the_second_half_of_each_curve() -> None:
    low, high = compared_curves(_TWO, "accuracy", "epochs", 4, is_close=True).layout.yaxis.range
    assert low == pytest.approx(40 - 0.05 * 50) and high == pytest.approx(90 + 0.05 * 50)
    assert compared_curves((), "loss", "epochs", 4, is_close=True).layout.yaxis.range is None


def test_a_loss_above_the_usual_axis_is_in_view_and_before_the_first_step_the_chart_says_so() -> None:
    high = ComparedCurve("High", 0, _curve(9.0, 2.0))
    assert compared_curves((high,), "loss", "epochs", 4).layout.yaxis.range == (0, 12)
    empty = RunCurve(*(np.empty(0) for _ in range(4)))
    figure = compared_curves((ComparedCurve("New", 0, empty),), "loss", "epochs", 4)
    assert [note.text for note in figure.layout.annotations] == ["Nothing measured yet"]


def _priced(name: str, price: float, accuracy: float) -> PricedRun:
    run = Run(Path("runs") / name)
    record = RunRecord(run, f"<i>{name}", "finished", PRESETS["mlp"], TrainingConfig(), 1, 0.0)
    return PricedRun(record, price, accuracy)


def test_runs_lie_at_their_price_and_accuracy_and_the_line_goes_through_the_best() -> None:
    runs = [_priced("cheap", 10, 0.9), _priced("bad", 20, 0.8), _priced("dear", 90, 0.95)]
    figure = cost_figure(runs, best_for_the_price(runs), {"dear": 2}, "parameters", "validation")
    line, others, dear = figure.data
    assert (line.name, list(line.x), list(line.y)) == (FRONT_NAME, [10, 90, 90], [90.0, 95.0, 95.0])
    assert line.line.shape == "hv"  # the best that so many parameters buy
    assert list(others.customdata) == ["cheap", "bad"] and others.marker.symbol == "circle-open"
    assert (dear.marker.color, dear.marker.symbol) == (RUNS[2], RUN_SYMBOLS[2])
    assert dear.hovertext == ("&lt;i&gt;dear<br>95.00 % on validation images<br>90 parameters",)
    assert figure.layout.xaxis.type == "linear"
    assert figure.layout.yaxis.title.text == "accuracy on validation images"
    assert figure_table(figure)["name"] == ["cheap", "bad", "dear"]


def test_prices_over_a_decade_have_a_logarithmic_axis_that_says_so() -> None:
    runs = [_priced("cheap", 10, 0.9), _priced("dear", 1000, 0.95)]
    axis = cost_figure(runs, runs, {}, "multiplications", "test").layout.xaxis
    assert (axis.type, axis.title.text) == ("log", "multiplications for one image (logarithmic axis)")


def test_the_words_for_the_chart_name_the_best_for_the_price() -> None:
    runs = [_priced("cheap", 10, 0.9), _priced("dear", 90, 0.95)]
    runs = [replace(run, record=replace(run.record, title=run.record.id)) for run in runs]
    assert describe_cost(runs, "seconds") == (
        "best for the price: cheap with 90.00 % at 10.0 seconds, then dear with 95.00 % at 90.0 seconds"
    )
    assert describe_cost([], "seconds") == "no run has both numbers"
