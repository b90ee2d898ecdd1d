"""A drawing at intermediate times."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from model_lib.drawing.replay import MOST_MOMENTS, moments_of
from model_lib.drawing.strokes import Drawing
from tests.support.drawn_digits import DRAWN_DIGITS


def _length(drawing: Drawing) -> float:
    """Sums the distances between neighbouring points, as SciPy computes them."""
    return sum(float(np.trace(cdist(stroke[:-1], stroke[1:]))) for stroke in drawing.strokes)


@pytest.mark.parametrize("digit", range(10))
def test_moments_grow_from_nothing_to_the_whole_drawing(digit: int) -> None:
    drawing = Drawing(tuple(DRAWN_DIGITS[digit]))
    moments = moments_of(drawing)
    lengths = [_length(moment.drawing) for moment in moments]
    assert 1 < len(moments) <= MOST_MOMENTS
    assert lengths == sorted(set(lengths))
    assert lengths[-1] == pytest.approx(_length(drawing))
    for part, whole in zip(moments[-1].drawing.strokes, drawing.strokes, strict=True):
        np.testing.assert_array_equal(part, whole)


def test_every_end_of_a_stroke_is_a_moment() -> None:
    ends = [moment for moment in moments_of(Drawing(tuple(DRAWN_DIGITS[4]))) if moment.is_end_of_stroke]
    assert [moment.stroke for moment in ends] == [1, 2]
    assert [len(moment.drawing.strokes) for moment in ends] == [1, 2]


def test_the_moments_of_a_straight_line_lie_evenly_on_it() -> None:
    line = np.stack([np.linspace(0, 200, 201), np.full(201, 140.0)], axis=1)
    ends = [moment.drawing.strokes[0][-1, 0] for moment in moments_of(Drawing((line,)), most=5)]
    np.testing.assert_allclose(ends, [40, 80, 120, 160, 200], atol=1)


def test_of_more_strokes_than_moments_evenly_spaced_ends_remain() -> None:
    strokes = tuple(np.array([[x, 0.0], [x, 10.0]]) for x in range(100))
    moments = moments_of(Drawing(strokes), most=10)
    assert [moment.stroke for moment in moments] == [1, 12, 23, 34, 45, 56, 67, 78, 89, 100]
    assert all(moment.is_end_of_stroke for moment in moments)


def test_a_blank_canvas_has_no_moments_and_a_dot_has_one() -> None:
    assert moments_of(Drawing(())) == []
    assert len(moments_of(Drawing((np.array([[5.0, 5.0]]),)))) == 1


def test_moments_keep_the_canvas_and_the_pen() -> None:
    moment = moments_of(Drawing(tuple(DRAWN_DIGITS[7]), 320, 25.0))[0]
    assert (moment.drawing.canvas_size, moment.drawing.pen_width_px) == (320, 25.0)
