"""Settings and layers beside each other: what differs is found, and nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from model_lib.comparison.record import RunRecord
from model_lib.comparison.settings import ABSENT, aligned_layers, differing, network_rows, setting_rows
from model_lib.comparison.settings_text import set_otherwise
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.storage.run import Run


def _record(spec: NetworkSpec = PRESETS["mlp"], parameters: int = 101_770, **settings: object) -> RunRecord:
    config = TrainingConfig.from_dict(settings)
    return RunRecord(Run(Path("runs/one")), "One", "finished", spec, config, parameters, 0.0)


def test_only_the_setting_that_was_changed_differs_and_is_said_as_the_form_says_it() -> None:
    rows = setting_rows([_record(), _record(batch_size=4096), _record()])
    assert [(row.title, row.values) for row in differing(rows)] == [("Batch size", ("32", "4,096", "32"))]
    shown = {row.title: row.values[0] for row in rows}
    assert shown["Validation share, per cent"] == "20 %"
    assert shown["Optimizer"] == "Adam"
    assert shown["Early stopping (patience), epochs"] == "off"


def test_what_is_set_otherwise_than_usual_is_said_with_the_seed_and_short_words_first() -> None:
    usual, spec = PRESET_CONFIGS["mlp"], PRESETS["mlp"]
    assert set_otherwise(spec, usual) == ""
    changed = dataclasses.replace(usual, batch_size=512, training_images=2_000, seed=2)
    assert set_otherwise(spec, changed) == "seed 2, batch size 512, training images 2,000"
    assert set_otherwise(dataclasses.replace(spec, layers=spec.layers[1:]), usual) == "layers"


def test_a_learning_rate_left_to_the_optimizer_equals_the_same_number_typed_in() -> None:
    assert not differing(setting_rows([_record(), _record(learning_rate=0.001)]))


def test_a_setting_without_effect_is_no_difference() -> None:
    assert not differing(setting_rows([_record(momentum=0.5), _record()]))
    rows = differing(setting_rows([_record(optimizer="sgd", learning_rate=0.001), _record()]))
    assert {row.title: row.values for row in rows} == {
        "Optimizer": ("SGD with momentum", "Adam"),
        "Momentum": ("0.9", ABSENT),
        "Beta 1": (ABSENT, "0.9"),
        "Beta 2": (ABSENT, "0.999"),
    }


def test_an_image_set_that_is_no_choice_of_everybodys_is_named() -> None:
    rows = setting_rows([_record(dataset="no_such_set")])
    assert rows[0].values == ("no_such_set",)


def test_layers_of_the_same_kind_stand_beside_each_other() -> None:
    conv, pool, flat, drop = (LayerSpec(kind) for kind in ("Conv2D", "MaxPooling2D", "Flatten", "Dropout"))
    dense, small = LayerSpec("Dense"), LayerSpec("Dense", units=8)
    assert aligned_layers([(flat, dense), (flat, drop, small), (conv, pool, flat, dense)]) == [
        (None, None, conv),
        (None, None, pool),
        (flat, flat, flat),
        (None, drop, None),
        (dense, small, dense),
    ]
    assert aligned_layers([]) == []


def test_two_networks_differ_in_their_layers_parameters_and_multiplications() -> None:
    rows = network_rows([_record(), _record(PRESETS["cnn_3x3"], 693_962)])
    assert [row.values for row in rows if not row.differs] == [
        ("Flatten", "Flatten"),
        ("Dense: 128 units, relu", "Dense: 128 units, relu"),
    ]
    assert rows[-2].values == ("101,770", "693,962")
    assert rows[-1].values == ("101,632", "888,192")
    raw = network_rows([_record(PRESETS["mlp_batchnorm"], 104_906), _record()])
    assert (raw[0].title, raw[0].values) == ("Pixels multiplied by", ("255", "1"))


def test_own_digits_are_told_apart_without_the_names_of_their_sets() -> None:
    first, second = "a" * 12, "b" * 12
    assert "Digits drawn by hand" not in {row.title for row in setting_rows([_record(), _record()])}
    rows = {row.title: row.values for row in setting_rows([_record(own_digits=first), _record()])}
    assert rows["Digits drawn by hand"] == ("mixed in", "not mixed in")
    rows = {row.title: row.values for row in setting_rows([_record(own_digits=first), _record(own_digits=second)])}
    assert rows["Digits drawn by hand"] == ("mixed in, set 1", "mixed in, set 2")
