"""The list of networks, and their layers: a ready-made network, that of a run, or one that is built layer by layer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import streamlit as st

from model_lib.config.layer_kinds import KINDS, LAYER_KINDS
from model_lib.config.network import OPTIONS, LayerSpec, NetworkError, NetworkSpec
from model_lib.config.presets import FIRST_TRAINING, PRESET_CONFIGS, PRESET_TABLE, PRESETS
from model_lib.config.summary import summarise
from model_lib.config.training import TrainingConfig
from model_lib.storage.run import Run
from ui.shared.scrolling import scroll_to
from ui.shared.visit import state_of
from ui.shared.wording import as_written, in_markdown
from ui.train.number_box import needed_number, number_box
from ui.train.repeated_run import (
    is_repetition_chosen,
    keep_in_address,
    note_edited,
    read_repeated_run,
    repeat,
    repeated_run,
)

# Key of the container of the page in which the network, the first settings and Start stand.
FORM_CONTAINER: Final = "form"

# The first entry, for newcomers: quick, and with a validation curve, which that preset does without.
_FIRST: Final = "first"
_FIRST_PRESET: Final = PRESET_TABLE["lightning"]
_OWN = "own"
# Suits most networks.
_OWN_SETTINGS: Final = TrainingConfig(batch_size=128, epochs=5)
_LIST_WIDTH_PX: Final = 320
_NETWORK_HELP: Final = "Which layers the new network has: a ready-made list of layers (preset), or your own."
_OPTION_WIDTH_PX = 110
_PRESET_KEY = "chosen_preset"
_KIND_KEY = "added_kind"


@dataclass
class _Editor:
    """The visitor's own network.

    Args:
        layers: by number, the removed ones among them.
        removed: the numbers of the removed ones, which keep their positions.
        fresh: numbers that no layer has had yet.
        is_open: whether it has layers.
        pixel_scale: see `NetworkSpec`.
    """

    layers: dict[int, LayerSpec] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    fresh: Iterator[int] = field(default_factory=count)
    is_open: bool = False
    pixel_scale: float = 1.0


def choose_network() -> str:
    """Shows the list of networks and returns the id of the chosen entry: a preset, or one that is nobody else's.

    The last entry is the run that is to be trained again, if there is one.
    """
    entries, repeated = [_FIRST, *PRESETS, _OWN], read_repeated_run()
    if repeated is not None:
        entries.append(repeated[0])
        if is_repetition_chosen() and _PRESET_KEY not in st.session_state:  # by a link, or before another page
            st.session_state[_PRESET_KEY] = repeated[0]
    if st.session_state.get(_PRESET_KEY, _FIRST) not in entries:  # the run has been deleted
        st.session_state[_PRESET_KEY] = _FIRST

    def title(name: str) -> str:
        if repeated is not None and name == repeated[0]:
            return repeated[1]
        if name == _FIRST:
            return f"Quick first training: {_FIRST_PRESET.title}"
        return "Build your own" if name == _OWN else f"{PRESETS[name].title} ({name})"

    name = st.selectbox(
        "Network", entries, format_func=title, key=_PRESET_KEY, width=_LIST_WIDTH_PX, help=_NETWORK_HELP
    )
    keep_in_address(name)
    return name


def choose_entry(name: str) -> None:
    """Makes a network of the list the chosen one, before the list is shown: "first", or the name of a preset."""
    st.session_state[_PRESET_KEY] = name


def train_again(run: Run | None, is_trained_on: bool = False) -> None:
    """Fills the form with a run's network and settings, and brings it into view.

    Args:
        run: one that can be read; None for the network that comes with the app.
        is_trained_on: whether the training is to go on from its weights.
    """
    st.session_state[_PRESET_KEY] = repeat(run, is_trained_on)
    scroll_to(FORM_CONTAINER)


def published_settings(name: str) -> TrainingConfig:
    """Returns the settings that the form starts from.

    Args:
        name: from `choose_network`.
    """
    repeated = repeated_run(name)
    if repeated is not None:
        return repeated.usual
    return FIRST_TRAINING if name == _FIRST else PRESET_CONFIGS.get(name, _OWN_SETTINGS)


def choose_layers(name: str) -> NetworkSpec:
    """Shows the layers of an entry, folded up unless they can be edited, and returns its network.

    Args:
        name: from `choose_network`.

    Returns:
        A preset, the network of a run, or the visitor's own under the name "own". All but the first need not be
        buildable.
    """
    repeated = repeated_run(name)
    # Another key: the fold of one's own network is another one, which is open at first.
    with st.expander("Layers", expanded=name == _OWN, key=f"layers-{name == _OWN}"):
        if repeated is not None and name != _OWN:
            fixed = " They cannot be changed here: the trained weights belong to them." if repeated.has_weights else ""
            st.caption(f"The layers of {in_markdown(repeated.title)}.{fixed}")
            show_table(repeated.spec)
            if is_buildable(repeated.spec) and not repeated.has_weights:
                _offer_editor(repeated.spec.layers, name)
            return repeated.spec
        if name != _OWN:
            preset = PRESET_TABLE[_FIRST_PRESET.spec.name if name == _FIRST else name]
            source = f" {preset.source[0].upper()}{preset.source[1:]}." if preset.source else ""
            st.caption(preset.description + source)
            show_table(preset.spec)
            _offer_editor(preset.spec.layers, name)
            return preset.spec
        with st.container(horizontal=True, gap="large"):  # on a narrow screen the table goes below
            with st.container(width=500):
                spec = _edit_layers()
            with st.container(width=400):
                show_table(spec)
        return spec


def _edit_layers() -> NetworkSpec:
    editor = state_of(_Editor)
    if not editor.is_open:
        _edit(PRESETS["mnist_cnn"].layers)
    layers: list[LayerSpec] = []
    for number in list(editor.layers):
        if number in editor.removed:
            _offer_undo(number)
        else:
            layers.append(_edit_layer(number, position=len(layers)))
    _add_button()
    return NetworkSpec("own", tuple(layers), editor.pixel_scale, title="Own network")


def is_buildable(spec: NetworkSpec) -> bool:
    """Returns whether a network can be built; `show_table` says why not."""
    try:
        summarise(spec)
    except NetworkError:
        return False
    return True


def show_table(spec: NetworkSpec) -> None:
    """Shows the network's layers, shapes and parameters, or why it cannot be built."""
    try:
        rows = summarise(spec)
    except NetworkError as error:
        st.error(_in_words(error, spec), icon=":material/error:")
        return
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


