"""Accuracy against price: which runs are the best for their price, by the definition of a Pareto front."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model_lib.comparison.cost import (
    PricedRun,
    accuracy_of,
    best_for_the_price,
    held_out_sets,
    price_of,
    priced_runs,
    spans_decades,
)
from model_lib.comparison.record import RunRecord
from model_lib.config.network import NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.storage.run import Run

_RECORD = RunRecord(Run(Path("runs/one")), "One", "finished", PRESETS["mlp"], TrainingConfig(), 101_770, 0.0)


def _priced(*points: tuple[float, float]) -> list[PricedRun]:
    return [PricedRun(_RECORD, price, accuracy) for price, accuracy in points]


def test_the_front_of_five_runs_is_found_by_hand() -> None:
    # 1: cheapest. 2: dearer and worse than 1. 3: dearer and better. 4: as dear as 3 and worse. 5: best of all.
    runs = _priced((10, 0.90), (20, 0.85), (30, 0.95), (30, 0.94), (99, 0.99))
    assert best_for_the_price(runs) == (runs[0], runs[2], runs[4])


def test_no_other_run_is_as_cheap_and_as_good_as_one_of_the_front() -> None:
    rng = np.random.default_rng(0)
    runs = _priced(*zip(rng.integers(1, 9, 60).tolist(), (rng.integers(80, 99, 60) / 100).tolist(), strict=True))

    def is_beaten(run: PricedRun) -> bool:
        return any(
            other.price <= run.price
            and other.accuracy >= run.accuracy
            and (other.price, other.accuracy) != (run.price, run.accuracy)
            for other in runs
        )

    front = best_for_the_price(runs)
    assert {(run.price, run.accuracy) for run in runs if not is_beaten(run)} == {
        (run.price, run.accuracy) for run in front
    }
    assert [run.price for run in front] == sorted(run.price for run in front)
    assert best_for_the_price([]) == ()


def test_a_run_without_validation_images_has_no_place_by_them_but_one_by_the_test_images() -> None:
    tested = replace(_RECORD, test_accuracies={"mnist": 0.9, "pen_digits": 0.1}, seconds=3.5)
    validated = replace(tested, last_validation=0.8, best_validation=0.85)
    assert [accuracy_of(each, "validation") for each in (tested, validated)] == [None, 0.8]
    assert [each.accuracy for each in priced_runs([tested, validated], "seconds", "test")] == [0.9, 0.9]
    assert [each.record for each in priced_runs([tested, validated], "seconds", "validation")] == [validated]
    assert priced_runs([_RECORD], "seconds", "test") == ()


def test_a_price_is_the_networks_or_the_trainings() -> None:
    record = replace(_RECORD, seconds=3.5)
    prices = [price_of(record, price) for price in ("parameters", "seconds", "multiplications")]
    assert prices == [101_770, 3.5, 784 * 128 + 1280]
    assert price_of(replace(record, spec=NetworkSpec("none", ())), "multiplications") is None
    assert price_of(replace(record, parameters=0), "parameters") is None


def test_runs_that_hold_out_other_images_are_counted() -> None:
    configs = [TrainingConfig(), TrainingConfig(epochs=9), TrainingConfig(validation_share=0.1)]
    runs = [PricedRun(replace(_RECORD, config=config), 1.0, 0.9) for config in configs]
    assert [held_out_sets(runs[:end]) for end in range(4)] == [0, 1, 1, 2]


@pytest.mark.parametrize(("prices", "is_wide"), [((1, 9.9), False), ((1, 10), True), ((7,), False), ((), False)])
def test_a_logarithmic_axis_is_for_a_decade_or_more(prices: tuple[float, ...], is_wide: bool) -> None:
    assert spans_decades(_priced(*((price, 0.9) for price in prices))) is is_wide
