"""Variants of drawn digits, held against what must not change, and against the habits that they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from model_lib.drawing.stroke_variants import StrokeVariation, vary_strokes
from model_lib.drawing.strokes import strokes_to_image
from model_lib.predictions import load_pretrained, predict
from tests.support.drawn_digits import DRAWN_DIGITS

_STILL = StrokeVariation(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def _rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("digit", range(10))
def test_without_any_change_the_drawing_stays_the_same_image(digit: int) -> None:
    varied = vary_strokes(DRAWN_DIGITS[digit], digit, _rng(), _STILL)
    image, before = (strokes_to_image(strokes) for strokes in ([each * 200 for each in varied], DRAWN_DIGITS[digit]))
    assert image is not None
    assert before is not None
    assert np.abs(image - before).max() < 0.35  # points at other places of the same lines
    assert np.abs(image - before).mean() < 0.01


def test_the_drawing_itself_is_not_changed_and_a_seed_gives_the_same_variant_again() -> None:
    before = [stroke.copy() for stroke in DRAWN_DIGITS[4]]
    first, again, other = (vary_strokes(DRAWN_DIGITS[4], 4, _rng(seed)) for seed in (1, 1, 2))
    for stroke, kept in zip(DRAWN_DIGITS[4], before, strict=True):
        np.testing.assert_array_equal(stroke, kept)
    np.testing.assert_array_equal(np.concatenate(first), np.concatenate(again))
    assert not np.array_equal(np.concatenate(first)[:5], np.concatenate(other)[:5])


@pytest.mark.parametrize(("digit", "strokes"), [(0, 2), (1, 2), (7, 2)])
def test_slashes_bases_flags_and_bars_are_strokes_of_their_own(digit: int, strokes: int) -> None:
    always = StrokeVariation(allograph=1.0, joined=0.0, broken=0.0)
    counts = {len(vary_strokes(DRAWN_DIGITS[digit], digit, _rng(seed), always)) for seed in range(20)}
    assert min(counts) == strokes
    # A digit that has such a stroke already gets no second one.
    drawn = [*DRAWN_DIGITS[digit], np.array([[90.0, 140.0], [190.0, 130.0]])]
    assert len(vary_strokes(drawn, digit, _rng(), always)) <= strokes + (digit == 7)


def test_the_slash_of_a_zero_crosses_its_middle() -> None:
    always = StrokeVariation(0, 0, 0, 0, 0, 0, 1, 0, 0, 0)
    for seed in range(10):
        slash = vary_strokes(DRAWN_DIGITS[0], 0, _rng(seed), always)[-1]
        assert np.hypot(*slash.T).min() < 0.1


def test_a_hooked_nine_ends_left_of_where_it_ended() -> None:
    always = StrokeVariation(0, 0, 0, 0, 0, 0, 1, 0, 0, 0)
    straight = vary_strokes(DRAWN_DIGITS[9], 9, _rng(), _STILL)[-1]
    for seed in range(10):
        hooked = vary_strokes(DRAWN_DIGITS[9], 9, _rng(seed), always)[-1]
        assert hooked[-1, 0] < straight[-1, 0] - 0.03


def test_a_dot_can_be_varied_too() -> None:
    (dot,) = vary_strokes([np.array([[5.0, 5.0]])], 1, _rng(), StrokeVariation(allograph=0))
    assert dot.shape == (1, 2)
    assert np.isfinite(dot).all()


def test_most_variants_are_still_read_as_their_digit() -> None:
    rng = _rng()
    for digit, strokes in DRAWN_DIGITS.items():
        drawn = [strokes_to_image([each * 200 for each in vary_strokes(strokes, digit, rng)]) for _ in range(40)]
        answers = predict(load_pretrained(), np.stack(drawn)).argmax(axis=1)  # type: ignore[arg-type]
        assert (answers == digit).mean() > 0.75, digit