def _offer_editor(layers: tuple[LayerSpec, ...], source: str) -> None:
    st.button("Change its layers", icon=":material/edit:", on_click=_edit, args=(layers, source))


def _edit(layers: tuple[LayerSpec, ...], source: str = "") -> None:
    """Takes layers into the editor. Each has a number of its own, so that its widgets move with it.

    Args:
        layers: from the image towards the answer.
        source: the id of the entry that has them. Those of a run come with the run's settings.
    """
    editor = state_of(_Editor)
    editor.layers = {next(editor.fresh): layer for layer in layers}
    note_edited(_OWN, source)
    repeated = repeated_run(_OWN)
    editor.pixel_scale = 1.0 if repeated is None else repeated.spec.pixel_scale
    editor.removed, editor.is_open = set(), True
    st.session_state[_PRESET_KEY] = _OWN


def _in_words(error: NetworkError, spec: NetworkSpec) -> str:
    """Says what is wrong with a network, as Markdown, with the labels of the editor."""
    if error.layer is None or not error.option:
        return str(error)
    where, option = f"Layer {error.layer + 1} ({spec.layers[error.layer].kind})", OPTIONS[error.option]
    if error.allowed is None:
        return f'{where}: "{option.label}" cannot be {as_written(error.received)}.'
    return f"{where}: {needed_number(option.label, error.allowed, option.is_whole, error.received)}"


def _numbers() -> list[int]:
    """Returns the numbers of the layers that are left, from the image towards the answer."""
    editor = state_of(_Editor)
    return [number for number in editor.layers if number not in editor.removed]


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
        st.caption(f"{state_of(_Editor).layers[number].kind} removed", width="stretch")


def _edit_layer(number: int, position: int) -> LayerSpec:
    """Shows one layer as a box and returns it with the values of its controls."""
    layer = state_of(_Editor).layers[number]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{position + 1}. {layer.kind}**", help=LAYER_KINDS[layer.kind].help, width="stretch")
            for name, icon, change in (
                ("Up", "arrow_upward", lambda: _move(number, -1)),
                ("Down", "arrow_downward", lambda: _move(number, 1)),
                ("Remove", "delete", lambda: _remove(number)),
            ):
                icon = f":material/{icon}:"
                st.button("", icon=icon, key=f"{name}-{number}", help=f"{name}: layer {position + 1}", on_click=change)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            values = {name: _option(name, value, f"{name}-{number}") for name, value in layer.options().items()}
    layer = dataclasses.replace(layer, **values)
    state_of(_Editor).layers[number] = layer
    return layer


def _option(name: str, value: Any, key: str) -> Any:
    option = OPTIONS[name]
    if option.is_flag:
        return st.checkbox(option.label, value, key=key, help=option.help)
    if option.choices:
        choices = list(option.choices)
        return st.selectbox(
            option.label, choices, choices.index(value), key=key, width=_OPTION_WIDTH_PX, help=option.help
        )
    return number_box(
        option.label,
        value,
        key=key,
        is_whole=option.is_whole,
        step=option.step,
        placeholder=option.placeholder,
        help=option.help,
        width=_OPTION_WIDTH_PX,
    )


def _add_button() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Another layer",
            KINDS,
            key=_KIND_KEY,
            format_func=lambda kind: f"{kind}: {LAYER_KINDS[kind].help}",
            help="Added below the last one, before the final Dense(10) with softmax.",
        )
        # Named by the newest layer, so that the second click of a double click is known.
        newest = _newest()
        st.button("Add", icon=":material/add:", key=f"Add-{newest}", on_click=_add, args=(newest,))


def _newest() -> int:
    return max(state_of(_Editor).layers, default=-1)


def _add(newest: int) -> None:
    if newest != _newest():
        return
    kind = st.session_state[_KIND_KEY]  # the page may not have run since it was chosen
    editor = state_of(_Editor)
    left = {each: editor.layers[each] for each in _numbers()}
    editor.layers = left | {next(editor.fresh): LayerSpec.from_dict({"kind": kind})}
    editor.removed = set()


# A click may arrive twice, or after the layer is gone: the browser sends it before it shows what the last one did.
def _remove(number: int) -> None:
    editor = state_of(_Editor)
    if number in editor.layers:
        editor.removed.add(number)


def _put_back(number: int) -> None:
    state_of(_Editor).removed.discard(number)


def _move(number: int, by: int) -> None:
    left = _numbers()
    place = left.index(number) + by if number in left else -1
    if not 0 <= place < len(left):
        return
    editor = state_of(_Editor)
    order = list(editor.layers)
    target = order.index(left[place])
    order.remove(number)
    order.insert(target, number)
    editor.layers = {each: editor.layers[each] for each in order}
