"""Filtering, sorting and paging of test images."""

from __future__ import annotations

import csv
import dataclasses
import io

import numpy as np
import pytest

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.evaluation.confusion import confusion_counts
from model_lib.evaluation.image_filter import (
    ImageFilter,
    filter_images,
    images_csv,
    on_page,
    page_count,
)
from tests.support.fake_evaluations import answers

_ANSWERS = answers(mistakes=400)


def test_the_choice_of_a_cell_shows_as_many_images_as_the_cell_counts() -> None:
    counts = confusion_counts(_ANSWERS)
    narrow = ImageFilter(least=99, page=3)
    for label in range(10):
        for prediction in range(10):
            indices = filter_images(_ANSWERS, narrow.cell(label, prediction))
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
    indices = filter_images(_ANSWERS, ImageFilter(sort=sort)).tolist()
    assert len(indices) == 400
    assert indices == sorted(indices, key=keys)


def test_filters_leave_what_a_loop_over_all_images_leaves() -> None:
    choice = ImageFilter(label=5, least=30, most=60, mistakes_only=False, sort="index")
    expected = [
        place
        for place in range(10_000)
        if _ANSWERS.labels[place] == 5 and 0.3 <= _ANSWERS.probabilities[place].max() <= 0.6
    ]
    assert filter_images(_ANSWERS, choice).tolist() == expected


def test_the_images_of_one_writer_are_shown_where_writers_are_known() -> None:
    pen = answers(mistakes=100, dataset="pen_digits")
    assert pen.writers is not None
    choice = ImageFilter(writer=12, mistakes_only=False, sort="index")
    expected = [place for place, writer in enumerate(pen.writers.tolist()) if writer == 12]
    assert len(expected) == 250
    assert filter_images(pen, choice).tolist() == expected
    assert len(filter_images(_ANSWERS, choice)) == 10_000
    assert choice.cell(4, 9).writer is None, "a cell of the matrix counts the images of all writers"


def test_pages_hold_all_images_once_and_one_beyond_the_last_shows_the_last() -> None:
    choice = ImageFilter(label=3, per_page=25)
    indices = filter_images(_ANSWERS, choice)
    pages = page_count(len(indices), choice)
    found = [on_page(indices, dataclasses.replace(choice, page=page + 1)) for page in range(pages)]
    np.testing.assert_array_equal(np.concatenate(found), indices)
    np.testing.assert_array_equal(on_page(indices, dataclasses.replace(choice, page=999)), found[-1])
    assert page_count(0, choice) == 1


def test_the_images_as_csv_hold_index_label_prediction_and_all_probabilities() -> None:
    indices = filter_images(_ANSWERS, ImageFilter(label=5))
    rows = list(csv.DictReader(io.StringIO(images_csv(_ANSWERS, indices, DIGIT_NAMES))))
    assert [int(row["index"]) for row in rows] == indices.tolist()
    assert {row["label"] for row in rows} == {"5"}
    for row in rows:
        shares = [float(row[f"p({name})"]) for name in DIGIT_NAMES]
        assert sum(shares) == pytest.approx(1, abs=1e-4)
        assert int(np.argmax(shares)) == int(row["prediction"])
