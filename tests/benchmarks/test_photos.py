"""The camera model and the benchmark of photographs."""

from __future__ import annotations

import io
import sys
from dataclasses import fields, replace

import numpy as np
import pytest
from PIL import Image

from benchmarks.drawing import photos
from benchmarks.drawing.camera import Conditions, Surface, photograph
from benchmarks.drawing.camera_conditions import TEST, TUNING
from benchmarks.drawing.numbers import compose_number
from model_lib.drawing.strokes import Drawing

# A camera that adds nothing: straight from above, in even light.
_IDEAL = replace(
    TEST,
    tilt_degrees=(0, 0),
    rotation_degrees=(0, 0),
    digit_height=(0.5, 0.5),
    off_centre=(0, 0),
    texture=(0, 0),
    gradient=(0, 0),
    shadow=(0, 0),
    vignetting=(0, 0),
    blur_px=(0, 0),
    noise=(0, 0),
    white_balance=(1, 1),
    exposure=(1, 1),
    jpeg_quality=(100, 100),
)
_CHALK = Surface("board", ((30, 90, 60),), ((230, 220, 210),), (0.1, 0.1), covers=True, grain=0)
_ONE = np.array([[0.0, 0.0], [0.0, 1.0]])


def _pixels(surface: Surface, conditions: Conditions, pen_width: float = 0.1) -> np.ndarray:
    content = photograph([_ONE], pen_width, surface, conditions, np.random.default_rng(1))
    return np.asarray(Image.open(io.BytesIO(content))).astype(int)


def test_an_ideal_camera_shows_the_colours_in_the_right_places() -> None:
    pixels = _pixels(_CHALK, _IDEAL)
    # A digit height is half of the picture's 600 pixels: the path from 150 to 450, with half of a pen's 30 around it.
    is_ink = pixels[..., 0] > 130
    rows, columns = np.flatnonzero(is_ink.any(axis=1)), np.flatnonzero(is_ink.any(axis=0))
    assert np.abs(np.array([rows[0], rows[-1], columns[0], columns[-1]]) - [135, 464, 385, 414]).max() <= 2
    assert np.abs(pixels[50, 50] - [30, 90, 60]).max() <= 3
    assert np.abs(pixels[300, 400] - [222, 212, 202]).max() <= 3  # chalk covers 92 %


def test_half_the_light_halves_linear_light() -> None:
    # sRGB's own figures: a grey of 188 has half the light of white (IEC 61966-2-1).
    white = Surface("plain", ((255, 255, 255),), ((0, 0, 0),), (0.1, 0.1))
    assert np.abs(_pixels(white, replace(_IDEAL, exposure=(0.5, 0.5)))[50, 50] - 188).max() <= 2


def test_ruled_lines_lie_as_far_apart_as_the_spacing() -> None:
    ruled = Surface(
        "ruled",
        ((255, 255, 255),),
        ((0, 0, 0),),
        (0.1, 0.1),
        ruling="ruled",
        line_colours=((100, 100, 100),),
        spacing=(0.25, 0.25),
        line_width=(0.04, 0.04),
    )
    column = _pixels(ruled, _IDEAL)[:, 20, 0]
    starts = np.flatnonzero(np.diff((column < 178).astype(int)) == 1)
    assert set(np.diff(starts)) <= {74, 75, 76}  # a quarter of 300 pixels


def test_the_tuning_set_shares_no_range_and_no_colour_with_the_test_set() -> None:
    for field in fields(Conditions):
        if field.name != "surfaces":
            assert getattr(TEST, field.name) != getattr(TUNING, field.name), field.name
    for test, tuning in zip(TEST.surfaces, TUNING.surfaces, strict=True):
        for name in ("backgrounds", "inks", "line_colours"):
            assert not set(getattr(test, name)) & set(getattr(tuning, name))


def test_a_number_is_of_one_writer_and_its_digits_keep_their_gaps() -> None:
    drawings = [Drawing((np.array([[5.0, 5.0], [30.0, 80.0]]),)) for _ in range(20)]
    labels, writers = np.arange(20) % 10, np.repeat(["3", "6"], 10)
    for seed in range(20):
        number = compose_number(drawings, labels, writers, 0.1, TEST, np.random.default_rng(seed))
        assert 2 <= len(number.text) <= 5
        assert number.text == "".join(str(labels[place]) for place in number.sources)
        assert len({writers[place] for place in number.sources}) == 1
        for left, right in zip(number.strokes, number.strokes[1:], strict=False):
            gap = right[:, 0].min() - left[:, 0].max() - 0.1
            assert TEST.gap[0] - 1e-9 <= gap <= TEST.gap[1] + 1e-9


def test_the_benchmark_prints_every_surface(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["photos", "--digits", "2", "--numbers", "1", "--drawn", "3"])
    photos.main()
    rows = [line.split("|")[1].strip() for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    surfaces = ["plain", "ruled", "squared", "board", "whiteboard"]
    assert rows == ["surface", *surfaces, "all", "surface", *surfaces, "all", "surface", "canvas"]
