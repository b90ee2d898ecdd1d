"""Every kind of layer can be edited on the Train page and is traced on Look inside."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.layer_kinds import KINDS, LAYER_KINDS
from model_lib.config.network import OPTIONS, LayerSpec
from tests.support.sample_networks import inner_outputs, network_around, network_with_random_weights


def _editor_of(kind: str) -> None:
    import streamlit as st

    from model_lib.config.network import LayerSpec
    from ui.train import network_form

    if "chosen_preset" not in st.session_state:
        network_form._edit((LayerSpec(kind),))
    (layer,) = network_form.choose_layers(network_form.choose_network()).layers
    st.json(layer.as_dict())


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_of_a_layer_has_a_control_in_the_editor(kind: str) -> None:
    app = AppTest.from_function(_editor_of, args=(kind,), default_timeout=60).run()
    assert not app.exception
    controls = {each.label for each in [*app.number_input, *app.selectbox, *app.checkbox]}
    assert {OPTIONS[name].label for name in LAYER_KINDS[kind].options} <= controls


def test_the_bias_of_a_layer_can_be_taken_away() -> None:
    app = AppTest.from_function(_editor_of, args=("Dense",), default_timeout=60).run()
    app.checkbox[0].uncheck().run()
    assert '"use_bias"' in app.json[0].value


def _trace_of(kind: str) -> None:
    import numpy as np

    from model_lib.config.network import LayerSpec
    from model_lib.layers.layer_reader import LayerReader
    from model_lib.layers.output_trace import explain_output
    from tests.support.sample_networks import network_around, network_with_random_weights
    from ui.look_inside.trace import show_trace

    spec = network_around(LayerSpec(kind, units=5))
    reader = LayerReader(spec, network_with_random_weights(spec).get_weights())
    maps, view = reader.read(np.full((28, 28), 0.5, np.float32)), reader.views[1]
    position = tuple(side // 2 for side in view.shape)
    show_trace(explain_output(reader, maps, view.name, position), reader.views, view, position)


@pytest.mark.parametrize("kind", KINDS)
def test_the_trace_of_a_layers_output_ends_in_what_keras_computes(kind: str) -> None:
    app = AppTest.from_function(_trace_of, args=(kind,), default_timeout=120).run()
    assert not app.exception
    result, runtime_value = app.metric[-2:]
    assert runtime_value.label == "check by ONNX Runtime"
    outputs = inner_outputs(
        network_with_random_weights(network_around(LayerSpec(kind, units=5))), np.full((28, 28), 0.5, np.float32)
    )
    output = list(outputs.values())[1]
    expected = output[tuple(side // 2 for side in output.shape)]
    assert float(result.value) == pytest.approx(expected, abs=2e-4)
    assert float(runtime_value.value) == pytest.approx(expected, abs=2e-4)
