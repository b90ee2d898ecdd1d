"""Drawings against real MNIST digits, hand counts and SciPy."""

import numpy as np
import pytest
from scipy import ndimage

from model_lib.drawing.preprocessing import FRAMINGS
from model_lib.drawing.strokes import PEN_WIDTH, Drawing, DrawingError, draw_strokes, frame_drawing, strokes_to_image
from tests.support.drawn_digits import DRAWN_DIGITS


@pytest.mark.parametrize("digit", DRAWN_DIGITS)
def test_moving_scaling_and_another_canvas_do_not_change_a_digit(digit: int) -> None:
    strokes = DRAWN_DIGITS[digit]
    reference = strokes_to_image(strokes)
    for scale, x, y, canvas_size in [(1, -40, 25, 280), (0.15, 230, 240, 280), (0.06, 3, 2, 280), (3.7, 11, 5, 1200)]:
        moved = strokes_to_image([stroke * scale + (x, y) for stroke in strokes], canvas_size)
        assert np.abs(moved - reference).mean() * 255 < 1


@pytest.mark.parametrize("digit", DRAWN_DIGITS)
def test_the_width_of_the_canvas_pen_does_not_change_a_redrawn_digit(digit: int) -> None:
    images = [frame_drawing(Drawing(tuple(DRAWN_DIGITS[digit]), 280, width)).image for width in (1.0, 12.0, 45.0)]
    np.testing.assert_array_equal(images[0], images[1])
    np.testing.assert_array_equal(images[0], images[2])
    thin, thick = (
        frame_drawing(Drawing(tuple(DRAWN_DIGITS[digit]), 280, width), "centred").image.sum() for width in (4.0, 40.0)
    )
    assert thick > 1.5 * thin  # what the network sees without redrawing


@pytest.mark.parametrize("digit", DRAWN_DIGITS)
def test_more_points_on_the_same_lines_change_nothing(digit: int) -> None:
    dense = []
    for stroke in DRAWN_DIGITS[digit]:
        places = np.linspace(0, len(stroke) - 1, 50 * (len(stroke) - 1) + 1)
        dense.append(np.stack([np.interp(places, np.arange(len(stroke)), stroke[:, axis]) for axis in (0, 1)], axis=1))
    assert np.abs(strokes_to_image(dense) - strokes_to_image(DRAWN_DIGITS[digit])).mean() * 255 < 1


def test_a_digit_fills_twenty_pixels_and_its_mass_lies_in_the_middle() -> None:
    for strokes in DRAWN_DIGITS.values():
        image = strokes_to_image(strokes)
        assert image.dtype == np.float32
        assert image.max() == 1.0
        assert image.min() == 0.0
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
        # A whole-pixel shift: index 13.5 to 14.5, MNIST's own middle being 14.0.
        assert np.all(np.abs(np.array(ndimage.center_of_mass(image)) - 14) <= 0.5 + 1e-3)


def test_a_stroke_is_as_wide_as_the_pen() -> None:
    image = strokes_to_image([np.array([[100.0, 20.0], [100.0, 260.0]])])
    across = image[14]  # a row through the middle of a vertical line: its ink adds up to the pen's width
    assert across.sum() == pytest.approx(PEN_WIDTH, abs=0.1)


def test_a_drawn_line_covers_the_pixels_that_geometry_says() -> None:
    page = draw_strokes([np.array([[10.0, 20.0], [30.0, 20.0]])], 1.0, np.zeros(2), 40, 6.0)
    assert page.sum() == pytest.approx(20 * 6 + np.pi * 3**2, rel=0.03)  # a rectangle and two half discs
    assert ndimage.center_of_mass(page)[0] == pytest.approx(19.5, abs=0.05)  # index 19.5 is 20 from the edge
    assert ndimage.center_of_mass(page)[1] == pytest.approx(19.5, abs=0.05)


