"""Figures of predictions."""

from __future__ import annotations

import numpy as np

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.figures.predictions import (
    large_image,
    probabilities_over_time,
    probability_bars,
)
from model_lib.figures.style import LABEL, MISTAKE, PREDICTION, REST

_PROBABILITIES = np.array([0.7, 0.2, 0.0995, 0.0005, 0, 0, 0, 0, 0, 0], np.float32)


def test_the_label_has_its_colour_and_a_wrong_prediction_the_one_of_mistakes_and_hatches() -> None:
    wrong, right = (probability_bars(_PROBABILITIES, DIGIT_NAMES, label).data[0] for label in (1, 0))
    assert list(wrong.marker.color) == [MISTAKE, LABEL, *[REST] * 8]
    assert list(right.marker.color) == [LABEL, *[REST] * 9]
    assert list(wrong.marker.pattern.shape) == ["/", *[""] * 9]
    assert list(right.marker.pattern.shape) == [""] * 10
    assert list(wrong.y) == list(DIGIT_NAMES)
    np.testing.assert_allclose(wrong.x, [70, 20, 9.95, 0.05, *[0] * 6], rtol=1e-6)


def test_each_class_has_its_percentage_in_a_column_and_the_prediction_is_bold() -> None:
    figure = probability_bars(_PROBABILITIES, DIGIT_NAMES)
    bars, percentages = figure.data
    assert list(bars.marker.color) == [PREDICTION, *[REST] * 9]
    assert list(percentages.text) == ["<b>70.0 %</b>", "20.0 %", "10.0 %", "< 0.1 %", *["< 0.1 %"] * 6]
    assert len(set(percentages.x)) == 1
    sure = probability_bars(np.array([0.9999, 0.0001, *[0] * 8]), DIGIT_NAMES)
    assert list(sure.data[1].text[:2]) == ["<b>> 99.9 %</b>", "< 0.1 %"]
    assert list(figure.layout.yaxis.ticktext) == ["<b>0</b>", *DIGIT_NAMES[1:]]
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("probability", "digit")


def test_every_pixel_of_a_large_image_has_its_value() -> None:
    pixels = np.arange(784, dtype=np.uint8).reshape(28, 28)
    figure = large_image(pixels)
    np.testing.assert_array_equal(figure.data[0].z, pixels)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("column", "row")
    assert tuple(figure.layout.yaxis.range) == (27.5, -0.5)  # row 0 at the top


def test_moments_run_from_left_to_right_and_the_chosen_one_is_marked() -> None:
    probabilities = np.random.default_rng(1).dirichlet(np.ones(10), 6).astype(np.float32)
    figure = probabilities_over_time(probabilities, DIGIT_NAMES, 2)
    np.testing.assert_array_equal(figure.data[0].z, 100 * probabilities.T)
    assert figure.data[0].text[4][1] == f"{100 * probabilities[1, 4]:.1f} %"
    assert list(figure.data[0].x) == [1, 2, 3, 4, 5, 6]
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == 3
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("moment", "digit")
