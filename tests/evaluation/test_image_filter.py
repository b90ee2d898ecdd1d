"""Which images a gallery shows, how that is written into an address, and the sheet that shows them."""

from __future__ import annotations

import csv
import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from model_lib.datasets.loading import DIGIT_NAMES, FASHION_NAMES, load_dataset
from model_lib.evaluation.confusion import confusion_counts
from model_lib.evaluation.image_filter import (
    PUBLISHED,
    GalleryChoice,
    choice_from_address,
    chosen_images,
    images_csv,
    on_page,
    page_count,
)
from model_lib.figures.confusion import confusion_matrix
from model_lib.figures.image_grid import captions_of, draw_sheet, gallery
from tests.support.fake_evaluations import answers

_ANSWERS = answers(mistakes=400)
_IMAGES = load_dataset("mnist").test.images


def test_the_choice_of_a_cell_shows_as_many_images_as_the_cell_counts() -> None:
    counts = confusion_counts(_ANSWERS)
    narrow = GalleryChoice(least=99, page=3)
    for label in range(10):
        for prediction in range(10):
            indices = chosen_images(_ANSWERS, narrow.cell(label, prediction))
            assert len(indices) == counts[label, prediction]
            assert set(_ANSWERS.labels[indices]) <= {label}
            assert set(_ANSWERS.predictions[indices]) <= {prediction}


@pytest.mark.parametrize(
    ("sort", "keys"),
    [
        ("confidence", lambda index: -_ANSWERS.confidences[index]),
        ("doubt", lambda index: _ANSWERS.confidences[index]),
        ("loss", lambda index: _ANSWERS.probabilities[index, _ANSWERS.labels[index]]),
        ("index", lambda index: index),
    ],
)
def test_images_come_in_the_chosen_order(sort: str, keys: object) -> None:
    indices = chosen_images(_ANSWERS, GalleryChoice(sort=sort)).tolist()
    assert len(indices) == 400
    assert indices == sorted(indices, key=keys)


def test_filters_leave_what_a_loop_over_all_images_leaves() -> None:
    choice = GalleryChoice(label=5, least=30, most=60, mistakes_only=False, sort="index")
    expected = [
        place
        for place in range(10_000)
        if _ANSWERS.labels[place] == 5 and 0.3 <= _ANSWERS.probabilities[place].max() <= 0.6
    ]
    assert chosen_images(_ANSWERS, choice).tolist() == expected


def test_pages_hold_all_images_once_and_one_beyond_the_last_shows_the_last() -> None:
    choice = GalleryChoice(label=3, per_page=25)
    indices = chosen_images(_ANSWERS, choice)
    pages = page_count(len(indices), choice)
    found = [on_page(indices, dataclasses.replace(choice, page=page + 1)) for page in range(pages)]
    np.testing.assert_array_equal(np.concatenate(found), indices)
    np.testing.assert_array_equal(on_page(indices, dataclasses.replace(choice, page=999)), found[-1])
    assert page_count(0, choice) == 1


@pytest.mark.parametrize(
    "choice",
    [
        GalleryChoice(),
        GalleryChoice(5, 3, 10, 90, False, "loss", 100, 4, "labels"),
        GalleryChoice(label=0, prediction=0, mistakes_only=False),
        *PUBLISHED.values(),
    ],
)
def test_a_choice_comes_back_from_its_address(choice: GalleryChoice) -> None:
    assert choice_from_address(choice.as_address()) == (choice, [])


def test_the_usual_choice_needs_no_address() -> None:
    assert GalleryChoice().as_address() == {}
    assert GalleryChoice(label=5, prediction=3).as_address() == {"label": "5", "read_as": "3"}


@pytest.mark.parametrize(
    "address",
    [
        {"label": "99"},
        {"label": "-1"},
        {"label": ""},
        {"read_as": "x"},
        {"sort": "beauty"},
        {"per_page": "1000000"},
        {"page": "0"},
        {"page": "1e9"},
        {"images": "none"},
        {"captions": "<script>"},
        {"least": "80", "most": "20"},
    ],
)
def test_nonsense_in_an_address_is_named_and_left_out(address: dict[str, str]) -> None:
    choice, problems = choice_from_address(address | {"unknown": "passed over"})
    assert choice == GalleryChoice()
    assert len(problems) == 1
    assert "The address asks for" in problems[0]


