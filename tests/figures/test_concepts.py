"""Figures of How it works show the numbers that they are given, and their tables say them."""

from __future__ import annotations

import numpy as np

from model_lib.datasets.loading import load_dataset
from model_lib.figures.concepts.bars import pairs_figure, probabilities_figure, sums_figure, unit_shares_figure
from model_lib.figures.concepts.lines import Axis, Curve, lines_figure
from model_lib.figures.concepts.pictures import digit_picture, pixel_picture, vectors_figure, weight_pictures
from model_lib.figures.text.table import figure_table
from tests.figures.decode import greys, pixels_of

_PLACES = np.array([1.0, 10.0, 100.0])


def test_curves_have_a_dash_each_a_point_where_the_slider_stands_and_a_common_table() -> None:
    curves = [Curve("raw", np.array([3.0, 2.0, 1.0]), 2.0), Curve("scaled", np.array([3.0, 1.0, 0.5]), is_stepped=True)]
    axis = Axis("images", (1, 100), is_logarithmic=True, ticks=(1, 100))
    figure = lines_figure("Loss", axis, Axis("loss", suffix=" %"), _PLACES, curves, 10.0)
    raw, point, scaled = figure.data
    assert raw.line.dash != scaled.line.dash
    assert (scaled.line.shape, raw.line.shape) == ("hvh", None)
    assert (list(point.x), list(point.y)) == ([10.0], [2.0])
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("images", "loss")
    assert list(figure.layout.xaxis.range) == [0.0, 2.0]
    assert list(figure.layout.xaxis.ticktext) == ["1", "100"]
    assert figure_table(figure)["images"] == ["1", "10", "100"]
    assert set(figure_table(figure)) == {"images", "raw", "scaled"}


def test_a_single_curve_has_no_legend_and_measured_values_have_marks() -> None:
    figure = lines_figure("A", Axis("x"), Axis("y"), _PLACES, [Curve("a", _PLACES, is_measured=True)])
    assert not figure.layout.showlegend and not figure.layout.shapes
    assert figure.data[0].mode == "lines+markers"


def test_bars_have_their_numbers_upon_them() -> None:
    values = {"as numbers": np.array([4.0, 0.0]), "as vectors": np.array([2.0, 0.0])}
    numbers, vectors = pairs_figure(values, "Distance", "digit", "squared distance").data
    assert (list(numbers.text), list(vectors.text)) == (["4", "0"], ["2", "0"])
    assert numbers.marker.pattern.shape != vectors.marker.pattern.shape
    sums = sums_figure(np.array([1.5, -2.25]), 1, "Sums", "digit", "sum").data[0]
    assert (list(sums.y), list(sums.text)) == ([1.5, -2.25], ["1.5", "-2.2"])
    assert list(sums.marker.pattern.shape) == ["", "/"]
    assert list(probabilities_figure(np.full(10, 0.1), "Softmax", "digit", "probability").data[0].x) == [0.1] * 10


def test_dead_units_have_a_cross() -> None:
    bars, crosses = unit_shares_figure(np.array([0.5, 0.0, 1.0, 0.0]), "Units", "unit", "images", "dead").data
    assert list(bars.y) == [50.0, 0.0, 100.0, 0.0]
    assert list(crosses.x) == [1, 3]
    assert crosses.marker.symbol == "x"


def test_pictures_show_each_pixel_and_can_be_clicked() -> None:
    image = load_dataset("mnist").test.images[0]
    figure = pixel_picture(image / 255, (7, 22), "Pixels", 1.0, is_signed=False)
    np.testing.assert_array_equal(pixels_of(figure)[..., 0], greys(image / 255))
    np.testing.assert_array_equal(pixels_of(digit_picture(image, "A digit"))[..., 0], greys(image / 255))
    assert list(figure.data[-1].customdata[7 * 28 + 22]) == [7, 22]
    signed = pixels_of(pixel_picture(np.array([[-1.0, 0.0, 1.0]]), (0, 0), "Weights", 1.0, is_signed=True))
    red, white, blue = signed[0, :, :3].astype(int)
    assert red[0] > red[2] and blue[2] > blue[0] and min(white) > 240


def test_the_weights_of_ten_units_are_ten_pictures() -> None:
    kernel = np.random.default_rng(0).normal(0, 1, (784, 10))
    figure = weight_pictures(kernel, "Weights")
    assert list(figure.data[-1].customdata) == list(range(10))
    assert figure.data[-1].hovertext[3] == f"3: {kernel[:, 3].min():.2f} to {kernel[:, 3].max():.2f}"


def test_one_hot_vectors_are_rows_of_cells_with_their_numbers() -> None:
    figure = vectors_figure(np.eye(10, dtype=np.uint8)[[7, 9]], ["label 7", "digit 9"], "Vectors", "place")
    assert figure_table(figure)["7"] == ["1", "0"]
    assert figure_table(figure)["9"] == ["0", "1"]
