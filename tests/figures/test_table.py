"""Figures as tables, against tables written by hand and NumPy's, scikit-learn's numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from sklearn.metrics import confusion_matrix as sklearn_confusion

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.evaluation.confusion import confusion_counts
from model_lib.figures.confusion import confusion_matrix
from model_lib.figures.curves import training_curve
from model_lib.figures.layer_outputs import feature_map_figures, unit_outputs_figure
from model_lib.figures.output_trace import products_figure, table_figure
from model_lib.figures.predictions import probability_bars
from model_lib.figures.text.table import figure_table
from model_lib.storage.history import History
from tests.support.fake_evaluations import answers


def test_curves_share_the_column_of_their_axis_and_leave_cells_empty_where_they_have_no_point() -> None:
    figure = go.Figure()
    figure.add_scatter(x=[1, 2, 3], y=[0.5, 0.25, 0.125], mode="lines", name="training")
    figure.add_scatter(x=[3], y=[0.75], mode="lines+markers", name="validation")
    figure.add_scatter(x=[0, 3], y=[0, 1], mode="lines", name="a guide", hoverinfo="skip")
    figure.update_xaxes(title={"text": "epochs"})
    assert figure_table(figure) == {
        "epochs": ["1", "2", "3"],
        "training": ["0.5", "0.25", "0.125"],
        "validation": ["", "", "0.75"],
    }


def test_bars_have_a_row_each_whichever_way_they_lie() -> None:
    upright = go.Figure(go.Bar(x=["a", "b"], y=[99.0, 1.0], name="all filters on"))
    upright.update_xaxes(title={"text": "label"}).update_yaxes(ticksuffix=" %")
    expected = {"label": ["a", "b"], "all filters on": ["99.00 %", "1.00 %"]}
    assert figure_table(upright) == expected
    lying = go.Figure(go.Bar(y=["a", "b"], x=[99.0, 1.0], name="all filters on", orientation="h"))
    lying.update_yaxes(title={"text": "label"}).update_xaxes(ticksuffix=" %")
    assert figure_table(lying) == expected


def test_the_ten_probabilities_are_a_row_each() -> None:
    probabilities = np.array([0.0, 0.0, 0.25, 0.0, 0.75, 0.0, 0.0, 0.0, 0.0, 0.0])
    table = figure_table(probability_bars(probabilities, DIGIT_NAMES))
    assert table["digit"] == list("0123456789")
    assert table["probability"] == [f"{value:.2f} %" for value in 100 * probabilities]


@pytest.mark.parametrize("count", [0, 40])
def test_the_confusion_matrix_is_scikit_learns(count: int) -> None:
    evaluation = answers(mistakes=count)
    table = figure_table(confusion_matrix(confusion_counts(evaluation), DIGIT_NAMES))
    names = list(table)
    assert names == ["label", *DIGIT_NAMES]
    numbers = [[int(cell.replace(",", "") or 0) for cell in table[name]] for name in names[1:]]
    expected = sklearn_confusion(evaluation.labels, evaluation.predictions, labels=range(10))
    np.testing.assert_array_equal(np.transpose(numbers), expected)


def test_a_heatmap_keeps_its_rows_and_columns_and_several_stand_below_each_other() -> None:
    kernel = np.array([[1.0, -0.5], [0.25, 2.0]])
    assert figure_table(table_figure(kernel, "filter", is_signed=True)) == {
        "row": ["0", "1"],
        "0": ["1", "0.25"],
        "1": ["-0.5", "2"],
    }
    patch = np.array([[0.5, 1.0], [0.0, 0.25]])
    table = figure_table(products_figure(patch, kernel, patch * kernel, float((patch * kernel).sum())))
    assert table["part"] == ["input patch"] * 2 + ["x filter (weights)"] * 2 + ["= products, sum 0.500"] * 2
    assert table["1"] == ["1", "0.25", "-0.5", "2", "-0.5", "0.5"]


def test_tiles_are_listed_with_their_hover_texts() -> None:
    maps = np.zeros((2, 2, 3), np.float32)
    maps[0, 0] = [1.0, 2.0, 3.0]
    (figure,) = feature_map_figures(maps, 0, 0, True, "three maps", dead=[1])
    assert figure_table(figure) == {
        "number": ["0", "1", "2"],
        "caption": ["0", "1 ✕", "2"],
        "what it is": ["map 0: 0.00 to 1.00", "map 1: 0.00 to 2.00, dead", "map 2: 0.00 to 3.00"],
    }


def test_units_are_listed_whether_they_are_bars_or_a_line() -> None:
    few, many = (np.arange(units, dtype=np.float32) / 4 for units in (3, 300))
    expected = {"unit": ["0", "1", "2"], "output": ["0", "0.25", "0.5"]}
    assert figure_table(unit_outputs_figure(few, 0, "units")) == expected
    table = figure_table(unit_outputs_figure(many, 0, "units"))
    assert table["number"] == [str(unit) for unit in range(300)]
    assert table["what it is"][1] == "unit 1: 0.250"


def test_a_run_that_has_not_begun_has_an_empty_table_with_its_columns() -> None:
    figure = training_curve(History(Path()), "accuracy", "epochs", 3.0)
    assert figure_table(figure) == {"epochs": [], "training": []}


def test_a_picture_alone_has_no_table() -> None:
    assert figure_table(go.Figure(go.Image(source="data:image/png;base64,"))) == {}
