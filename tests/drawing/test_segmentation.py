"""Digits side by side are told apart."""

import itertools

import numpy as np
import pytest

from model_lib.drawing import segmentation
from model_lib.drawing.ink_segmentation import split_ink
from model_lib.drawing.segmentation import split_digits
from model_lib.drawing.strokes import Drawing, draw_strokes
from tests.support.drawn_digits import DRAWN_DIGITS


@pytest.mark.parametrize("gap_px", [8, 60])
def test_digits_beside_each_other_are_split_from_left_to_right(gap_px: float) -> None:
    for digits in itertools.combinations([1, 4, 5, 7, 8, 0], 3):
        strokes, right = [], 0.0
        for digit in digits:
            left = min(stroke[:, 0].min() for stroke in DRAWN_DIGITS[digit])
            strokes += [stroke + np.array([right - left, 0]) for stroke in DRAWN_DIGITS[digit]]
            right = max(stroke[:, 0].max() for stroke in strokes) + max(gap_px, 12)
        groups = split_digits(Drawing(tuple(reversed(strokes)), 700))
        assert [len(group.strokes) for group in groups] == [len(DRAWN_DIGITS[digit]) for digit in digits]
        starts = [min(stroke[:, 0].min() for stroke in group.strokes) for group in groups]
        assert starts == sorted(starts)


def test_a_page_full_of_dots_is_one_drawing_and_its_pairs_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*strokes: object) -> float:
        raise AssertionError("two strokes were compared")

    monkeypatch.setattr(segmentation, "_is_same_digit", fail)
    dots = Drawing(tuple(np.array([[place % 25 * 10.0, place // 25 * 10.0]]) for place in range(500)))
    assert split_digits(dots) == (dots,)


def test_one_digit_of_several_strokes_stays_whole() -> None:
    for strokes in DRAWN_DIGITS.values():
        assert len(split_digits(Drawing(tuple(strokes)))) == 1
    assert split_digits(Drawing(())) == ()


def test_a_slip_of_the_pen_is_no_digit_of_its_own() -> None:
    slip = np.array([[250.0, 20.0], [252.0, 21.0]])
    assert len(split_digits(Drawing((*DRAWN_DIGITS[3], slip)))) == 1
    assert len(split_digits(Drawing((slip,)))) == 1


@pytest.mark.parametrize("digit", DRAWN_DIGITS)
def test_the_ink_of_one_digit_stays_whole_also_where_its_strokes_do_not_touch(digit: int) -> None:
    ink = draw_strokes(DRAWN_DIGITS[digit], 1.0, np.zeros(2), 280, 6.0, supersampling=2)
    (part,) = split_ink(ink)
    np.testing.assert_array_equal(part, ink)


def test_the_parts_of_a_picture_add_up_to_its_ink() -> None:
    digits = [draw_strokes(DRAWN_DIGITS[digit], 1.0, np.zeros(2), 280, 12.0, supersampling=2) for digit in (4, 1, 5)]
    parts = split_ink(np.hstack(digits))
    assert len(parts) == 3
    np.testing.assert_array_equal(sum(parts), np.hstack(digits))
    for place, (part, digit) in enumerate(zip(parts, digits, strict=True)):
        np.testing.assert_array_equal(part[:, 280 * place : 280 * place + 280], digit)


def test_an_empty_page_has_no_digits_and_a_page_full_of_dots_is_left_whole() -> None:
    assert split_ink(np.zeros((100, 100), np.float32)) == ()
    dots = np.zeros((100, 100), np.float32)
    dots[::5, ::5] = 1
    assert len(split_ink(dots)) == 1
