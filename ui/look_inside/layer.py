"""One layer for one image: all its feature maps in a sheet, or its units as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from model_lib.figures.layer_outputs import feature_map_figures, unit_outputs_figure
from model_lib.figures.text.description import describe_bars, describe_maps
from model_lib.figures.tile_grid import TILES_PER_PAGE
from model_lib.layers.layer_info import LayerOutput
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.output import OUTPUT_CONTAINER, show_pixel
from ui.look_inside.selection import Choice, choice_among, choose_number, choose_page, choose_unit, is_output_chosen
from ui.shared.charts import clickable_chart, clickable_charts
from ui.shared.figure_code import FigureCode, code_of_image
from ui.shared.jobs import wait_for
from ui.shared.loaders import ChosenImage, dataset_of
from ui.shared.scrolling import scroll_to

_BEFORE, _AFTER = "before the activation", "after the activation"
_COMMON = "one scale for all"
# Key of the fold in which the arithmetic stands.
_ARITHMETIC = "arithmetic_fold"


@st.fragment
def show_layer(opened: InspectedNetwork, maps: Mapping[str, LayerOutput], image: ChosenImage) -> None:
    """Shows the chosen layer's output, and the arithmetic of one number of it. A click here redraws only this part."""
    views = opened.layers.views
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = choice_among(views)
        layer = maps[choice.view.name]
        side = _AFTER
        if layer.pre_activation is not None:
            side = st.segmented_control(
                f"Values ({choice.view.activation})",
                [_BEFORE, _AFTER],
                default=_AFTER,
                key="before-after",
                required=True,
                help="Before: sum + bias. After: the activation function of it, which the next layer reads.",
            )
        is_common = True
        if choice.view.is_image:
            scale = st.segmented_control(
                "Colour scale",
                [_COMMON, "each its own"],
                default=_COMMON,
                key="scale",
                required=True,
                help="One scale for all makes the maps comparable; each its own shows faint maps.",
            )
            is_common = scale == _COMMON
            choose_number("Map", choice.view, choice.unit, _open_unit)
    values = layer.pre_activation if side == _BEFORE and layer.pre_activation is not None else layer.activation
    # What redraws itself keeps its place in the page, whatever comes and goes above it.
    with st.container():
        if choice.view.is_image:
            _show_maps(opened, choice, values, is_common, side, image)
        else:
            _show_units(opened, choice, values, side, image)
    st.session_state.setdefault(_ARITHMETIC, is_output_chosen())
    with st.container(key=OUTPUT_CONTAINER):
        part = st.expander(
            "The arithmetic of one output",  # one label for all layers: with another the fold would close
            key=_ARITHMETIC,
            icon=":material/calculate:",
            on_change="rerun",
        )
        if part.open:
            with part:
                show_pixel(opened.layers, maps, image)


def _open_unit(unit: int) -> None:
    choose_unit(unit)
    st.session_state[_ARITHMETIC] = True
    scroll_to(OUTPUT_CONTAINER)


def _show_maps(
    opened: InspectedNetwork,
    choice: Choice,
    values: np.ndarray[Any, Any],
    is_common: bool,
    side: str,
    image: ChosenImage,
) -> None:
    count = values.shape[2]
    first = choose_page(choice.view, choice.unit)
    found = wait_for(("dead", opened.layers.cache_key), lambda report: _dead(opened), "Looking for dead filters")
    dead = found[choice.view.name] if found is not None else ()
    title = f"{choice.view.title}: {count} feature maps"
    # Above the first part of a sheet there is no room for more; which side it is stands in the choice above.
    figures = feature_map_figures(values, first, choice.unit, is_common, title, dead)
    words = title + (f", {side}" if choice.view.activation != "linear" else "")
    alt = f"{words}: {describe_maps(np.moveaxis(values, 2, 0))}. A click chooses a map."
    code = _code("look_inside/feature_maps", opened, choice, side, image, FIRST=first, COUNT=TILES_PER_PAGE)
    clickable_charts(figures, f"maps-{choice.view.name}-{first}", alt, _open_unit, code=code)
    silent = int((values.max(axis=(0, 1)) == values.min(axis=(0, 1))).sum())
    if silent or dead:
        st.caption(
            f"{silent} of {count} maps are constant for this image: the same number everywhere. "
            f"{len(dead)} are dead (✕): constant for each of the first 1,000 test images."
        )


def _dead(opened: InspectedNetwork) -> dict[str, tuple[int, ...]]:
    return opened.layers.dead_filters(dataset_of(opened.run).test.images[:1000])


def _show_units(
    opened: InspectedNetwork, choice: Choice, values: np.ndarray[Any, Any], side: str, image: ChosenImage
) -> None:
    figure = unit_outputs_figure(values, choice.unit, f"{choice.view.title}: {len(values):,} outputs")
    names = [f"unit {unit}" for unit in range(len(values))]
    alt = f"The outputs of {choice.view.title}: {describe_bars(values, names)}. A click chooses one."
    code = _code("look_inside/unit_outputs", opened, choice, side, image)
    clickable_chart(figure, f"units-{choice.view.name}", alt, _open_unit, code=code)
    choose_number("Unit", choice.view, choice.unit, _open_unit)


def _code(
    name: str, opened: InspectedNetwork, choice: Choice, side: str, image: ChosenImage, **values: int
) -> FigureCode:
    is_before = side == _BEFORE
    return code_of_image(name, opened.run, image, LAYER=choice.view.name, BEFORE_ACTIVATION=is_before, **values)
