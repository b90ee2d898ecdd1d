"""Figures of images and of what they have in common."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from model_lib.datasets.loading import DIGIT_NAMES, FASHION_NAMES, load_dataset
from model_lib.figures import style
from model_lib.figures.data.number_table import number_table
from model_lib.figures.data.pixels import numbers_figure, picture_figure
from model_lib.figures.data.prediction_sheet import prediction_sheet_figure
from model_lib.figures.data.statistics import (
    class_counts_figure,
    mean_images_figure,
    pixel_histogram_figure,
    sheet_figure,
)
from model_lib.figures.data.variants import describe_variants, variants_figure
from model_lib.figures.text import data_description as description
from model_lib.figures.text.table import figure_table
from model_lib.layers.receptive_field import Box
from tests.figures.decode import greys, pixels_of
from tests.support.contrast import contrast, rgb

_TEST = load_dataset("mnist").test
_SEVEN = _TEST.images[0]
_WINDOW = Box(3, 19, 12, 28)


def test_the_picture_shows_each_pixel_in_its_shade_and_each_can_be_clicked() -> None:
    figure = picture_figure(_SEVEN, (7, 22), _WINDOW, "Seven")
    np.testing.assert_array_equal(pixels_of(figure)[..., 0], greys(_SEVEN / 255))
    targets = figure.data[-1]
    assert [tuple(place) for place in targets.customdata] == [(row, col) for row in range(28) for col in range(28)]
    assert targets.hovertext[7 * 28 + 22] == f"row 7, column 22: {_SEVEN[7, 22]}"
    frame = figure.layout.shapes[-1]
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (21.5, 22.5, 6.5, 7.5)


def test_the_table_writes_the_numbers_of_the_window_with_the_rows_and_columns_of_the_image() -> None:
    figure = numbers_figure(_SEVEN, (7, 22), _WINDOW, False, "Numbers")
    heatmap, targets = figure.data
    np.testing.assert_array_equal(heatmap.z, _SEVEN[3:12, 19:28])
    assert (list(heatmap.x), list(heatmap.y)) == (list(range(19, 28)), list(range(3, 12)))
    assert heatmap.texttemplate == "%{z}"
    assert list(targets.customdata[0]) == [3, 19]
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("column", "row")
    table = figure_table(figure)
    assert table["row"] == [str(row) for row in range(3, 12)]
    assert table["22"] == [str(number) for number in _SEVEN[3:12, 22]]


def test_the_numbers_from_0_to_1_are_those_of_the_file_divided_by_255() -> None:
    heatmap = numbers_figure(_SEVEN, (7, 22), _WINDOW, True, "Numbers").data[0]
    np.testing.assert_allclose(heatmap.z, _SEVEN[3:12, 19:28] / 255)
    assert (heatmap.zmax, heatmap.texttemplate) == (1, "%{z:.2f}")


def test_an_image_of_a_sheet_is_clicked_by_its_index_and_has_its_label_above_it() -> None:
    indices = [5, 17, 99]
    figure = sheet_figure(_TEST.images[indices], indices, _TEST.labels[indices].tolist(), 17, "Sheet")
    assert list(figure.data[-1].customdata) == indices
    assert list(figure.data[-2].text) == [str(label) for label in _TEST.labels[indices]]
    assert figure.layout.shapes
    assert not sheet_figure(_TEST.images[indices], indices, [1, 7, 9], 18, "Sheet").layout.shapes


def test_a_disputed_label_has_a_question_mark_on_the_sheet() -> None:
    figure = sheet_figure(_TEST.images[[946, 947]], [946, 947], [9, 8], 946, "Sheet", {947})
    assert list(figure.data[-2].text) == ["9", "8?"]
    assert list(figure.data[-1].hovertext) == ["image 946, label 9", "image 947, label 8, disputed"]


def test_a_variant_that_is_predicted_otherwise_has_a_cross() -> None:
    figure = variants_figure(_TEST.images[:3], [7, 2, 7], 7)
    assert list(figure.data[-2].text) == ["7", "2 ✗", "7"]
    assert figure.data[-1].hovertext[1] == "variant 2, predicted as 2"
    words = "3 variants of the image, predicted as 7: 2, 2: 1; the image itself as 7"
    assert describe_variants(_TEST.images[:3], [7, 2, 7], 7) == words
    assert describe_variants(_TEST.images[:3], None, None) == "3 variants of the image"
    assert list(variants_figure(_TEST.images[:3], None, None).data[-1].hovertext)[2] == "variant 3"


def test_the_bars_of_the_classes_have_their_counts_with_separators() -> None:
    counts = np.array([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    figure = class_counts_figure(counts, DIGIT_NAMES)
    assert list(figure.data[0].x) == counts.tolist()
    assert figure.data[0].text[:2] == ("5,923", "6,742")
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("images", "label")
    assert figure_table(figure) == {"label": list(DIGIT_NAMES), "images": [f"{count:,}" for count in counts]}
    words = description.describe_class_counts(counts, DIGIT_NAMES)
    assert words == "60,000 images: most 1 with 6,742, fewest 5 with 5,421"


def test_the_mean_images_are_clicked_by_label_and_named() -> None:
    means = np.full((10, 28, 28), np.nan)
    means[:3] = np.array([10.0, 30.0, 20.0])[:, np.newaxis, np.newaxis]
    figure = mean_images_figure(means, FASHION_NAMES)
    assert list(figure.data[-1].customdata) == list(range(10))
    assert list(figure.data[-2].text) == list(FASHION_NAMES)
    assert figure.data[-1].hovertext[1:4] == (
        "label Trouser: mean pixel 30.0", "label Pullover: mean pixel 20.0", "label Dress: no image",
    )  # fmt: skip
    words = description.describe_mean_images(means, FASHION_NAMES)
    assert words == "most white Trouser with a mean pixel of 30.0 of 255, least T-shirt/top with 10.0"


def test_the_histogram_is_logarithmic_and_leaves_values_out_that_no_pixel_has() -> None:
    counts = np.zeros(256, np.int64)
    counts[[0, 100, 255]] = 800, 150, 50
    figure = pixel_histogram_figure(counts)
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([0, 100, 255], [800, 150, 50])
    assert figure.layout.yaxis.type == "log"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == (
        "value of a pixel",
        "pixels (logarithmic)",
    )
    words = "80.0 % of the 1,000 pixels are 0 (black), 5.0 % are 255 (white)"
    assert description.describe_pixel_values(counts) == words


def test_an_image_is_told_by_its_pixels_that_are_not_0() -> None:
    image = np.zeros((28, 28), np.uint8)
    assert description.describe_pixels(image) == "all 784 pixels are 0"
    image[3, 5], image[20, 9] = 255, 1
    assert description.describe_pixels(image) == "2 of 784 pixels are not 0, in rows 3 to 20 and columns 5 to 9"
    words = description.describe_numbers(image[:9, :9], 3, 5, "255")
    assert words == "9 x 9 numbers, 80 of them 0; row 3, column 5: 255"


@pytest.mark.parametrize("is_scaled", [False, True])
def test_the_whole_table_has_every_number_on_its_shade_with_the_numbers_of_rows_and_columns(is_scaled: bool) -> None:
    table = ElementTree.fromstring(number_table(_SEVEN, (7, 22), is_scaled, "Seven"))
    head, *rows = table.iter("tr")
    assert [cell.text for cell in head][1:] == [str(column) for column in range(28)]
    assert [row[0].text for row in rows] == [str(row) for row in range(28)]
    cells = [[cell for cell in row if cell.tag == "td"] for row in rows]
    written = [[cell.text for cell in row] for row in cells]
    assert written == [[f"{each / 255:.2f}" if is_scaled else str(each) for each in row] for row in _SEVEN.tolist()]
    styles = np.array([[cell.get("style", "") for cell in row] for row in cells])
    assert np.argwhere(np.char.find(styles, style.SELECTION) >= 0).tolist() == [[7, 22]]
    value = int(_SEVEN[7, 22])
    assert f"background:#{value:02X}{value:02X}{value:02X}" in styles[7, 22]


def test_numbers_can_be_read_on_every_shade() -> None:
    for level in range(256):
        background, letters = style.shade(level / 255)
        on_it = {"black": "#000000", "white": "#FFFFFF"}[letters]
        assert contrast(rgb(background), rgb(on_it)) >= 4.5, level


def test_the_sheet_of_predictions_frames_the_wrong_ones() -> None:
    labels, predictions = np.array([7, 2, 1]), np.array([7, 3, 1])
    figure = prediction_sheet_figure(_TEST.images[:3], labels, predictions, DIGIT_NAMES, "Predictions")
    written = next(trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text")
    assert list(written.text) == ["7", "3", "1"]
    assert figure.data[-1].hovertext[1] == "test image 1: label 2, predicted 3"
    assert {shape.x0 for shape in figure.layout.shapes} == {written.x[1] - 14}
    assert not prediction_sheet_figure(_TEST.images[:3], labels, labels, DIGIT_NAMES, "Predictions").layout.shapes
