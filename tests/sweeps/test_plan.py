"""The plan of a sweep: its points, its seeds, what each changes, and what is refused before anything starts."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from model_lib.config.network import NetworkError
from model_lib.config.presets import PRESET_TABLE
from model_lib.config.setting import SettingsError
from model_lib.sweeps.factors import FACTORS, Value, parse_values
from model_lib.sweeps.plan import MOST_RUNS, SweepError, SweepPlan, base_config, make_plan
from tests.sweeps.fake_runs import plan_of


def test_a_grid_has_every_value_with_every_other_one_and_every_seed_once() -> None:
    plan = plan_of({"batch_size": (16, 64), "dropout": (0.0, 0.25, 0.5)}, seeds=3)
    assert set(plan.points) == {(16, 0.0), (16, 0.25), (16, 0.5), (64, 0.0), (64, 0.25), (64, 0.5)}
    assert plan.seeds == (1, 2, 3)
    order = list(plan.order())
    assert len(order) == plan.runs == 18
    assert set(order) == set(itertools.product(range(6), (1, 2, 3)))
    assert {point for point, _ in order[:6]} == set(range(6)), "early on there is something of every point"


def test_a_run_differs_from_the_base_in_what_is_varied_and_in_nothing_else() -> None:
    plan = plan_of({"batch_size": (16, 64), "dropout": (0.0, 0.5)})
    spec, config = plan.at(plan.points.index((64, 0.5)), 2)
    assert config == dataclasses.replace(plan.config, batch_size=64, seed=2)
    assert [layer.rate for layer in spec.layers if layer.kind == "Dropout"] == [0.5]
    base = PRESET_TABLE["mlp"].spec
    assert [layer.kind for layer in spec.layers] == [layer.kind for layer in base.layers]
    assert spec.title == "Dense network, Batch size 64, Dropout 0.5, seed 2"


def test_filters_and_units_are_multiplied_and_the_last_layer_stays() -> None:
    plan = plan_of({"filters": (0.5, 1, 2)}, preset="two_conv", images=2000)
    counts = [
        [layer.filters if layer.kind == "Conv2D" else layer.units for layer in plan.at(point, 1)[0].layers
         if layer.kind in ("Conv2D", "Dense")]
        for point in range(3)
    ]  # fmt: skip
    assert counts == [[8, 18, 64], [16, 36, 128], [32, 72, 256]]


def test_each_optimizer_has_its_own_learning_rate_unless_that_is_varied_too() -> None:
    plan = plan_of({"optimizer": ("adam", "adadelta")}, preset="mnist_cnn")
    assert [plan.at(point, 1)[1].rate for point in range(2)] == [0.001, 1.0]
    both = plan_of({"learning_rate": (0.1, 0.01), "optimizer": ("sgd", "adam")})
    assert {(config.optimizer, config.rate) for _, config in (both.at(point, 1) for point in range(4))} == {
        ("sgd", 0.1),
        ("sgd", 0.01),
        ("adam", 0.1),
        ("adam", 0.01),
    }


def test_every_run_has_validation_images_and_no_early_end_of_its_own() -> None:
    for preset in PRESET_TABLE.values():
        config = base_config(preset.config, 3, 5000)
        assert (config.validation, config.epochs, config.training_images) == ("last", 3, 5000)
        assert config.target_accuracy is config.patience is config.time_limit_seconds is None


def test_random_search_draws_different_points_between_the_values_the_same_ones_each_time() -> None:
    values: dict[str, tuple[Value, ...]] = {"batch_size": (8, 256), "learning_rate": (0.0001, 0.1)}
    plan = plan_of(values, way="random", draws=15)
    assert len(set(plan.points)) == 15
    for batch, rate in plan.points:
        assert isinstance(batch, int) and 8 <= batch <= 256
        assert isinstance(rate, float) and 0.0001 <= rate <= 0.1
    below = sum(isinstance(rate, float) and rate < 0.00316 for _, rate in plan.points)
    assert 3 <= below <= 12, "half of them lie below the geometric mean: the scale is logarithmic"
    assert plan_of(values, way="random", draws=15) == plan


def test_random_search_among_few_choices_ends_when_there_are_no_more() -> None:
    plan = plan_of({"optimizer": ("adam", "sgd", "rmsprop")}, way="random", draws=10, seeds=1)
    assert sorted(map(str, (value for (value,) in plan.points))) == ["adam", "rmsprop", "sgd"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"learning_rate": (0.001, 0.0)}, r'"Learning rate" must be a number from 1e-07 to 100. Received: 0'),
        ({"batch_size": (16, 1.5)}, r'"Batch size" must be a whole number .* Received: 1.5'),
        ({"batch_size": (16, 401)}, r"Batch size 401: there are only 400 images to learn from"),
        ({"dropout": (0.5, 1.0)}, r'"Dropout" must be a number from 0 to 0.95. Received: 1'),
        ({"training_images": (99, 500)}, r'"Training images" must be .* Received: 99'),
        ({"training_images": (500, 60_001)}, r'Training images 60,001: "Training images" does not fit.*60,000'),
        ({"optimizer": ("adam", "magic")}, r'"Optimizer" must be one of .* Received: magic'),
        ({"augmentation": ()}, r'"Augmentation" needs at least one value'),
        ({"learning_rate": (0.1,)}, r"needs two values or more"),
        ({"learning_rate": (0.1, 0.1)}, r"needs two values or more"),
        ({"learning_rate": tuple(0.001 * step for step in range(1, 22))}, r"at most 20 values. Received: 21"),
        ({"batch_size": (1, 2), "dropout": (0.1,), "filters": (1,)}, r"one setting or two. Received: 3"),
        ({"batch_size": tuple(range(1, 9)), "filters": (0.5, 1, 2)}, rf"at most {MOST_RUNS} runs. Received: 24 points"),
    ],
)
def test_impossible_values_are_named(values: dict[str, tuple[Value, ...]], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        plan_of(values)


def test_a_network_without_dropout_or_with_too_many_parameters_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r'"One convolution, 3 x 3" has no Dropout layer'):
        plan_of({"dropout": (0.0, 0.5)}, preset="cnn_3x3")
    with pytest.raises(NetworkError, match=r"Filters and units x 4: .*parameters"):
        plan_of({"filters": (1, 4)}, preset="mnist_cnn")


def test_a_sweep_needs_validation_images_and_halving_two_epochs() -> None:
    preset = PRESET_TABLE["mlp"]
    with pytest.raises(SettingsError, match="validation"):
        make_plan(preset.spec, preset.config, {"batch_size": (16, 32)}, 3)
    with pytest.raises(SettingsError, match="2 epochs or more"):
        plan_of({"batch_size": (16, 32)}, is_halving=True)
    with pytest.raises(SettingsError, match='"Seeds" must be a whole number from 1 to 20'):
        plan_of({"batch_size": (16, 32)}, seeds=0)


def test_typed_values_may_be_parted_by_commas_semicolons_or_spaces() -> None:
    assert parse_values(FACTORS["batch_size"], " 16, 32;64  128,") == (16, 32, 64, 128)
    assert parse_values(FACTORS["learning_rate"], "1e-3, .01, 0.010") == (0.001, 0.01)
    for text in ("", " , ", "1, two", "nan", "inf", "1e999", "0x10"):
        with pytest.raises(SettingsError, match="Learning rate"):
            parse_values(FACTORS["learning_rate"], text)


def test_a_plan_is_read_again_as_it_was_written_and_a_damaged_one_is_refused() -> None:
    for plan in (
        plan_of({"batch_size": (16, 64), "optimizer": ("adam", "sgd")}),
        plan_of({"dropout": (0.0, 0.5)}, way="random", epochs=4, is_halving=True),
    ):
        assert SweepPlan.from_dict(plan.as_dict()) == plan
        for name in plan.as_dict():
            with pytest.raises(SweepError, match="damaged"):
                SweepPlan.from_dict(plan.as_dict() | {name: None} if name != "is_halving" else {})
