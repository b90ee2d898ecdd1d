"""Accuracy by writer, against scikit-learn."""

from __future__ import annotations

import csv
import io

import pytest
from sklearn.metrics import accuracy_score

from model_lib.datasets.loading import TEST_WRITERS
from model_lib.evaluation.writers import writer_metrics, writers_csv
from tests.support.fake_evaluations import answers

_PEN = answers(mistakes=120, dataset="pen_digits")


def test_the_accuracy_of_each_writer_is_scikit_learns_the_lowest_first() -> None:
    metrics = writer_metrics(_PEN)
    assert {each.writer for each in metrics} == set(TEST_WRITERS)
    assert sum(each.mistakes for each in metrics) == 120
    assert [each.accuracy for each in metrics] == sorted(each.accuracy for each in metrics)
    assert _PEN.writers is not None
    for each in metrics:
        own = _PEN.writers == each.writer
        assert each.images == own.sum()
        assert each.accuracy == pytest.approx(accuracy_score(_PEN.labels[own], _PEN.predictions[own]))


def test_images_without_writers_have_no_such_table() -> None:
    assert writer_metrics(answers(mistakes=400)) == []


def test_the_table_can_be_taken_along_as_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(writers_csv(writer_metrics(_PEN)))))
    assert sum(int(row["images"]) for row in rows) == 2_498
    assert {int(row["writer"]) for row in rows} == set(TEST_WRITERS)
