"""What the visitor looks at inside the network: a layer, one of its filters or units, one output pixel.

Kept for all pages and part of the address, as the network and the image are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from model_lib.figures.tile_grid import TILES_PER_PAGE
from model_lib.layers.layer_info import LayerView
from ui.shared.url_state import UrlState
from ui.shared.visit import mirrored


@dataclass(frozen=True)
class _Place:
    """What is chosen, whether or not the network has it: the layer's name, the number of its filter, the pixel."""

    layer: str = ""
    unit: int | None = None
    pixel: tuple[int, int] | None = None


def _parse(parameters: Mapping[str, str]) -> _Place:
    row, _, column = parameters.get("pixel", "").partition("-")
    pixel = (_whole(row), _whole(column))
    unit = _whole(parameters.get("filter", ""))
    return _Place(parameters.get("layer", ""), unit if unit >= 0 else None, pixel if min(pixel) >= 0 else None)


def _to_params(place: _Place) -> dict[str, str]:
    return (
        ({"layer": place.layer} if place.layer else {})
        | ({} if place.unit is None else {"filter": str(place.unit)})
        | ({"pixel": f"{place.pixel[0]}-{place.pixel[1]}"} if place.pixel else {})
    )


# Room for the longest entry.
_LIST_PX = 260
_NUMBER_PX = 200
_LAYER_HELP = "The layer that this page shows, with the size of its output. The layers are numbered by their kind."
_PLACE = UrlState(("layer", "filter", "pixel"), _parse, _to_params)


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


def choice_among(
    views: Sequence[LayerView], key: str = "Layer", first: LayerView | None = None, help: str = _LAYER_HELP
) -> Choice:
    """Shows the list of layers and returns what is chosen, brought into the range of this network.

    Args:
        views: the layers that the page can show, at least one.
        key: the label of the list.
        first: the layer that is shown before any choice; see `current_choice` for the usual one.
        help: what the chosen layer is for.
    """
    choice = current_choice(views, first)
    titles = {view.name: f"{view.title} ({view.size})" for view in views}
    mirrored(
        st.selectbox,
        key,
        list(titles),
        key=f"look-inside-{key}",
        value=choice.view.name,
        on_change=choose_layer,
        format_func=lambda name: titles.get(name, name),
        width=_LIST_PX,
        help=help,
    )
    return choice


def current_choice(views: Sequence[LayerView], first: LayerView | None = None) -> Choice:
    """Returns what is chosen among these layers; before any choice `first`, or else the first one that learns."""
    place = _PLACE.value
    named = {view.name: view for view in views}
    first = first or next((view for kind in ("Conv2D", "Dense") for view in views if view.kind == kind), views[0])
    view = named.get(place.layer, first)
    unit = place.unit if place.unit is not None and place.unit < view.shape[-1] else 0
    is_inside = (
        place.pixel is not None and view.is_image and place.pixel[0] < view.shape[0] and place.pixel[1] < view.shape[1]
    )
    return Choice(view, unit, place.pixel if is_inside else None)


def choose_layer(name: str) -> None:
    """Goes to a layer, its first filter, no pixel."""
    if name != _PLACE.value.layer:
        _PLACE.set(_Place(name))


def choose_unit(unit: int, layer: str | None = None) -> None:
    """Goes to a filter or unit of the layer, of another one if it is named."""
    if layer is not None:
        choose_layer(layer)
    _PLACE.set(replace(_PLACE.value, unit=unit))


def choose_pixel(row: int, column: int) -> None:
    """Goes to an output pixel."""
    _PLACE.set(replace(_PLACE.value, pixel=(row, column)))


def is_output_chosen() -> bool:
    """Returns whether the visitor, or the address, has named a filter, a unit or a pixel."""
    return _PLACE.value.unit is not None or _PLACE.value.pixel is not None


def choose_number(label: str, view: LayerView, unit: int, on_choose: Callable[[int], None] = lambda unit: None) -> None:
    """Shows a box for the number of the filter or unit.

    Args:
        label: what it is.
        view: the layer.
        unit: the number that is shown.
        on_choose: is given the chosen one too.
    """

    def choose(number: int | None) -> None:
        if number is not None:
            choose_unit(number, view.name)
            on_choose(number)

    mirrored(
        st.number_input,
        f"{label}, 0 to {view.shape[-1] - 1}",
        0,
        view.shape[-1] - 1,
        key=f"look-inside-number-{label}",
        value=unit,
        on_change=choose,
        width=_NUMBER_PX,
        help="The number of the one that is framed above or shown below; a click chooses one too.",
    )


def choose_page(view: LayerView, unit: int) -> int:
    """Shows which 64 filters are open, where there are more, and returns the number of the first of them."""
    count = view.shape[-1]
    first = unit // TILES_PER_PAGE * TILES_PER_PAGE
    if count > TILES_PER_PAGE:
        st.caption(f"Filters {first} to {min(first + TILES_PER_PAGE, count) - 1} of {count}")
        mirrored(
            st.pagination,
            -(-count // TILES_PER_PAGE),
            key=f"look-inside-page-{view.name}",
            value=unit // TILES_PER_PAGE + 1,
            on_change=lambda page: choose_unit((page - 1) * TILES_PER_PAGE, view.name),
        )
    return first


def write_address() -> None:
    """Puts the choice into the address of a page that speaks of it. A change of page empties it."""
    _PLACE.write()


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else -1
