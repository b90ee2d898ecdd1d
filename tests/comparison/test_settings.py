"""Settings and layers beside each other: what differs is found, and nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from model_lib.comparison.record import RunRecord, read_record
from model_lib.comparison.run_columns import COLUMNS
from model_lib.comparison.settings import (
    ABSENT,
    UNKNOWN,
    aligned_layers,
    differing,
    network_rows,
    setting_rows,
)
from model_lib.comparison.settings_text import set_otherwise
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.files import write_json
from model_lib.inference.weight_shapes import bound_layers
from model_lib.runs import create_run
from model_lib.storage.lineage import Ancestor, Start
from model_lib.storage.run import ORIGIN_FILE, Run
from tests.support.fake_evaluations import brought_network


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


def test_runs_that_started_from_other_weights_differ_though_all_settings_are_the_same(tmp_path: Path) -> None:
    spec = PRESETS["mlp"]
    shapes = [shape for layer in bound_layers(spec) for shape in layer.weight_shapes.values()]
    weights = [np.zeros(shape, np.float32) for shape in shapes]
    starts = [None, *(Start(weights, (Ancestor(name, name, epochs, ("mnist",)),)) for name, epochs in _STARTS)]
    records = [read_record(create_run(spec, TrainingConfig(), tmp_path, start)) for start in starts]
    (row,) = differing(setting_rows(records))
    assert row.title == "First weights"
    assert row.values == ("random", "those of run 20261127-093000-mlp-1a2b after epoch 3", _READY_MADE)
    assert not differing(setting_rows([records[1], records[1]]))


_STARTS = (("20261127-093000-mlp-1a2b", 3), ("pretrained", 0))
_READY_MADE = "those of the ready-made network"


def test_nothing_is_claimed_of_the_training_of_a_network_that_was_brought_as_a_file(tmp_path: Path) -> None:
    brought = [read_record(brought_network(tmp_path, title)) for title in ("Anna", "Ben")]
    trained = read_record(create_run(PRESETS["mlp"], TrainingConfig(epochs=3), tmp_path))
    assert setting_rows(brought) == ()
    rows = setting_rows([brought[0], trained])
    assert {row.values[0] for row in rows} == {UNKNOWN} and not differing(rows)
    assert {row.title: row.values[1] for row in rows}["Epochs"] == "3"
    assert COLUMNS["settings"].value(brought[0]) == ""
    assert "epochs 3" in str(COLUMNS["settings"].value(trained))


def test_the_zip_of_a_run_has_its_training_and_that_of_a_brought_network_has_none(tmp_path: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), tmp_path)
    assert not run.has_no_training
    for origin, has_none in (
        ({"packed": True}, False),
        ({"packed": True, "format": ".keras"}, True),
        ({"owner": "anna", "format": ".keras"}, True),
    ):
        write_json(run.folder / ORIGIN_FILE, origin)
        assert run.has_no_training is has_none
    (run.folder / ORIGIN_FILE).write_text("no JSON")
    assert run.has_no_training
