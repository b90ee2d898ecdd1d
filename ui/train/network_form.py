"""The form in which a visitor chooses a ready-made network, or builds one layer by layer."""

from __future__ import annotations

import dataclasses
from itertools import count
from typing import Any

import streamlit as st

from model_lib.config.network import (
    ACTIVATIONS,
    KINDS,
    OPTIONS,
    PADDINGS,
    WHOLE_NUMBERS,
    LayerSpec,
    NetworkError,
    NetworkSpec,
    summarise,
)
from model_lib.config.presets import PRESETS
from ui.shared.wording import as_written
from ui.train.number_box import needed_number, number_box

# The layers by number, the removed ones among them; and the numbers of the removed ones, whose places are kept.
_LAYERS_KEY = "edited_layers"
_REMOVED_KEY = "removed_layers"
_EXPLANATIONS = {
    "Conv2D": "moves small filters over the image and marks where each one fits",
    "MaxPooling2D": "keeps the largest value of each block: a smaller image, and small shifts matter less",
    "Dropout": "switches off a random share of the values while training, against learning by heart",
    "BatchNormalization": "brings the values to a mean of 0 and a spread of 1, which makes learning faster",
    "Activation": "bends the values, so that layers can do more than one layer",
    "Flatten": "lays the image out as one row of numbers",
    "GlobalAveragePooling2D": "takes the mean of each feature map",
    "Dense": "wires every number to every unit",
}
_OWN = "own"
_OPTION_WIDTH_PX = 110


def choose_network() -> NetworkSpec:
    """Shows the choice of networks and returns the chosen one, which need not be buildable.

    Returns:
        A preset, or the visitor's own network under the name "own".
    """
    names = [*PRESETS, _OWN]
    name = st.selectbox(
        "Network",
        names,
        format_func=lambda name: "Build your own" if name == _OWN else f"{PRESETS[name].title} ({name})",
        key="chosen_preset",
    )
    if name != _OWN:
        spec = PRESETS[name]
        st.caption(spec.description + (f" {spec.source[0].upper()}{spec.source[1:]}." if spec.source else ""))
        st.button("Change its layers", icon=":material/edit:", on_click=_edit, args=(spec.layers,))
        return spec
    if _LAYERS_KEY not in st.session_state:
        _edit(PRESETS["mnist_cnn"].layers)
    layers: list[LayerSpec] = []
    for number in list(st.session_state[_LAYERS_KEY]):
        if number in st.session_state[_REMOVED_KEY]:
            _offer_undo(number)
        else:
            layers.append(_edit_layer(number, position=len(layers)))
    _add_button()
    return NetworkSpec("own", tuple(layers), title="Own network")


def show_table(spec: NetworkSpec) -> bool:
    """Shows the network's layers, shapes and parameters, or why it cannot be built.

    Returns:
        Whether it can be built.
    """
    try:
        rows = summarise(spec)
    except NetworkError as error:
        st.error(_in_words(error, spec), icon=":material/error:")
        return False
    st.table(
        {
            "layer": [f"**{row.kind}** {row.detail}" for row in rows],
            "output shape": [" x ".join(str(side) for side in row.output_shape) for row in rows],
            "parameters": [f"{row.parameters:,}" for row in rows],
        },
        border="horizontal",
        hide_index=True,
    )
    total, trainable = sum(row.parameters for row in rows), sum(row.trainable for row in rows)
    fixed = f", {total - trainable:,} of them not trained" if total != trainable else ""
    st.markdown(f"**{total:,} parameters**{fixed}")
    return True


def _edit(layers: tuple[LayerSpec, ...]) -> None:
    """Takes layers into the editor. Each has a number of its own, so that its widgets move with it."""
    fresh = st.session_state.setdefault("layer_numbers", count())
    st.session_state[_LAYERS_KEY] = {next(fresh): layer for layer in layers}
    st.session_state[_REMOVED_KEY] = set()
    st.session_state["chosen_preset"] = _OWN


