"""Every kind of layer can be edited on the Train page and is traced on Look inside."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.layer_kinds import KINDS, LAYER_KINDS
from model_lib.config.network import OPTIONS


def _editor_of(kind: str) -> None:
    import streamlit as st

    from model_lib.config.network import LayerSpec
    from ui.train import network_form

    if "chosen_preset" not in st.session_state:
        network_form._edit((LayerSpec(kind),))
    (layer,) = network_form.choose_network().layers
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
    from model_lib.interpretability.layer_outputs import FeatureReader
    from model_lib.interpretability.output_trace import explain_output
    from tests.support.sample_networks import network_around, network_with_random_weights
    from ui.look_inside.trace import show_trace

    reader = FeatureReader(network_with_random_weights(network_around(LayerSpec(kind, units=5))))
    maps, view = reader.read(np.full((28, 28), 0.5, np.float32)), reader.views[1]
    position = tuple(side // 2 for side in view.shape)
    show_trace(explain_output(reader, maps, view.name, position), reader, view, position)


@pytest.mark.parametrize("kind", KINDS)
def test_the_trace_of_a_layers_output_ends_in_what_keras_computed(kind: str) -> None:
    app = AppTest.from_function(_trace_of, args=(kind,), default_timeout=120).run()
    assert not app.exception
    result, keras_value = (metric for metric in app.metric[-2:])
    assert keras_value.label == "Keras computed"
    assert float(result.value) == pytest.approx(float(keras_value.value), abs=2e-4)
