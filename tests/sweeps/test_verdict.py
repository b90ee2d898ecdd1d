"""What is said of a setting, against published figures, SciPy, statsmodels, and figures worked out by hand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from scipy.stats import spearmanr, ttest_rel
from statsmodels.stats.multitest import multipletests

from model_lib.sweeps.factors import Value
from model_lib.sweeps.results import ResultReader, SweepResults
from model_lib.sweeps.verdict import accuracies_by_value, holm, paired_tests, sentences
from tests.sweeps.fake_runs import finished_sweep, plan_of

# Hours of sleep gained by ten patients with two drugs: Student, "The Probable Error of a Mean", Biometrika 6, 1908.
_FIRST_DRUG = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
_SECOND_DRUG = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def _results(
    root: Path, values: dict[str, tuple[float, ...]], accuracies: list[list[float]], **options: object
) -> SweepResults:
    plan = plan_of(values, seeds=len(accuracies[0]), **options)  # type: ignore[arg-type]
    by_run = {(point, seed): accuracies[point][place] for place, seed in enumerate(plan.seeds)
              for point in range(len(plan.points)) if accuracies[point][place] >= 0}  # fmt: skip
    return ResultReader(root).results_of(finished_sweep(root, plan, by_run))


def test_the_paired_test_gives_students_own_example() -> None:
    ((test,),) = paired_tests([{0.0: _FIRST_DRUG, 1.0: _SECOND_DRUG}])
    assert (test.first, test.second) == (1.0, 0.0)
    assert test.difference == pytest.approx(1.58)
    assert test.p == pytest.approx(0.002833, abs=5e-7)  # t = 4.0621 with 9 degrees of freedom
    assert test.is_told_apart


def test_holms_correction_is_that_of_statsmodels_and_of_a_textbook() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    rng = random.Random(1)
    for count in range(1, 12):
        p_values = [rng.random() ** 3 for _ in range(count)]
        assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))
    assert holm([0.01, None, 0.02]) == [pytest.approx(0.02), None, pytest.approx(0.02)]


def test_without_spread_nothing_is_judged_and_equal_values_do_not_differ() -> None:
    ((same,),) = paired_tests([{1: [0.5, 0.6, 0.7], 2: [0.5, 0.6, 0.7]}])
    assert same.p == 1.0 and not same.is_told_apart
    ((shifted,),) = paired_tests([{1: [0.5, 0.6, 0.7], 2: [0.6, 0.7, 0.8]}])
    assert shifted.p is None and not shifted.is_told_apart
    ((single,),) = paired_tests([{1: [0.5], 2: [0.9]}])
    assert single.p is None


def test_a_clear_difference_is_told_apart_and_the_test_images_come_last(tmp_path: Path) -> None:
    # Differences 0.30, 0.31, 0.29: mean 0.30, standard deviation 0.01, t = 0.30 / (0.01 / sqrt 3) = 51.96, p = 0.00037.
    results = _results(tmp_path, {"dropout": (0.0, 0.5)}, [[0.9, 0.91, 0.92], [0.6, 0.6, 0.63]])
    effect, chosen = sentences(results)
    assert effect.startswith("Dropout: 0 has the highest mean validation accuracy, 91.00 %.")
    assert (
        "told apart from 0.5: the setting did that. "
        "If the setting changed nothing, chance alone would do that in 4 of 10,000 cases "
        "(paired t-test over 3 seeds)." in effect
    )
    assert chosen == (
        "Chosen by the validation images: Dropout 0 (91.00 %, mean of 3 seeds). "
        "On the test images, looked at afterwards: 90.00 %."
    )


def test_a_difference_that_seeds_may_make_is_not_told_apart(tmp_path: Path) -> None:
    # Differences 0.03, -0.01, 0.01: mean 0.01, standard deviation 0.02, t = 0.866, p = 0.478.
    results = _results(tmp_path, {"dropout": (0.0, 0.5)}, [[0.93, 0.90, 0.92], [0.90, 0.91, 0.91]])
    assert (
        "It is not told apart from 0.5. If the setting changed nothing, "
        "chance alone would do that in 48 of 100 cases "
        "(paired t-test over 3 seeds)." in (sentences(results)[0])
    )


def test_a_difference_that_is_the_same_with_every_seed_is_not_among_those_that_are_not_told_apart(
    tmp_path: Path,
) -> None:
    accuracies = [[0.95, 0.96, 0.955], [0.50, 0.51, 0.505], [0.945, 0.965, 0.95]]
    effect = sentences(_results(tmp_path, {"batch_size": (16, 32, 64)}, accuracies))[0]
    assert "It is not told apart from 64." in effect
    assert "The difference from 32 is the same with every seed" in effect


def test_many_comparisons_of_two_settings_are_corrected_together(tmp_path: Path) -> None:
    settings = [{16: [0.9, 0.91, 0.92], 64: [0.6, 0.6, 0.63]}, {0.0: _FIRST_DRUG, 1.0: _SECOND_DRUG}]
    raw = [ttest_rel(*each.values()).pvalue for each in settings]
    assert [test.p for (test,) in paired_tests(settings)] == pytest.approx(list(multipletests(raw, method="holm")[1]))
    plan = plan_of({"learning_rate": (0.0001, 0.1), "dropout": (0.0, 0.9)}, seeds=1, way="random", draws=8)
    means = [0.8, 0.7, 0.9, 0.6, 0.5, 0.85, 0.65, 0.75]
    by_run = {(point, 1): mean for point, mean in enumerate(means)}
    results = ResultReader(tmp_path).results_of(finished_sweep(tmp_path, plan, by_run))
    raw = [spearmanr([point[place] for point in plan.points], means).pvalue for place in range(2)]
    for told, p in zip(sentences(results), multipletests(raw, method="holm")[1], strict=False):
        assert f"p = {p:.2f} after Holm's correction" in told


def test_a_number_of_training_images_is_said_to_change_the_validation_images_too(tmp_path: Path) -> None:
    results = _results(tmp_path, {"training_images": (500, 2000)}, [[0.6, 0.6, 0.63], [0.9, 0.91, 0.92]])
    assert "other validation images, which may be easier or harder" in sentences(results)[0]
    assert "It is told apart from 500." in sentences(results)[0]


def test_one_seed_says_nothing_about_chance(tmp_path: Path) -> None:
    effect = sentences(_results(tmp_path, {"dropout": (0.0, 0.5)}, [[0.9], [0.5]]))[0]
    assert "nobody can say whether that is more than chance" in effect and "told apart" not in effect


def test_of_two_settings_each_is_averaged_over_the_other_for_each_seed(tmp_path: Path) -> None:
    values: dict[str, tuple[Value, ...]] = {"batch_size": (16, 64), "dropout": (0.0, 0.5)}
    accuracies = [[0.90, 0.80], [0.70, 0.60], [0.80, 0.75], [0.60, 0.65]]  # (16, 0), (16, .5), (64, 0), (64, .5)
    results = _results(tmp_path, values, accuracies)
    batch, rate = (accuracies_by_value(results, place) for place in range(2))
    assert batch == {16: pytest.approx([0.80, 0.70]), 64: pytest.approx([0.70, 0.70])}
    assert rate == {0: pytest.approx([0.85, 0.775]), 0.5: pytest.approx([0.65, 0.625])}
    assert "averaged over the other setting" in sentences(results)[0]


def test_values_without_all_their_runs_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    results = _results(tmp_path, {"dropout": (0.0, 0.25, 0.5)}, [[0.9, 0.8, 0.85], [0.8, -1, 0.8], [0.6, 0.5, 0.57]])
    assert set(accuracies_by_value(results, 0)) == {0, 0.5}
    assert "1 of 3 values are left out" in sentences(results)[0]
    assert results.best_point == 0


def test_of_drawn_points_the_rank_correlation_is_told(tmp_path: Path) -> None:
    plan = plan_of({"learning_rate": (0.0001, 0.1)}, seeds=1, way="random", draws=8)
    rates = [float(value) for (value,) in plan.points]
    falling = {rate: 0.9 - 0.05 * place for place, rate in enumerate(sorted(rates))}
    by_run = {(point, 1): falling[rate] for point, rate in enumerate(rates)}
    results = ResultReader(tmp_path).results_of(finished_sweep(tmp_path, plan, by_run))
    assert sentences(results)[0] == (
        "Learning rate: the higher, the worse the validation accuracy "
        "(Spearman's rank correlation -1.00 over 8 points, p < 0.001)."
    )
    assert spearmanr(rates, [falling[rate] for rate in rates]).statistic == pytest.approx(-1)


def test_drawn_points_that_were_stopped_are_said_to_be_left_out(tmp_path: Path) -> None:
    plan = plan_of({"learning_rate": (0.0001, 0.1)}, seeds=1, way="random", draws=8)
    by_run = {(point, 1): 0.5 + 0.05 * point for point in range(8) if point != 3}
    results = ResultReader(tmp_path).results_of(finished_sweep(tmp_path, plan, by_run))
    assert "over 7 points" in sentences(results)[0]
    assert sentences(results)[0].endswith("1 of 8 points are left out: not all of their runs ended well.")
