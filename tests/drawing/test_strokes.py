"""Drawings against real MNIST digits, hand counts and SciPy."""

import itertools

import numpy as np
import pytest
from scipy import ndimage

from model_lib.datasets.loading import load_dataset
from model_lib.drawing.canvas_json import read_canvas, split_digits
from model_lib.drawing.preprocessing import FRAMINGS, area_resample, frame_pixels
from model_lib.drawing.strokes import PEN_WIDTH, Drawing, DrawingError, draw_strokes, frame_drawing, strokes_to_image
from tests.support.drawn_digits import DRAWN_DIGITS

_DIGITS = load_dataset("mnist").train.images[:500]


def _path(points: list[list[object]]) -> dict[str, object]:
    return {"objects": [{"type": "path", "path": points, "strokeWidth": 12}]}


def test_real_mnist_digits_enlarged_tenfold_come_back_nearly_unchanged() -> None:
    enlarged = np.kron(_DIGITS, np.ones((10, 10))) / 255
    framed = np.stack([frame_pixels(page).image for page in enlarged])
    assert framed.shape == (500, 28, 28)
    assert np.abs(framed * 255 - _DIGITS).mean() < 3


def test_area_resampling_is_the_mean_of_each_block() -> None:
    page = np.random.default_rng(1).random((60, 60)).astype(np.float32)
    blocks = page.reshape(20, 3, 20, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(area_resample(page, 0, 0, 60, 20), blocks, atol=1e-6)


def test_area_resampling_between_pixels_keeps_the_amount_of_ink() -> None:
    page = np.zeros((50, 50), np.float32)
    page[20:27, 22:25] = 1
    small = area_resample(page, 13.5, 12.25, 23, 20)
    assert small.sum() * (23 / 20) ** 2 == pytest.approx(21, rel=1e-4)


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


def test_the_replay_shows_the_first_strokes() -> None:
    four = Drawing(tuple(DRAWN_DIGITS[4]))
    assert frame_drawing(four.first_strokes(0)) is None
    np.testing.assert_array_equal(frame_drawing(four.first_strokes(1)).image, strokes_to_image(DRAWN_DIGITS[4][:1]))


def test_curves_of_the_canvas_are_read_as_they_bend() -> None:
    drawing = read_canvas(_path([["M", 0, 0], ["Q", 50, 100, 100, 0], ["L", 100, 50]]))
    (stroke,) = drawing.strokes
    np.testing.assert_allclose(stroke[0], [0, 0])
    np.testing.assert_allclose(stroke[2], [50, 50])  # half way along, a quadratic curve is at (start + 2 pull + end)/4
    np.testing.assert_allclose(stroke[-2:], [[100, 0], [100, 50]])
    assert drawing.pen_width_px == 12


@pytest.mark.parametrize("content", [None, {}, {"objects": []}, {"objects": [{"type": "rect"}, 7]}])
def test_an_empty_canvas_has_no_strokes(content: object) -> None:
    assert read_canvas(content).strokes == ()


@pytest.mark.parametrize(
    "content",
    [
        7,
        "objects",
        {"objects": 3},
        {"objects": "path"},
        {"objects": [{"type": "path"}]},
        {"objects": [{"type": "path", "path": "M 0 0"}]},
        _path([["M", 1]]),
        _path([["M", 1, float("nan")]]),
        _path([["M", 1, float("inf")]]),
        _path([["M", 1, "2"]]),
        _path([["A", 1, 2]]),
        _path([[]]),
        _path([7]),
        _path([["L", 1, 2]] * 600_000),
        {"objects": _path([["M", 1, 2]])["objects"] * 6_000},
    ],
)
def test_damaged_canvas_data_is_named(content: object) -> None:
    with pytest.raises(DrawingError):
        read_canvas(content)


def test_a_hundred_thousand_points_of_the_canvas_are_read() -> None:
    points = np.random.default_rng(1).uniform(0, 280, (100_000, 2)).tolist()
    drawing = read_canvas(_path([["M", *points[0]], *(["L", *point] for point in points[1:])]))
    assert drawing.strokes[0].shape == (100_000, 2)


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


def test_one_digit_of_several_strokes_stays_whole() -> None:
    for strokes in DRAWN_DIGITS.values():
        assert len(split_digits(Drawing(tuple(strokes)))) == 1
    assert split_digits(Drawing(())) == ()


def test_a_slip_of_the_pen_is_no_digit_of_its_own() -> None:
    slip = np.array([[250.0, 20.0], [252.0, 21.0]])
    assert len(split_digits(Drawing((*DRAWN_DIGITS[3], slip)))) == 1
    assert len(split_digits(Drawing((slip,)))) == 1
