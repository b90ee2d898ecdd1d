"""What the visitor looks at inside the network: a layer, one of its filters or units, one output pixel.

Kept for all pages and part of the address, as the network and the image are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from model_lib.figures.tile_grid import TILES_PER_PAGE
from model_lib.interpretability.layer_info import LayerView

_KEY = "look_inside"
_NAMES = ("layer", "filter", "pixel")


@dataclass(frozen=True)
class Choice:
    """A place in a network.

    Args:
        view: the layer.
        unit: the filter's (channel's, unit's) number.
        pixel: row and column of the output pixel; None where nothing was clicked yet, or the layer has no image.
    """

    view: LayerView
    unit: int
    pixel: tuple[int, int] | None


def choice_among(views: Sequence[LayerView], key: str = "Layer", first: LayerView | None = None) -> Choice:
    """Shows the list of layers and returns what is chosen, brought into the range of this network.

    Args:
        views: the layers that the page can show, at least one.
        key: the label of the list.
        first: the layer that is shown before any choice; see `current_choice` for the usual one.
    """
    choice = current_choice(views, first)
    widget = f"look-inside-{key}"
    names = [view.name for view in views]
    titles = {view.name: f"{view.title} ({view.size})" for view in views}
    st.session_state[widget] = choice.view.name
    st.selectbox(
        key,
        names,
        format_func=lambda name: titles.get(name, name),
        key=widget,
        on_change=lambda: choose_layer(st.session_state[widget]),
    )
    return choice


def current_choice(views: Sequence[LayerView], first: LayerView | None = None) -> Choice:
    """Returns what is chosen among these layers; before any choice `first`, or else the first one that learns."""
    entry = _entry()
    named = {view.name: view for view in views}
    first = first or next((view for kind in ("Conv2D", "Dense") for view in views if view.kind == kind), views[0])
    view = named.get(entry["layer"], first)
    unit = _whole(entry["filter"])
    unit = unit if 0 <= unit < view.shape[-1] else 0
    row, _, column = entry["pixel"].partition("-")
    pixel = (_whole(row), _whole(column))
    is_inside = view.is_image and 0 <= pixel[0] < view.shape[0] and 0 <= pixel[1] < view.shape[1]
    return Choice(view, unit, pixel if is_inside else None)


def choose_layer(name: str) -> None:
    """Goes to a layer, its first filter, no pixel."""
    if name != _entry()["layer"]:
        _write(layer=name, filter="0", pixel="")


def choose_unit(unit: int, layer: str | None = None) -> None:
    """Goes to a filter or unit of the layer, of another one if it is named."""
    if layer is not None:
        choose_layer(layer)
    _write(filter=str(unit))


def choose_pixel(row: int, column: int) -> None:
    """Goes to an output pixel."""
    _write(pixel=f"{row}-{column}")


def choose_number(label: str, view: LayerView, unit: int) -> None:
    """Shows a box for the number of the filter or unit."""
    widget = f"look-inside-number-{label}"
    st.session_state[widget] = unit

    def take() -> None:
        if st.session_state[widget] is not None:
            choose_unit(st.session_state[widget], view.name)

    st.number_input(f"{label}, 0 to {view.shape[-1] - 1}", 0, view.shape[-1] - 1, key=widget, on_change=take, width=260)


def choose_page(view: LayerView, unit: int) -> int:
    """Shows which 64 filters are open, where there are more, and returns the number of the first of them."""
    starts = list(range(0, view.shape[-1], TILES_PER_PAGE))
    first = unit // TILES_PER_PAGE * TILES_PER_PAGE
    if len(starts) > 1:
        widget = f"look-inside-page-{view.name}"
        st.session_state[widget] = first
        st.segmented_control(
            "Filters",
            starts,
            format_func=lambda start: f"{start} to {min(start + TILES_PER_PAGE, view.shape[-1]) - 1}",
            key=widget,
            on_change=lambda: choose_unit(st.session_state[widget], view.name),
            required=True,
        )
    return first


def _entry() -> dict[str, str]:
    if _KEY not in st.session_state:
        st.session_state[_KEY] = {name: st.query_params.get(name, "") for name in _NAMES}
    return st.session_state[_KEY]


def write_address() -> None:
    """Puts the choice into the address of a page that speaks of it. A change of page empties it."""
    for name, value in _entry().items():
        if value and st.query_params.get(name) != value:
            st.query_params[name] = value
        elif not value and name in st.query_params:
            del st.query_params[name]


def _write(**values: str) -> None:
    _entry().update(values)
    write_address()


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else -1
