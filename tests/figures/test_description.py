"""Sentences that tell the result of a figure, against counts by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.evaluation.calibration import Rejection, calibration_of
from model_lib.evaluation.writers import WriterMetrics
from model_lib.figures.text import description
from model_lib.interpretability.results import ClassAccuracy
from model_lib.storage.history import History
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers

_RUN = PROJECT / "tests/data/runs_of_2026_11/20261125-135117-small_dense-7c79"


def test_a_curve_is_told_by_its_first_and_last_validation() -> None:
    events = [json.loads(line) for line in (_RUN / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    values = [event["validation_accuracy"] for event in events if "validation_accuracy" in event]
    history = History(_RUN)
    history.update()
    expected = (
        f"validation accuracy rises from {100 * values[0]:.2f} % to {100 * values[-1]:.2f} % by epoch {len(values)}"
    )
    assert description.describe_curve(history, "accuracy") == expected
    assert description.describe_curve(history, "loss").startswith("validation loss falls from ")
    assert description.describe_curve(History(Path()), "accuracy") == "accuracy: nothing yet"


def test_the_two_largest_probabilities_are_named() -> None:
    probabilities = np.array([0.0, 0.0, 0.0, 0.0, 0.992, 0.0, 0.0, 0.003, 0.0, 0.005])
    assert description.describe_probabilities(probabilities, DIGIT_NAMES) == "4 with 99.2 %, then 9 with 0.5 %"


def test_the_moments_at_which_the_prediction_changes_are_named() -> None:
    assert (
        description.describe_moments(["1", "1", "7", "7", "1"]) == "1 from moment 1, 7 from moment 3, 1 from moment 5"
    )


def test_the_most_frequent_mistake_is_named_with_its_count() -> None:
    counts = np.diag([10, 10, 10])
    counts[1, 2], counts[2, 0] = 12, 1
    words = description.describe_confusion(counts, ["a", "b", "c"])
    assert words == "30 of 43 images predicted correctly; most frequent mistake: b predicted as c, 12 images"
    assert (
        description.describe_confusion(np.diag([1, 2]), ["a", "b"]) == "3 of 3 images predicted correctly, no mistakes"
    )


def test_the_lowest_class_and_the_largest_loss_are_named() -> None:
    full = ClassAccuracy(0.98, np.array([0.99, 0.971]), np.array([0, 1]))
    less = ClassAccuracy(0.94, np.array([0.90, 0.971]), np.array([0, 1]))
    words = "accuracy by label: lowest 0 with 90.00 %; 0 loses most, 9.00 percentage points"
    assert description.describe_ablation(full, less, DIGIT_NAMES[:2]) == words
    same = description.describe_ablation(full, full, DIGIT_NAMES[:2])
    assert same == "accuracy by label: lowest 1 with 97.10 %; no label loses accuracy"


def test_calibration_is_told_by_its_error_and_its_largest_gap() -> None:
    calibration = calibration_of(answers(mistakes=40))
    words = description.describe_calibration(calibration)
    assert words.startswith(f"expected calibration error {100 * calibration.error:.2f} %; most at a confidence of ")
    assert re.search(r"where the accuracy is \d+\.\d\d % \(", words)


def test_rejection_is_told_by_both_ends() -> None:
    none, some = Rejection(0.0, 0.0, 0.98, 10_000, 200), Rejection(0.01, 0.5, 0.99, 9_900, 99)
    words = "accuracy 98.00 % with 0.0 % rejected, 99.00 % with 1.0 % rejected"
    assert description.describe_rejection([none, some], some) == words


def test_the_writers_of_most_and_fewest_mistakes_are_named() -> None:
    metrics = [WriterMetrics(3, 100, 8), WriterMetrics(5, 100, 1)]
    words = "error rate by person: largest person 3 with 8.00 %, smallest person 5 with 1.00 %"
    assert description.describe_writers(metrics) == words


def test_a_map_is_told_by_its_strongest_place_of_either_sign() -> None:
    values = np.zeros((3, 4))
    assert description.describe_map(values) == "zero everywhere"
    values[2, 1], values[0, 0] = -0.75, 0.5
    assert description.describe_map(values) == "strongest at row 2, column 1: -0.75"
    assert description.describe_maps(np.stack([values / 2, values])) == "2 maps, the strongest value in map 1: 0.75"


def test_bars_are_told_by_both_extremes_and_images_by_their_count_and_first() -> None:
    words = description.describe_bars(np.array([0.5, -2.0, 1.25]), ["a", "b", "c"])
    assert words == "largest c with 1.25, smallest b with -2"
    assert description.describe_images(["test image 3"]) == "1 image, the first: test image 3"
