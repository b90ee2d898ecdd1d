"""Confusions, class by class figures, calibration and refusal, against scikit-learn and hand counts."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.evaluation.calibration import calibration_of, refusal_curve, refuse
from model_lib.evaluation.confusion import (
    class_csv,
    class_figures,
    confusion_counts,
    confusion_csv,
    row_shares,
    worst_mixups,
)
from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.label_issues import good_ones, suspect_labels, suspects_csv, verdicts
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
    np.testing.assert_allclose(row_shares(_COUNTS), shares)


def test_classes_that_do_not_occur_keep_their_row_and_column() -> None:
    expected = confusion_matrix(_six_answers().labels, _six_answers().predictions, labels=range(10))
    np.testing.assert_array_equal(confusion_counts(_six_answers()), expected)


@pytest.mark.parametrize("evaluation", [_ANSWERS, _six_answers()], ids=["many", "six"])
def test_precision_recall_and_f1_are_those_of_scikit_learn(evaluation: Evaluation) -> None:
    expected = precision_recall_fscore_support(
        evaluation.labels, evaluation.predictions, labels=range(10), zero_division=0
    )
    rows = class_figures(confusion_counts(evaluation), DIGIT_NAMES)
    np.testing.assert_allclose([(row.precision, row.recall, row.f1, row.images) for row in rows], np.array(expected).T)
    assert sum(row.mistakes for row in rows) == int(evaluation.is_mistake.sum())


def test_the_worst_confusions_are_said_in_words() -> None:
    words = [mixup.in_words(DIGIT_NAMES) for mixup in worst_mixups(confusion_counts(_six_answers()))]
    assert words == ["4 read as 9: 2 times", "9 read as 4: once"]
    assert len(worst_mixups(_COUNTS)) == 10


def test_a_perfect_network_has_no_worst_confusion() -> None:
    assert worst_mixups(confusion_counts(answers(mistakes=0))) == []


def test_the_matrix_as_csv_has_a_line_for_each_label() -> None:
    rows = list(csv.reader(io.StringIO(confusion_csv(_COUNTS, DIGIT_NAMES))))
    assert rows[0][1:] == list(DIGIT_NAMES)
    np.testing.assert_array_equal(np.array([row[1:] for row in rows[1:]], int), _COUNTS)
    assert len(class_csv(class_figures(_COUNTS, DIGIT_NAMES)).splitlines()) == 11


def test_calibration_is_that_of_scikit_learn() -> None:
    calibration = calibration_of(_ANSWERS)
    accuracies, confidences = calibration_curve(~_ANSWERS.is_mistake, _ANSWERS.confidences, n_bins=15)
    filled = calibration.counts > 0
    np.testing.assert_allclose(calibration.accuracies[filled], accuracies)
    np.testing.assert_allclose(calibration.confidences[filled], confidences, rtol=1e-6)
    assert calibration.counts.sum() == 10_000
    expected = (abs(accuracies - confidences) * calibration.counts[filled]).sum() / 10_000
    assert calibration.error == pytest.approx(expected)


def test_a_network_that_is_right_as_often_as_it_says_has_no_calibration_error() -> None:
    confidences = np.repeat([0.75, 0.5], [8, 4])
    probabilities = np.zeros((12, 10), np.float32)
    probabilities[:, 1], probabilities[:, 2] = confidences, 1 - confidences - 1e-6
    labels = np.array([1] * 6 + [2] * 2 + [1] * 2 + [2] * 2, np.uint8)
    assert calibration_of(Evaluation(probabilities, labels, "mnist")).error == pytest.approx(0.0, abs=1e-6)


def test_refusing_leaves_the_most_certain_answers() -> None:
    # Least certain first: .55 right, .6 wrong, .7 wrong, .8 right, .9 wrong, .95 right.
    reached = refuse(_six_answers(), 0.5)
    assert (reached.answered, reached.mistakes, reached.share) == (3, 1, 0.5)
    assert reached.accuracy == pytest.approx(2 / 3)
    assert reached.threshold == pytest.approx(0.8)
    assert refuse(_six_answers(), 0.0).accuracy == pytest.approx(0.5)
    assert refuse(_six_answers(), 0.999).answered == 1


def test_the_curve_of_refusal_agrees_with_counting_at_each_threshold() -> None:
    for each in refusal_curve(_ANSWERS, 0.2, 10):
        answered = np.sort(_ANSWERS.confidences)[round(each.share * 10_000) :]
        assert each.answered == len(answered)
        kept = np.flatnonzero(_ANSWERS.confidences >= each.threshold)
        assert each.accuracy == pytest.approx(1 - _ANSWERS.is_mistake[kept].mean(), abs=1e-3)


def test_a_label_is_suspect_only_if_all_networks_agree_against_it() -> None:
    first, second = answers(mistakes=3000, seed=1), answers(mistakes=3000, seed=2)
    expected = [
        place for place in range(10_000) if first.predictions[place] == second.predictions[place] != first.labels[place]
    ]
    suspects = suspect_labels([first, second])
    assert sorted(each.index for each in suspects) == expected
    certainties = [each.confidence for each in suspects]
    assert certainties == sorted(certainties, reverse=True)
    assert len(suspects_csv(suspects, DIGIT_NAMES).splitlines()) == len(expected) + 1
    assert suspect_labels([]) == []


def test_a_network_that_is_much_worse_than_the_best_has_no_say() -> None:
    named = {"best": answers(100), "nearly": answers(290), "poor": answers(310)}
    assert list(good_ones(named)) == ["best", "nearly"]


def test_what_people_dispute_is_told_of_a_suspect() -> None:
    wrong = answers(mistakes=0)
    probabilities = np.zeros_like(wrong.probabilities)
    told = wrong.labels.astype(int)
    told[[947, 5]] = [9, 9]
    probabilities[np.arange(10_000), told] = 1
    suspects = {each.index: each for each in suspect_labels([Evaluation(probabilities, wrong.labels, "mnist")])}
    assert suspects[947].dispute == "This label is disputed: most of five people saw a 9."
    assert suspects[5].dispute is None


def test_each_network_gives_its_verdict() -> None:
    (row,) = verdicts({"six": _six_answers()}, 1)
    assert (row.network, row.answer, row.is_right) == ("six", 9, False)
    assert row.confidence == pytest.approx(0.6)