def test_the_images_as_csv_hold_index_label_prediction_and_all_probabilities() -> None:
    indices = chosen_images(_ANSWERS, GalleryChoice(label=5))
    rows = list(csv.DictReader(io.StringIO(images_csv(_ANSWERS, indices, DIGIT_NAMES))))
    assert [int(row["index"]) for row in rows] == indices.tolist()
    assert {row["label"] for row in rows} == {"5"}
    for row in rows:
        shares = [float(row[f"p({name})"]) for name in DIGIT_NAMES]
        assert sum(shares) == pytest.approx(1, abs=1e-4)
        assert int(np.argmax(shares)) == int(row["prediction"])


@pytest.mark.parametrize("count", [1, 25, 26, 100])
def test_a_sheet_shows_every_image_pixel_for_pixel_at_its_place(count: int) -> None:
    indices = np.arange(count)
    captions = captions_of(_ANSWERS, indices, DIGIT_NAMES, "mistakes")
    sheet = draw_sheet(_IMAGES[:count], captions)
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
    assert wrong.answer == f"{_ANSWERS.probabilities[mistake].argmax()} ({confidence:.1f})"
    assert wrong.index == str(mistake)


def test_the_published_captions_are_written_out() -> None:
    right = np.flatnonzero(~_ANSWERS.is_mistake & (_ANSWERS.labels == 7))[:1]
    assert captions_of(_ANSWERS, right, DIGIT_NAMES, "labels")[0].answer == "label=7, predict=7"
    assert captions_of(_ANSWERS, right, DIGIT_NAMES, "predictions")[0].answer == "7"
    assert captions_of(_ANSWERS, right, FASHION_NAMES, "labels")[0].answer == "label=Sneaker, predict=Sneaker"


def test_shortened_class_names_can_still_be_told_apart() -> None:
    indices = np.array([int(np.flatnonzero(_ANSWERS.predictions == digit)[0]) for digit in range(10)])
    words = [caption.answer for caption in captions_of(_ANSWERS, indices, FASHION_NAMES, "predictions")]
    assert len(set(words)) == 10


def test_every_image_of_a_sheet_and_every_filled_cell_can_be_clicked() -> None:
    indices = chosen_images(_ANSWERS, GalleryChoice())[:100]
    captions = captions_of(_ANSWERS, indices, DIGIT_NAMES, "mistakes")
    sheet = draw_sheet(_IMAGES[indices], captions)
    figure = gallery(sheet, indices.tolist(), [caption.detail for caption in captions])
    assert list(figure.data[0].customdata) == indices.tolist()
    assert len(figure.layout.images) == 1
    assert figure.data[0].hoverinfo != "skip"
    counts = confusion_counts(_ANSWERS)
    targets = confusion_matrix(counts, DIGIT_NAMES).data[-1]
    assert {tuple(cell) for cell in targets.customdata} == {tuple(cell) for cell in np.argwhere(counts).tolist()}
    for (label, prediction), x, y in zip(targets.customdata, targets.x, targets.y, strict=True):
        assert (y, x) == (DIGIT_NAMES[label], DIGIT_NAMES[prediction])


def test_a_single_mistake_is_tinted_beside_a_thousand_right_answers() -> None:
    counts = np.diag([1000] * 10)
    counts[4, 9] = 1
    mistakes = confusion_matrix(counts, DIGIT_NAMES).data[1]
    assert mistakes.z[4][9] >= 0.2 * mistakes.zmax
    assert np.nansum(mistakes.z) == mistakes.z[4][9]


def test_a_perfect_matrix_is_drawn_too() -> None:
    figure = confusion_matrix(np.diag([1000] * 10), DIGIT_NAMES, "per cent", (4, 4))
    assert {text for row in figure.data[0].text for text in row} == {"", "100.0%"}
    assert np.nansum(figure.data[1].z) == 0
