"""Runs that differ in the seed alone belong together; what a setting did is said of the setting, over paired seeds."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from scipy.stats import ttest_rel

from model_lib.comparison.record import RunRecord, read_record
from model_lib.comparison.seed_groups import (
    Band,
    closest_groups,
    group_by_settings,
    group_name,
    missing_seeds,
    setting_effect,
    varying_labels,
)
from model_lib.comparison.sentences import chance_in_cases, sentences_of_setting
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.training import TrainingConfig, Validation
from model_lib.files import write_json
from model_lib.runs import create_run
from model_lib.storage.run import ORIGIN_FILE
from tests.support.fake_evaluations import brought_network


def _record(root: Path, seed: int, accuracy: float | None, rate: float = 0.0, batch_size: int = 32) -> RunRecord:
    layers = (LayerSpec("Flatten"), LayerSpec("Dropout", rate=rate))
    spec = NetworkSpec("small", layers, title="Small")
    validation: Validation = "none" if accuracy is None else "last"
    config = TrainingConfig(seed=seed, batch_size=batch_size, validation=validation)
    run = create_run(spec, config, root)
    tested = {} if accuracy is None else {"mnist": accuracy - 0.01}
    return RunRecord(run, run.title, "finished", spec, config, 1, 1.0, last_validation=accuracy, test_accuracies=tested)


def test_runs_that_differ_in_the_seed_alone_are_a_group_with_mean_and_range(tmp_path: Path) -> None:
    records = [_record(tmp_path, seed, accuracy) for seed, accuracy in ((2, 0.9), (1, 0.94))]
    records.append(_record(tmp_path, 1, 0.8, rate=0.5))
    unfinished = dataclasses.replace(_record(tmp_path, 3, 0.1), state="stopped")
    first, second = group_by_settings([*records, unfinished])
    assert [record.config.seed for record in first.records] == [1, 2]
    assert first.validation == Band(pytest.approx(0.92), 0.9, 0.94)
    assert list(second.by_seed) == [1]
    labels = varying_labels([first, second])
    assert [group_name(group, labels) for group in (first, second)] == [
        "Small, Dropout 1: rate 0",
        "Small, Dropout 1: rate 0.5",
    ]


def test_groups_that_the_first_one_does_not_tell_apart_have_other_names(tmp_path: Path) -> None:
    def record(*layers: LayerSpec) -> RunRecord:
        run = create_run(NetworkSpec("own", layers, title="Own network"), TrainingConfig(), tmp_path)
        run.set_state("finished")
        return read_record(run)

    convolution, flat = LayerSpec("Conv2D", filters=8, kernel_size=3), LayerSpec("Flatten")
    dense = [record(flat, LayerSpec("Dense", units=units)) for units in (32, 64)]
    groups = group_by_settings([record(convolution, flat), *dense])
    names = [group_name(group, varying_labels(groups)) for group in groups]
    assert names == [
        "Own network, layers Conv2D, Flatten",
        "Own network, layers Flatten, Dense, Dense 1: units 32",
        "Own network, layers Flatten, Dense, Dense 1: units 64",
    ]


def test_networks_that_were_brought_without_a_training_are_no_seed_of_any_setting(tmp_path: Path) -> None:
    brought = [read_record(brought_network(tmp_path, title)) for title in ("Anna", "Ben")]
    trained = _record(tmp_path, 1, 0.9)
    assert [group.records for group in group_by_settings([*brought, trained])] == [(trained,)]


def test_a_brought_copy_of_a_run_does_not_take_its_place_among_the_seeds(tmp_path: Path) -> None:
    trained = _record(tmp_path, 1, 0.9)
    brought = dataclasses.replace(_record(tmp_path, 1, 0.9), last_validation=None)
    write_json(brought.run.folder / ORIGIN_FILE, {"packed": True})
    (group,) = group_by_settings([brought, trained])
    assert group.records == (trained,) and group.validation is not None


def test_a_setting_is_judged_by_the_paired_test_on_validation_images_and_the_test_images_come_afterwards(
    tmp_path: Path,
) -> None:
    off, on = (0.900, 0.912, 0.905), (0.921, 0.929, 0.931)
    records = [_record(tmp_path, seed, off[seed - 1]) for seed in (1, 2, 3)]
    records += [_record(tmp_path, seed, on[seed - 1], rate=0.5) for seed in (1, 2, 3)]
    pair = closest_groups(group_by_settings(records))
    assert pair is not None
    effect = setting_effect(*pair)
    assert effect.validation is not None
    assert effect.validation.p_value == pytest.approx(ttest_rel(on, off).pvalue)
    validation, test = sentences_of_setting(effect)
    expected = chance_in_cases(ttest_rel(on, off).pvalue)
    assert validation.startswith(
        "Dropout 1: rate 0.5 instead of 0, over 3 seeds: the validation accuracy is 2.13 percent"
    )
    assert validation.endswith(
        f"if the setting changed nothing, chance alone would do that {expected}: more than chance."
    )
    assert test.startswith("Afterwards, on the test images: the test accuracy is 2.13 percentage points higher")


def test_one_seed_equal_differences_and_missing_validation_are_said_and_judge_nothing(tmp_path: Path) -> None:
    def told(off: list[float | None], on: list[float | None]) -> str:
        root = tmp_path / str(len(list(tmp_path.glob("*"))))
        records = [_record(root, seed, accuracy) for seed, accuracy in enumerate(off)]
        records += [_record(root, seed, accuracy, batch_size=64) for seed, accuracy in enumerate(on)]
        text = " ".join(sentences_of_setting(setting_effect(*group_by_settings(records))))
        assert "nan" not in text
        return text

    assert "One seed cannot judge a setting" in told([0.9], [0.92])
    assert "by as much with each seed" in told([0.9, 0.91], [0.92, 0.93])
    assert told([0.9, 0.91], [0.9, 0.91]).count("accuracy is the same with each seed.") == 2
    assert "is the same on average" in told([0.9, 0.91], [0.91, 0.9])
    moved = told([0.9712, 0.9581, 0.9633], [0.9633, 0.9712, 0.9581])  # the floats' mean is not quite 0
    assert "is the same on average" in moved and "0.00 percentage points lower" not in moved
    assert "without validation images a setting cannot be judged" in told([None], [None])
    assert "Batch size 64 instead of 32" in told([0.9, 0.91], [0.92, 0.97])


def test_accuracies_on_different_data_are_not_compared_and_a_run_without_a_whole_epoch_is_told_as_that(
    tmp_path: Path,
) -> None:
    def of(record: RunRecord, **settings: object) -> RunRecord:
        return dataclasses.replace(record, config=dataclasses.replace(record.config, **settings))  # type: ignore[arg-type]

    records = [_record(tmp_path, seed, 0.9 + seed / 100) for seed in (1, 2, 3)]
    others = [of(_record(tmp_path, seed, 0.8 - seed / 90), dataset="fashion_mnist") for seed in (1, 2, 3)]
    effect = setting_effect(*group_by_settings([*records, *others]))
    (told,) = sentences_of_setting(effect)
    assert "learnt from different data" in told and "cases" not in told
    assert effect.validation is None and effect.test is None
    short = [of(_record(tmp_path, seed, None, batch_size=64), validation="last") for seed in (1, 2, 3)]
    (told,) = sentences_of_setting(setting_effect(*group_by_settings([*records, *short])))
    assert "ended before its first whole epoch" in told and "Train with validation" not in told


def test_seeds_that_one_group_has_are_trained_first_for_three_pairs(tmp_path: Path) -> None:
    records = [_record(tmp_path, 1, 0.9), _record(tmp_path, 7, 0.9), _record(tmp_path, 1, 0.8, rate=0.5)]
    first, second = group_by_settings(records)
    assert missing_seeds(setting_effect(first, second)) == ((second, 7), (first, 2), (second, 2))


@pytest.mark.parametrize(
    ("p_value", "text"),
    [
        (1.0, "in 100 of 100 cases"),
        (0.34, "in 34 of 100 cases"),
        (0.048, "in 48 of 1,000 cases"),
        (0.05, "in 50 of 1,000 cases"),
        (0.0504, "in 504 of 10,000 cases"),
        (0.05000001, "in 50,001 of 1,000,000 cases"),
        (0.0053, "in 5 of 1,000 cases"),
        (0.00023, "in 2 of 10,000 cases"),
        (2e-6, "in 2 of 1,000,000 cases"),
        (1e-9, "in fewer than 1 of 1,000,000 cases"),
        (0.0, "in fewer than 1 of 1,000,000 cases"),
    ],
)
def test_a_p_value_is_told_as_so_many_cases(p_value: float, text: str) -> None:
    assert chance_in_cases(p_value) == text
