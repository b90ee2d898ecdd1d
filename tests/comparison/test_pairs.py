"""Two networks on the same images: who classifies which correctly, and all pairs of several at once."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from model_lib.comparison.paired_predictions import CELLS, ComparisonError, pair_predictions
from model_lib.comparison.pairwise import neighbours_not_told_apart, pairwise_comparison, pairwise_p_values
from model_lib.evaluation.evaluation import Evaluation
from tests.support.fake_evaluations import answers


def _evaluation(predictions: list[int], labels: list[int], dataset: str = "mnist") -> Evaluation:
    return Evaluation(np.eye(10, dtype=np.float32)[predictions], np.array(labels, np.uint8), dataset)


def test_each_image_is_in_the_cell_of_those_who_classify_it_correctly() -> None:
    labels = [0, 1, 2, 3, 4, 5]
    paired = pair_predictions(_evaluation([0, 1, 2, 9, 9, 9], labels), _evaluation([0, 9, 9, 3, 9, 8], labels))
    assert {cell: paired.indices[cell].tolist() for cell in CELLS} == {
        "both": [0],
        "first": [1, 2],
        "second": [3],
        "neither": [4, 5],
    }
    assert paired.images == 6
    assert paired.p_value == 1.0  # 2 against 1: 2 x (1 + 3) / 8


def test_the_cells_are_disjoint_and_complete_on_ten_thousand_images() -> None:
    paired = pair_predictions(answers(300, 1), answers(260, 2))
    assert sorted(np.concatenate([paired.indices[cell] for cell in CELLS]).tolist()) == list(range(10_000))
    assert paired.count("second") + paired.count("neither") == 300
    assert paired.count("first") + paired.count("neither") == 260


def test_other_images_cannot_be_paired() -> None:
    with pytest.raises(ComparisonError, match="the same test images"):
        pair_predictions(answers(300), answers(100, dataset="pen_digits"))
    with pytest.raises(ComparisonError, match="the same test images"):
        pair_predictions(_evaluation([0], [0]), _evaluation([0], [1]))


def test_all_pairs_are_those_of_statsmodels_corrected_by_holm() -> None:
    evaluations = {"a": answers(300, 1), "b": answers(260, 2), "c": answers(290, 3), "d": answers(500, 4)}
    pairs = pairwise_comparison(evaluations)
    assert [(pair.first, pair.second) for pair in pairs] == [
        ("a", "b"),
        ("a", "c"),
        ("a", "d"),
        ("b", "c"),
        ("b", "d"),
        ("c", "d"),
    ]
    expected = []
    for pair in pairs:
        first, second = ~evaluations[pair.first].is_mistake, ~evaluations[pair.second].is_mistake
        table = [[int((one & other).sum()) for other in (second, ~second)] for one in (first, ~first)]
        assert (pair.only_first, pair.only_second) == (table[0][1], table[1][0])
        expected.append(mcnemar(table, exact=True).pvalue)
    assert [pair.p_value for pair in pairs] == pytest.approx(expected, rel=1e-9)
    assert [pair.corrected for pair in pairs] == pytest.approx(multipletests(expected, method="holm")[1], rel=1e-9)


def test_the_p_values_are_found_under_both_orders_and_other_test_sets_are_left_out() -> None:
    evaluations = {"a": answers(300, 1), "pen": answers(100, dataset="pen_digits"), "d": answers(500, 4)}
    p_values = pairwise_p_values(evaluations)
    assert set(p_values) == {("a", "d"), ("d", "a")}
    assert p_values["a", "d"] == p_values["d", "a"] < 0.05
    assert pairwise_p_values({}) == {}


def test_a_neighbour_is_not_told_apart_where_chance_would_do_it() -> None:
    evaluations = {"best": answers(100, 1), "near": answers(105, 2), "far": answers(500, 3)}
    assert neighbours_not_told_apart(list(evaluations), pairwise_p_values(evaluations)) == {"near"}