def _in_words(error: NetworkError, spec: NetworkSpec) -> str:
    """Says what is wrong with a network, as Markdown, with the labels of the editor."""
    if error.layer is None or not error.option:
        return str(error)
    where, label = f"Layer {error.layer + 1} ({spec.layers[error.layer].kind})", _label(error.option)
    if error.allowed is None:
        return f'{where}: "{label}" cannot be {as_written(error.received)}.'
    return f"{where}: {needed_number(label, error.allowed, error.option in WHOLE_NUMBERS, error.received)}"


def _label(option: str) -> str:
    return option.replace("_", " ")


def _numbers() -> list[int]:
    """Returns the numbers of the layers that are left, from the image towards the answer."""
    return [number for number in st.session_state[_LAYERS_KEY] if number not in st.session_state[_REMOVED_KEY]]


def _offer_undo(number: int) -> None:
    """Shows, where a removed layer was, that it can be put back.

    The line keeps the layers below away from the place of the button that removed it, and has no button of its own
    there: the second click of a double click, however late it comes, meets nothing.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Undo",
            icon=":material/undo:",
            key=f"Undo-{number}",
            help="Puts the layer back in its place",
            on_click=_put_back,
            args=(number,),
        )
        st.caption(f"{st.session_state[_LAYERS_KEY][number].kind} removed", width="stretch")


def _edit_layer(number: int, position: int) -> LayerSpec:
    """Shows one layer as a box and returns what it says now."""
    layer: LayerSpec = st.session_state[_LAYERS_KEY][number]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{position + 1}. {layer.kind}**", help=_EXPLANATIONS[layer.kind], width="stretch")
            for name, icon, change in (
                ("Up", "arrow_upward", lambda: _move(number, -1)),
                ("Down", "arrow_downward", lambda: _move(number, 1)),
                ("Remove", "delete", lambda: _remove(number)),
            ):
                icon = f":material/{icon}:"
                st.button("", icon=icon, key=f"{name}-{number}", help=f"{name}: layer {position + 1}", on_click=change)
        options = [name for name in OPTIONS[layer.kind] if name != "use_bias"]
        values: dict[str, Any] = {}
        with st.container(horizontal=True):
            for name in options:
                values[name] = _option(layer, name, f"{name}-{number}")
    layer = dataclasses.replace(layer, **values)
    st.session_state[_LAYERS_KEY][number] = layer
    return layer


def _option(layer: LayerSpec, name: str, key: str) -> object:
    value = getattr(layer, name)
    if name in ("activation", "padding"):
        choices = ACTIVATIONS if name == "activation" else PADDINGS
        return st.selectbox(_label(name), choices, choices.index(value), key=key, width=_OPTION_WIDTH_PX)
    # Empty strides are Keras's None: one step for a convolution, the pool size for pooling.
    return number_box(
        _label(name),
        value,
        key=key,
        is_whole=name in WHOLE_NUMBERS,
        step=1 if name in WHOLE_NUMBERS else 0.05,
        placeholder="usual" if name == "strides" else None,
        width=_OPTION_WIDTH_PX,
    )


def _add_button() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Another layer", KINDS, key="added_kind", format_func=lambda kind: f"{kind}: {_EXPLANATIONS[kind]}"
        )
        st.button("Add", icon=":material/add:", on_click=_add, args=(chosen,))


def _add(kind: str) -> None:
    number = next(st.session_state["layer_numbers"])
    layers = st.session_state[_LAYERS_KEY]
    st.session_state[_LAYERS_KEY] = {each: layers[each] for each in _numbers()} | {
        number: LayerSpec.from_dict({"kind": kind})
    }
    st.session_state[_REMOVED_KEY] = set()


# A click may arrive twice, or after the layer is gone: the browser sends it before it shows what the last one did.
def _remove(number: int) -> None:
    if number in st.session_state[_LAYERS_KEY]:
        st.session_state[_REMOVED_KEY].add(number)


def _put_back(number: int) -> None:
    st.session_state[_REMOVED_KEY].discard(number)


def _move(number: int, by: int) -> None:
    left = _numbers()
    place = left.index(number) + by if number in left else -1
    if not 0 <= place < len(left):
        return
    layers = st.session_state[_LAYERS_KEY]
    order = list(layers)
    target = order.index(left[place])
    order.remove(number)
    order.insert(target, number)
    st.session_state[_LAYERS_KEY] = {each: layers[each] for each in order}
