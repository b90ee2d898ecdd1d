"""Labels against which several networks agree."""

from __future__ import annotations

import numpy as np
import pytest

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.label_issues import find_label_issues, label_issues_csv, near_best, network_predictions
from tests.support.fake_evaluations import answers


def _six_answers() -> Evaluation:
    """Labels 4 4 4 9 9 7, read as 9 9 4 9 4 7 with confidences .9 .6 .55 .8 .7 .95."""
    told, confidences = [9, 9, 4, 9, 4, 7], [0.9, 0.6, 0.55, 0.8, 0.7, 0.95]
    probabilities = np.zeros((6, 10), np.float32)
    probabilities[:, 0] = 1 - np.array(confidences)
    probabilities[np.arange(6), told] = confidences
    return Evaluation(probabilities, np.array([4, 4, 4, 9, 9, 7], np.uint8), "mnist")


def test_a_label_is_an_issue_only_if_all_networks_agree_against_it() -> None:
    first, second = answers(mistakes=3000, seed=1), answers(mistakes=3000, seed=2)
    answered = zip(first.predictions, second.predictions, first.labels, strict=True)  # each made anew when asked for
    expected = [place for place, (one, other, label) in enumerate(answered) if one == other != label]
    issues = find_label_issues([first, second])
    assert sorted(each.index for each in issues) == expected
    certainties = [each.confidence for each in issues]
    assert certainties == sorted(certainties, reverse=True)
    assert len(label_issues_csv(issues, DIGIT_NAMES).splitlines()) == len(expected) + 1
    assert find_label_issues([]) == []


def test_networks_over_two_points_below_the_best_are_ignored() -> None:
    named = {"best": answers(100), "nearly": answers(290), "poor": answers(310)}
    assert list(near_best(named)) == ["best", "nearly"]


def test_an_issue_names_the_known_label_error() -> None:
    wrong = answers(mistakes=0)
    probabilities = np.zeros_like(wrong.probabilities)
    predicted = wrong.labels.astype(int)
    predicted[[947, 5]] = [9, 9]
    probabilities[np.arange(10_000), predicted] = 1
    issues = {each.index: each for each in find_label_issues([Evaluation(probabilities, wrong.labels, "mnist")])}
    assert issues[947].dispute == "This label is disputed: most of five people saw a 9."
    assert issues[5].dispute is None


def test_each_networks_prediction_has_its_title() -> None:
    (row,) = network_predictions({"six": _six_answers()}, 1)
    assert (row.network, row.prediction, row.is_right) == ("six", 9, False)
    assert row.confidence == pytest.approx(0.6)
