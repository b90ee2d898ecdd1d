"""What is said about a training: true of numbers made by hand, and silent about the presets."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.diagnostics.findings import EXPLODING_NORM, VANISHING_RATIO, findings_of, first_explosion
from model_lib.diagnostics.remedies import what_to_try
from model_lib.diagnostics.statistics import LayerStatistics, NetworkStatistics

_CONV = {"name": "conv2d_1", "kind": "Conv2D", "units": 16}
_DENSE = {"name": "dense_1", "kind": "Dense", "units": 128}
_OUTPUT = {"name": "output", "kind": "Dense", "units": 10}


def _at(step: int, *layers: dict[str, Any], loss: float | None = 0.3) -> NetworkStatistics:
    made = tuple(LayerStatistics(**{"gradient_norm": 0.5, **layer}) for layer in layers)
    return NetworkStatistics(step=step, images=256, loss=loss, layers=made)


def _texts(*measured: NetworkStatistics) -> list[str]:
    return [finding.text for finding in findings_of(measured)]


def test_dead_units_are_counted_in_words_with_how_many_there_were_before() -> None:
    before, after = (_at(step, {**_DENSE, "dead": dead}, _OUTPUT) for step, dead in ((0, 2), (900, 61)))
    (finding,) = findings_of([before, after])
    assert finding.text.startswith("61 of 128 units of Dense 1 never fire")
    assert "all 256 images, before training 2." in finding.text
    assert finding.is_warning


def test_filters_are_called_filters_and_all_of_them_all() -> None:
    (text,) = _texts(_at(0, {**_CONV, "dead": 16}, _OUTPUT))
    assert text.startswith("All 16 filters of Conv2D 1 never fire")
    assert "no gradient comes back" in text


@pytest.mark.parametrize(("dead", "findings", "warnings"), [(12, 0, 0), (13, 1, 0), (51, 1, 0), (52, 1, 1)])
def test_a_tenth_is_mentioned_and_four_tenths_are_a_warning(dead: int, findings: int, warnings: int) -> None:
    found = findings_of([_at(0, {**_DENSE, "dead": dead}, _OUTPUT)])
    assert (len(found), sum(finding.is_warning for finding in found)) == (findings, warnings)


def test_an_explosion_names_its_first_step_and_the_layer_with_the_largest_gradient() -> None:
    measured = [
        _at(0, {**_DENSE, "gradient_norm": 1.25}, _OUTPUT),
        _at(1, {**_DENSE, "gradient_norm": 90.0}, _OUTPUT),
        _at(2, {**_DENSE, "gradient_norm": 4176.4}, {**_OUTPUT, "gradient_norm": 20.0}),
        _at(3, {**_DENSE, "gradient_norm": None}, {**_OUTPUT, "gradient_norm": None}, loss=None),
    ]
    text = first_explosion(measured)
    assert text is not None
    assert "exploded after 2 steps, most of all in Dense 1: its norm there was 4,176" in text
    assert text.endswith("and 1.25 before any training.")
    assert _texts(*measured) == [text]


def test_a_gradient_that_is_no_number_at_once_is_described_by_what_was_before() -> None:
    broken = _at(1, {**_DENSE, "gradient_norm": None}, {**_OUTPUT, "gradient_norm": None}, loss=None)
    text = first_explosion([_at(0, {**_DENSE, "gradient_norm": 3.02}, _OUTPUT), broken])
    assert text is not None
    assert "no longer a number after 1 step; before any training it was largest in Dense 1, with a norm of 3.02" in text
    assert first_explosion([broken]) == "After 1 step the gradient is no number."


def test_a_gradient_that_is_large_before_training_points_to_the_pixels() -> None:
    (text,) = _texts(_at(0, {**_DENSE, "gradient_norm": 585.0}, _OUTPUT))
    assert "very large before any training" in text
    assert "pixels from 0 to 1" in text


def test_a_gradient_that_vanishes_is_named_unless_the_network_has_learnt_or_is_dead() -> None:
    small = {**_CONV, "gradient_norm": 0.001}
    (text,) = _texts(_at(5, small, _OUTPUT, loss=2.3))
    assert "vanishes" in text
    assert "500 times smaller than in Output" in text
    assert _texts(_at(5, small, _OUTPUT, loss=0.1)) == []
    assert not any("vanishes" in text for text in _texts(_at(5, {**small, "dead": 16}, _OUTPUT, loss=2.3)))
    assert _texts(_at(5, {**_CONV, "gradient_norm": 0.006}, _OUTPUT, loss=2.3)) == []


def test_nothing_is_said_without_a_measurement() -> None:
    assert findings_of([]) == []
    assert first_explosion([]) is None


@pytest.mark.parametrize("name", PRESETS)
def test_the_untrained_presets_are_well_below_each_threshold(name: str) -> None:
    from model_lib.engine.layer_probe import LayerProbe
    from model_lib.networks import build_network

    train = load_dataset("mnist").train
    measured = LayerProbe(build_network(PRESETS[name], 1), train.images[:128], train.labels[:128]).measure(0)
    assert measured.gradient_norm is not None
    assert measured.gradient_norm < EXPLODING_NORM / 5
    norms = [layer.gradient_norm or 0.0 for layer in measured.layers if layer.kind != "BatchNormalization"]
    assert norms[0] > 10 * max(norms) / VANISHING_RATIO
    assert not any(finding.is_warning for finding in findings_of([measured]))


def test_what_to_try_fits_the_network_and_its_settings() -> None:
    spec = NetworkSpec("wide", (LayerSpec("Flatten"), LayerSpec("Dense")), pixel_scale=255.0)
    config = TrainingConfig(optimizer="sgd", learning_rate=5.0)
    lines = what_to_try(spec, config)
    assert "0.5, instead of 5" in lines[0]
    assert any("255" in line for line in lines)
    assert any("momentum" in line for line in lines)
    normalised = NetworkSpec("normalised", (LayerSpec("BatchNormalization"), *spec.layers), pixel_scale=255.0)
    adam = what_to_try(normalised, dataclasses.replace(config, optimizer="adam"))
    assert len(adam) == 1