@pytest.mark.parametrize("strokes", [[], [np.empty((0, 2))], [[]], ()])
def test_a_blank_canvas_gives_nothing(strokes: list[np.ndarray]) -> None:
    assert strokes_to_image(strokes) is None


def test_a_tap_of_the_pen_stays_a_dot() -> None:
    for tap in ([[140.0, 140.0]], [[140.0, 140.0], [140.0, 140.0]], [[3.0, 3.0], [4.5, 3.5]]):
        image = strokes_to_image([np.array(tap)])
        assert 0 < image.sum() < 2 * PEN_WIDTH**2


@pytest.mark.parametrize(
    "strokes",
    [
        [np.array([[1.0, np.nan], [2.0, 3.0]])],
        [np.array([[1.0, np.inf]])],
        [np.array([[1e300, 1.0], [2.0, 3.0]])],
        [np.ones((3, 3))],
        [np.array([1.0, 2.0])],
        [[["a", "b"]]],
        [[[1.0, 2.0], [3.0]]],
    ],
)
def test_strokes_that_cannot_be_read_are_named(strokes: list[np.ndarray]) -> None:
    with pytest.raises(DrawingError, match="Stroke 1 must"):
        strokes_to_image(strokes)


@pytest.mark.parametrize("canvas_size", [0, -5, 2.5, 10**9, None])
def test_an_impossible_canvas_is_named(canvas_size: int) -> None:
    with pytest.raises(DrawingError, match="canvas_size"):
        strokes_to_image(DRAWN_DIGITS[3], canvas_size)


def test_a_hundred_thousand_points_are_drawn() -> None:
    wild = np.random.default_rng(1).uniform(0, 280, (100_000, 2))
    assert strokes_to_image([wild]).shape == (28, 28)
    circle = np.linspace(0, 2 * np.pi, 100_000)
    image = strokes_to_image([np.stack([140 + 100 * np.cos(circle), 140 + 100 * np.sin(circle)], axis=1)])
    radius = (20 - PEN_WIDTH) / 2
    assert image.sum() == pytest.approx(2 * np.pi * radius * PEN_WIDTH, rel=0.05)


def test_strokes_outside_the_canvas_are_framed_like_any_other() -> None:
    outside = [stroke - 1000 for stroke in DRAWN_DIGITS[5]]
    assert np.abs(strokes_to_image(outside) - strokes_to_image(DRAWN_DIGITS[5])).mean() * 255 < 1


@pytest.mark.parametrize("framing", FRAMINGS)
def test_every_framing_shows_its_steps_and_ends_with_the_image(framing: str) -> None:
    framed = frame_drawing(Drawing(tuple(DRAWN_DIGITS[2])), framing)
    assert framed.steps[-1].image is framed.image
    assert framed.image.shape == (28, 28)
    assert framed.steps[0].image.shape == (280, 280)
    for step in framed.steps:
        assert step.image.dtype == np.float32
        assert 0 <= step.image.min() <= step.image.max() <= 1
    assert frame_drawing(Drawing(()), framing) is None


def test_plain_resizing_leaves_a_digit_in_its_corner_and_the_other_framings_do_not() -> None:
    corner = Drawing(tuple(stroke * 0.3 for stroke in DRAWN_DIGITS[8]))
    middles = {framing: np.array(ndimage.center_of_mass(frame_drawing(corner, framing).image)) for framing in FRAMINGS}
    assert middles["resized"].max() < 7
    assert all(np.abs(middles[framing] - 14).max() < 1.5 for framing in ("boxed", "centred", "redrawn"))


def test_a_drawings_image_is_that_of_its_strokes_on_its_canvas() -> None:
    drawing = Drawing(tuple(stroke * 2 for stroke in DRAWN_DIGITS[4]), canvas_size=560)
    np.testing.assert_array_equal(drawing.image, strokes_to_image(drawing.strokes, 560))
    assert Drawing(()).image is None
