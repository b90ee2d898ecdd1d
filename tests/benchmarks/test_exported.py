"""What the benchmarks of Take it home print of files and of seeds."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.training.exported_files import FileAnswers
from benchmarks.training.exported_runs import check_networks
from benchmarks.training.exported_scripts import another_seed
from model_lib.evaluation.evaluation import Evaluation


def _kept() -> Evaluation:
    probabilities = np.full((4, 10), 0.05, np.float32)
    probabilities[np.arange(4), [3, 1, 4, 1]] = 0.55
    return Evaluation(probabilities, np.array([3, 1, 4, 2], np.uint8), "mnist")


def test_a_files_line_has_its_size_difference_and_accuracies() -> None:
    kept = _kept()
    answers = kept.probabilities.copy()
    answers[2] = np.roll(answers[2], 1)  # the third image's 4 becomes a 5
    assert FileAnswers("ONNX", 12_345, answers).row("mlp", kept) == (
        "mlp",
        "ONNX",
        "12",
        "5.0e-01",
        "1",
        "50.00 %",
        "75.00 %",
    )


def test_the_predictions_that_a_file_names_count_and_a_page_that_says_another_accuracy_is_told() -> None:
    kept = _kept()
    named = FileAnswers("CSV", 1, kept.probabilities, predictions=np.array([3, 1, 4, 2]), accuracy_told=0.75)
    assert named.row("mlp", kept)[-3:] == ("1", "100.00 % (page: 75.00 %)", "75.00 %")
    same = FileAnswers("LiteRT", 1, kept.probabilities, accuracy_told=0.75)
    assert same.row("mlp", kept)[-2] == "75.00 %"


def test_a_file_that_answers_only_some_images_is_no_line() -> None:
    kept = _kept()
    with pytest.raises(AssertionError):
        FileAnswers("ONNX", 1, kept.probabilities[:2]).row("mlp", kept)


def test_one_more_seed_is_expected_where_the_table_of_students_t_says() -> None:
    # Mean 0.87, standard deviation 0.01; t is 4.303 for 2 degrees of freedom, and the root of 4/3 is 1.1547.
    interval = another_seed([0.86, 0.87, 0.88])
    assert interval == pytest.approx((0.87 - 0.01 * 4.303 * 1.1547, 0.87 + 0.01 * 4.303 * 1.1547), abs=1e-5)
    assert another_seed([0.97]) is None


def test_a_network_that_there_is_not_ends_the_program() -> None:
    check_networks(["editor", "mlp"])
    with pytest.raises(SystemExit, match="There is no network mpl"):
        check_networks(["mlp", "mpl"])


def test_no_accuracy_above_one_is_expected() -> None:
    interval = another_seed([0.6, 0.9])
    assert interval == (0.0, 1.0)
