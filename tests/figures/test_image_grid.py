"""Many images in one clickable figure."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from model_lib.datasets.loading import DIGIT_NAMES, FASHION_NAMES, load_dataset
from model_lib.evaluation.image_filter import (
    ImageFilter,
    filter_images,
)
from model_lib.figures.image_grid import captions_of, image_grid_figure, render_image_grid
from tests.support.fake_evaluations import answers

_ANSWERS = answers(mistakes=400)
_IMAGES = load_dataset("mnist").test.images


@pytest.mark.parametrize("count", [1, 25, 26, 100])
def test_a_sheet_shows_every_image_pixel_for_pixel_at_its_place(count: int) -> None:
    indices = np.arange(count)
    captions = captions_of(_ANSWERS, indices, DIGIT_NAMES, "mistakes")
    sheet = render_image_grid(_IMAGES[:count], captions)
    picture = np.array(Image.open(io.BytesIO(sheet.png)).convert("L"))
    assert picture.shape == (sheet.height_px, sheet.width_px)
    step = sheet.side_px // 28
    for (x, y), image in zip(sheet.centres, _IMAGES[:count], strict=True):
        left, top = round(x - sheet.side_px / 2), round(y - sheet.side_px / 2)
        tile = picture[top : top + sheet.side_px, left : left + sheet.side_px]
        np.testing.assert_array_equal(tile[step // 2 :: step, step // 2 :: step], image)


def test_only_mistakes_are_written_in_red() -> None:
    mistake = int(np.flatnonzero(_ANSWERS.is_mistake)[0])
    right = int(np.flatnonzero(~_ANSWERS.is_mistake)[0])
    wrong, fine = captions_of(_ANSWERS, np.array([mistake, right]), DIGIT_NAMES, "mistakes")
    assert (wrong.is_wrong, fine.is_wrong) == (True, False)
    confidence = _ANSWERS.probabilities[mistake].max()
    assert wrong.text == f"{_ANSWERS.probabilities[mistake].argmax()} ({confidence:.1f})"
    assert wrong.index == str(mistake)


def test_the_published_captions_are_written_out() -> None:
    right = np.flatnonzero(~_ANSWERS.is_mistake & (_ANSWERS.labels == 7))[:1]
    assert captions_of(_ANSWERS, right, DIGIT_NAMES, "labels")[0].text == "label=7, predict=7"
    assert captions_of(_ANSWERS, right, DIGIT_NAMES, "predictions")[0].text == "7"
    assert captions_of(_ANSWERS, right, FASHION_NAMES, "labels")[0].text == "label=Sneaker, predict=Sneaker"


def test_shortened_class_names_can_still_be_told_apart() -> None:
    indices = np.array([int(np.flatnonzero(_ANSWERS.predictions == digit)[0]) for digit in range(10)])
    words = [caption.text for caption in captions_of(_ANSWERS, indices, FASHION_NAMES, "predictions")]
    assert len(set(words)) == 10


def test_every_image_of_a_grid_can_be_clicked() -> None:
    indices = filter_images(_ANSWERS, ImageFilter())[:100]
    captions = captions_of(_ANSWERS, indices, DIGIT_NAMES, "mistakes")
    sheet = render_image_grid(_IMAGES[indices], captions)
    figure = image_grid_figure(sheet, indices.tolist(), [caption.detail for caption in captions])
    assert list(figure.data[0].customdata) == indices.tolist()
    assert len(figure.layout.images) == 1
    assert figure.data[0].hoverinfo != "skip"


def test_captions_of_large_images_have_larger_letters_where_they_fit() -> None:
    indices = np.flatnonzero(_ANSWERS.is_mistake)[:25]
    few, long = (
        render_image_grid(_IMAGES[indices], captions_of(_ANSWERS, indices, *style))
        for style in ((DIGIT_NAMES, "predictions"), (FASHION_NAMES, "labels"))
    )
    # A line of 25 px against two or three lines of 20 px, above images of the same size.
    assert few.side_px == long.side_px == 112
    assert few.height_px == 5 * (112 + 25 + 8) + 4 * 6
    assert long.height_px == 5 * (112 + 3 * 20 + 8) + 4 * 6
