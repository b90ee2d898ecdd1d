"""Every kind of layer is complete: whatever a new one lacks fails here, or in the test of what uses it.

The oracle is Keras's layer of the same name. The other tests that go through all of `KINDS`: shapes and parameters
(test_network), a training step (engine/test_layer_kinds), the trace of an output and its receptive field
(interpretability), the controls and the trace on the pages (pages/test_layer_kinds).
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import Any

import keras
import pytest

from model_lib.config.layer_kinds import KINDS, LAYER_KINDS, layer_kind, layer_name
from model_lib.config.network import OPTIONS, LayerSpec, NetworkSpec
from model_lib.config.setting import Setting
from model_lib.networks import as_keras_script


def _other_value(option: Setting, usual: Any) -> Any:
    """Returns an allowed value that is not the usual one."""
    if option.is_flag:
        return not usual
    if option.choices:
        return next(word for word in reversed(option.choices) if word != usual)
    return 0.5 if not option.is_whole else 5


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_the_name_and_the_arguments_of_keras(name: str) -> None:
    layer_class = getattr(keras.layers, name)
    options = LayerSpec(name).options()
    made = layer_class(**{option: value for option, value in options.items() if value is not None})
    assert layer_name(name, 1).removesuffix("_1") == re.sub(r"_\d+$", "", made.name)  # Keras numbers them on
    assert set(options) <= set(inspect.signature(layer_class.__init__).parameters)


@pytest.mark.parametrize("name", KINDS)
def test_the_keras_script_makes_the_layer_with_all_its_options(name: str) -> None:
    usual = LayerSpec(name)
    changed = {option: _other_value(OPTIONS[option], getattr(usual, option)) for option in usual.options()}
    names: dict[str, Any] = {}
    spec = NetworkSpec("one", (dataclasses.replace(usual, **changed), LayerSpec("Flatten")))
    exec(as_keras_script(spec), names)
    config = names["network"].layers[0].get_config()
    assert type(names["network"].layers[0]).__name__ == name
    for option, value in changed.items():
        given = config[option]
        assert (given[0] if isinstance(given, tuple | list) else given) == value, option


@pytest.mark.parametrize("name", KINDS)
def test_what_keras_draws_at_random_in_a_layer_is_drawn_from_the_runs_seed(name: str) -> None:
    arguments = {option: value for option, value in LayerSpec(name).options().items() if value is not None}
    layer = getattr(keras.layers, name)(**arguments)
    random_arguments = {"kernel_initializer", "seed"} & set(layer.get_config())
    assert random_arguments == {LAYER_KINDS[name].random_argument} - {""}


@pytest.mark.parametrize("kind", LAYER_KINDS.values(), ids=KINDS)
def test_a_kind_says_in_one_line_what_it_does(kind: Any) -> None:
    assert len(kind.help) > 10
    assert "\n" not in kind.help
    assert kind.help[0].islower()  # it stands behind the name and a colon


@pytest.mark.parametrize("kind", LAYER_KINDS.values(), ids=KINDS)
def test_the_table_tells_two_layers_of_a_kind_with_other_options_apart(kind: Any) -> None:
    usual = LayerSpec(kind.name)
    for option in kind.options:
        changed = dataclasses.replace(usual, **{option: _other_value(OPTIONS[option], getattr(usual, option))})
        assert kind.detail(changed) != kind.detail(usual), option


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_reads_a_window_exactly_if_it_has_an_option_for_its_side(name: str) -> None:
    assert (LAYER_KINDS[name].reads == "window") == bool(LAYER_KINDS[name].window_option)


@pytest.mark.parametrize("option", OPTIONS.values(), ids=OPTIONS)
def test_an_option_has_a_range_or_choices_or_is_a_flag_and_some_kind_reads_it(option: Setting) -> None:
    assert (option.range is not None) + bool(option.choices) + option.is_flag == 1
    assert any(option.name in kind.options for kind in LAYER_KINDS.values())


def test_every_field_of_a_layer_but_its_kind_is_an_option() -> None:
    assert {field.name for field in dataclasses.fields(LayerSpec)} - {"kind"} == set(OPTIONS)


def test_a_layer_of_an_unknown_kind_is_refused_with_the_kinds_that_there_are() -> None:
    with pytest.raises(NotImplementedError, match=r"Conv2D, .*Received: DepthwiseConv2D"):
        layer_kind("DepthwiseConv2D")
