"""Scatter plots of projected images."""

from __future__ import annotations

import numpy as np

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.figures.embedding import projection_figure

_POINTS = np.arange(80, dtype=np.float64).reshape(40, 2)
_LABELS = np.tile(np.arange(10, dtype=np.uint8), 4)
_PREDICTIONS = _LABELS.astype(np.intp)
_PREDICTIONS[[3, 17]] = 0


def test_every_image_is_one_point_and_mistakes_stand_apart() -> None:
    figure = projection_figure(_POINTS, _LABELS, _PREDICTIONS, DIGIT_NAMES, "PCA", ("first", "second"))
    traces = {trace.name: trace for trace in figure.data if trace.name}
    assert list(traces["mistake"].customdata) == [3, 17]
    assert list(traces["mistake"].hovertext) == [
        "test image 3: label 3, predicted 0",
        "test image 17: label 7, predicted 0",
    ]
    indices = [index for trace in traces.values() for index in trace.customdata]
    assert sorted(indices) == list(range(40))
    for trace in traces.values():
        np.testing.assert_array_equal(np.stack([trace.x, trace.y], 1), _POINTS[list(trace.customdata)])
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("first", "second")


def test_class_names_lie_at_the_median_of_their_points() -> None:
    figure = projection_figure(_POINTS, _LABELS, _PREDICTIONS, DIGIT_NAMES, "PCA", ("", ""))
    texts = next(trace for trace in figure.data if trace.mode == "text")
    assert list(texts.text) == [f"<b>{name}</b>" for name in DIGIT_NAMES]
    assert (texts.x[4], texts.y[4]) == tuple(np.median(_POINTS[[4, 14, 24, 34]], axis=0))


def test_the_chosen_image_has_a_ring() -> None:
    ring = projection_figure(_POINTS, _LABELS, _PREDICTIONS, DIGIT_NAMES, "PCA", ("", ""), 12).data[-1]
    assert (ring.marker.symbol, ring.x[0], ring.y[0]) == ("circle-open", 24.0, 25.0)
