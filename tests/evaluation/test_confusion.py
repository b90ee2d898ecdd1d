"""Confusion matrix and class metrics, against scikit-learn and hand counts."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.evaluation.confusion import (
    class_csv,
    class_metrics,
    confusion_counts,
    confusion_csv,
    row_fractions,
    top_confusions,
)
from model_lib.evaluation.evaluation import Evaluation
from tests.support.fake_evaluations import answers

_ANSWERS = answers(mistakes=400)
_COUNTS = confusion_counts(_ANSWERS)


def _six_answers() -> Evaluation:
    """Labels 4 4 4 9 9 7, read as 9 9 4 9 4 7 with confidences .9 .6 .55 .8 .7 .95."""
    told, confidences = [9, 9, 4, 9, 4, 7], [0.9, 0.6, 0.55, 0.8, 0.7, 0.95]
    probabilities = np.zeros((6, 10), np.float32)
    probabilities[:, 0] = 1 - np.array(confidences)
    probabilities[np.arange(6), told] = confidences
    return Evaluation(probabilities, np.array([4, 4, 4, 9, 9, 7], np.uint8), "mnist")


def test_confusions_are_counted_as_scikit_learn_counts_them() -> None:
    np.testing.assert_array_equal(_COUNTS, confusion_matrix(_ANSWERS.labels, _ANSWERS.predictions))
    shares = confusion_matrix(_ANSWERS.labels, _ANSWERS.predictions, normalize="true")
    np.testing.assert_allclose(row_fractions(_COUNTS), shares)


def test_classes_that_do_not_occur_keep_their_row_and_column() -> None:
    expected = confusion_matrix(_six_answers().labels, _six_answers().predictions, labels=range(10))
    np.testing.assert_array_equal(confusion_counts(_six_answers()), expected)


@pytest.mark.parametrize("evaluation", [_ANSWERS, _six_answers()], ids=["many", "six"])
def test_precision_recall_and_f1_are_those_of_scikit_learn(evaluation: Evaluation) -> None:
    expected = precision_recall_fscore_support(
        evaluation.labels, evaluation.predictions, labels=range(10), zero_division=0
    )
    rows = class_metrics(confusion_counts(evaluation), DIGIT_NAMES)
    np.testing.assert_allclose([(row.precision, row.recall, row.f1, row.images) for row in rows], np.array(expected).T)
    assert sum(row.mistakes for row in rows) == int(evaluation.is_mistake.sum())


def test_the_top_confusions_are_written_in_words() -> None:
    words = [mixup.in_words(DIGIT_NAMES) for mixup in top_confusions(confusion_counts(_six_answers()))]
    assert words == ["4 predicted as 9: 2 times", "9 predicted as 4: once"]
    assert len(top_confusions(_COUNTS)) == 10


def test_a_perfect_network_has_no_confusion() -> None:
    assert top_confusions(confusion_counts(answers(mistakes=0))) == []


def test_the_matrix_as_csv_has_a_line_for_each_label() -> None:
    rows = list(csv.reader(io.StringIO(confusion_csv(_COUNTS, DIGIT_NAMES))))
    assert rows[0][1:] == list(DIGIT_NAMES)
    np.testing.assert_array_equal(np.array([row[1:] for row in rows[1:]], int), _COUNTS)
    assert len(class_csv(class_metrics(_COUNTS, DIGIT_NAMES)).splitlines()) == 11
