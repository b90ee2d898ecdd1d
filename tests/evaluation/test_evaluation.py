"""What is read out of a network's answers, against scikit-learn and SciPy."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, log_loss

from model_lib.datasets.label_errors import disputed_images
from model_lib.evaluation.evaluation import (
    EVALUATION_FILE,
    Evaluation,
    EvaluationError,
    accuracy_interval,
    load_evaluation,
)
from model_lib.storage.events import Evaluated, append_event
from tests.support.fake_evaluations import answers

_ANSWERS = answers(mistakes=400)


def test_accuracy_and_loss_are_those_of_scikit_learn() -> None:
    assert _ANSWERS.accuracy == accuracy_score(_ANSWERS.labels, _ANSWERS.predictions) == 0.96
    expected = log_loss(_ANSWERS.labels, _ANSWERS.probabilities, labels=range(10))
    assert _ANSWERS.loss == pytest.approx(expected, rel=1e-6)
    assert _ANSWERS.losses.mean() == _ANSWERS.loss


def test_a_certain_mistake_costs_as_much_as_in_scikit_learn() -> None:
    probabilities = np.zeros((2, 10), np.float32)
    probabilities[:, 3] = 1.0
    certain = Evaluation(probabilities, np.array([3, 4], np.uint8), "mnist")
    assert certain.loss == pytest.approx(log_loss([3, 4], probabilities, labels=range(10)), rel=1e-5)
    assert np.isfinite(certain.losses).all()


@pytest.mark.parametrize(("right", "images"), [(9_926, 10_000), (9_650, 10_000), (10, 10), (0, 7), (10_000, 10_000)])
def test_the_interval_of_the_accuracy_is_wilsons_as_scipy_computes_it(right: int, images: int) -> None:
    expected = binomtest(right, images).proportion_ci(0.95, "wilson")
    assert accuracy_interval(right / images, images) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_accuracy_without_disputed_labels_leaves_fifteen_images_out() -> None:
    disputed = disputed_images("mnist")
    assert len(disputed) == 15
    kept = [place for place in range(10_000) if place not in set(disputed.tolist())]
    expected = accuracy_score(_ANSWERS.labels[kept], _ANSWERS.predictions[kept])
    assert _ANSWERS.without(disputed).accuracy == pytest.approx(expected)
    assert len(disputed_images("fashion_mnist")) == 0


def test_an_evaluation_comes_back_as_it_was_written(tmp_path: Path) -> None:
    _ANSWERS.save(tmp_path)
    loaded = load_evaluation(tmp_path)
    np.testing.assert_array_equal(loaded.probabilities, _ANSWERS.probabilities)
    np.testing.assert_array_equal(loaded.labels, _ANSWERS.labels)
    assert loaded.dataset == "mnist"
    assert loaded.writers is None


def test_evaluations_on_two_test_sets_lie_side_by_side(tmp_path: Path) -> None:
    pen = answers(mistakes=100, dataset="pen_digits")
    assert pen.writers is not None
    _ANSWERS.save(tmp_path)
    pen.save(tmp_path, "pen_digits")
    assert load_evaluation(tmp_path).dataset == "mnist"
    loaded = load_evaluation(tmp_path, "pen_digits")
    assert (loaded.dataset, loaded.accuracy) == ("pen_digits", accuracy_score(pen.labels, pen.predictions))
    np.testing.assert_array_equal(loaded.writers, pen.writers)
    np.testing.assert_array_equal(loaded.without(np.arange(10)).writers, pen.writers[10:])


def test_writers_that_are_not_one_for_each_image_are_refused(tmp_path: Path) -> None:
    Evaluation(_ANSWERS.probabilities, _ANSWERS.labels, "mnist", _ANSWERS.labels[:-1]).save(tmp_path)
    with pytest.raises(EvaluationError, match="its writers"):
        load_evaluation(tmp_path)


@pytest.mark.parametrize(
    ("probabilities", "labels"),
    [
        (np.full((5, 9), 0.1, np.float32), np.zeros(5, np.uint8)),
        (np.full((5, 10), np.nan, np.float32), np.zeros(5, np.uint8)),
        (np.full((5, 10), 0.1, np.float32), np.full(5, 10, np.uint8)),
        (np.full((5, 10), 0.1, np.float32), np.zeros(4, np.uint8)),
        (np.full((5, 10), 0.1, np.float32), np.zeros(5, np.float32)),
        (np.full((0, 10), 0.1, np.float32), np.zeros(0, np.uint8)),
    ],
)
def test_arrays_that_are_no_evaluation_are_refused(
    tmp_path: Path, probabilities: np.ndarray, labels: np.ndarray
) -> None:
    Evaluation(probabilities, labels, "mnist").save(tmp_path)
    with pytest.raises(EvaluationError, match="damaged"):
        load_evaluation(tmp_path)


def test_an_evaluation_on_an_unknown_data_set_is_refused(tmp_path: Path) -> None:
    Evaluation(_ANSWERS.probabilities, _ANSWERS.labels, "letters").save(tmp_path)
    with pytest.raises(EvaluationError, match="data set 'letters' is unknown"):
        load_evaluation(tmp_path)


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    _ANSWERS.save(tmp_path)
    file = tmp_path / EVALUATION_FILE
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(EvaluationError, match="damaged"):
        load_evaluation(tmp_path)
    file.unlink()
    with pytest.raises(EvaluationError, match="missing"):
        load_evaluation(tmp_path)


def test_an_evaluation_of_another_run_is_not_believed(tmp_path: Path) -> None:
    own, other = answers(mistakes=740), answers(mistakes=870)
    own.save(tmp_path)
    append_event(tmp_path, Evaluated(test_accuracy=own.accuracy, test_loss=own.loss, seconds=1.0, epochs=1))
    assert load_evaluation(tmp_path).accuracy == own.accuracy
    other.save(tmp_path)
    with pytest.raises(EvaluationError, match="another network"):
        load_evaluation(tmp_path)


def test_an_evaluation_on_other_test_images_is_compared_with_the_log_where_that_has_it(tmp_path: Path) -> None:
    pen, logged = (
        answers(mistakes=100, dataset="pen_digits"),
        Evaluated(test_accuracy=0.9, test_loss=1.0, seconds=1.0, epochs=1),
    )
    pen.save(tmp_path, "pen_digits")
    append_event(tmp_path, logged)  # as older versions have written it
    assert load_evaluation(tmp_path, "pen_digits").accuracy == pen.accuracy
    append_event(tmp_path, dataclasses.replace(logged, other_test_accuracy=pen.accuracy))
    assert load_evaluation(tmp_path, "pen_digits").accuracy == pen.accuracy
    append_event(tmp_path, dataclasses.replace(logged, other_test_accuracy=pen.accuracy - 0.01))
    with pytest.raises(EvaluationError, match="another network"):
        load_evaluation(tmp_path, "pen_digits")
