"""The filters of a layer in one sheet, at any epoch of the training."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.figures.output_trace import table_figure
from model_lib.figures.text.description import describe_map, describe_maps
from model_lib.figures.tile_grid import TILES_PER_PAGE
from model_lib.figures.weights import filters_figures
from model_lib.layers.kernel_images import image_kernel_layers, kernel_images, kernel_norms, one_channel
from model_lib.layers.layer_info import LayerView
from model_lib.layers.layer_reader import LayerReader
from model_lib.storage.lineage import START_FILE
from model_lib.storage.run import Run, RunError
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.selection import choice_among, choose_number, choose_page, choose_unit
from ui.shared.charts import clickable_charts, show_chart
from ui.shared.figure_code import code_of_network
from ui.shared.scrolling import apply_scroll, scroll_to

_NORM = "all maps (norm)"
_WEIGHTS, _CHANGE = "weights", "change since the start"
_WIDEST_TABLE = 7
_NUMBERS_CONTAINER = "filter_numbers"
_CHANNEL = "A filter has weights for each feature map before it. The norm is the size of all of them together."


@st.cache_resource(max_entries=200, show_spinner=False)
def _pictures_at(folder: str, epoch: int, layer: str, stamp: float) -> NDArray[np.float32]:
    from pathlib import Path

    from model_lib.inference.weights import read_run_weights

    run = Run(Path(folder))
    return kernel_images(LayerReader(run.spec, read_run_weights(run, epoch)).weights(layer))


def show_filters(opened: InspectedNetwork) -> None:
    """Shows all filters of the chosen layer, and one of them as numbers. A click here redraws only this part."""
    layers = image_kernel_layers(opened.layers.views)
    if not layers:
        st.info("No layer of this network has weights that can be drawn as pictures.", icon=":material/info:")
        return
    if layers[0].kind == "Dense":
        st.info(
            "This network has no convolutions. Each unit of its first dense layer has a weight for every pixel, and "
            "these are shown as an image of 28 x 28.",
            icon=":material/info:",
        )
    _sheet(opened, layers)


@st.fragment
def _sheet(opened: InspectedNetwork, layers: list[LayerView]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = choice_among(layers)
        view, unit = choice.view, choice.unit
        pictures = kernel_images(opened.layers.weights(view.name))
        channel = _choose_channel(pictures.shape[2])
        is_sorted = st.toggle(
            "Strongest first", key="filters-sorted", help="Sorts by the size of all weights together (their norm)."
        )
        choose_number("Filter", view, unit)
    pictures, is_change, when, constants = _choose_epoch(opened, view, pictures)
    tiles = one_channel(pictures, channel)
    reach = float(np.abs(tiles).max()) or 1.0
    order = np.argsort(-kernel_norms(pictures), kind="stable") if is_sorted else np.arange(len(tiles))
    first = choose_page(view, unit) if not is_sorted else _choose_rank(len(tiles))
    side = f"{pictures.shape[0]} x {pictures.shape[1]}"
    title = f"{view.title}: {len(tiles)} filters, {side}{when}"
    figures = filters_figures(tiles, order.tolist(), first, unit, title, channel is not None, reach)
    key = f"filters-{view.name}-{channel}-{first}-{is_sorted}"
    alt = f"{title}: {describe_maps(tiles, 'filter')}. A click chooses a filter."
    constants = {"LAYER": view.name, "CHANNEL": channel} | constants
    code = code_of_network(
        "look_inside/filters", opened.run, **constants, IS_SORTED=is_sorted, FIRST=first, COUNT=TILES_PER_PAGE
    )
    clickable_charts(figures, key, alt, _open_filter, code=code)
    if pictures.shape[0] <= _WIDEST_TABLE:
        what = "change" if is_change else "weights"
        title = f"Filter {unit}: its {what}"
        figure = table_figure(tiles[unit].astype(np.float64), title, channel is not None, reach=reach)
        with st.container(key=_NUMBERS_CONTAINER):
            # Of all filters in the order of the layer, that one.
            code = code_of_network("look_inside/filters", opened.run, **constants, FIRST=unit, COUNT=1)
            show_chart(figure, "one", f"{title}, {describe_map(tiles[unit])}", code=code)
    apply_scroll(_NUMBERS_CONTAINER)


def _open_filter(unit: int) -> None:
    choose_unit(unit)
    scroll_to(_NUMBERS_CONTAINER)


def _choose_channel(count: int) -> int | None:
    """Returns the input channel whose weights are shown, or None for the norm over all of them."""
    if count == 1:
        return 0
    names: list[int | str] = [_NORM, *range(count)]
    name = st.selectbox("Weights for input map", names, key=f"filters-channel-{count}", width=220, help=_CHANNEL)
    return None if name == _NORM else int(name)


def _choose_epoch(
    opened: InspectedNetwork, view: LayerView, pictures: NDArray[np.float32]
) -> tuple[NDArray[np.float32], bool, str, dict[str, Any]]:
    """Returns the weights at the chosen epoch, or their change since the first; whether it is a change; when.

    The last are the constants of the program that draws them.
    """
    run = opened.run
    epochs = [] if run is None else run.epochs_done
    if run is None or len(epochs) < 2:
        return pictures, False, "", {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        epoch = st.select_slider(
            "After epoch",
            epochs,
            value=epochs[-1],
            key=f"filters-epoch-{run.id}-{epochs[-1]}",
            width=400,
            help="The weights as they were after this epoch; 0 is before training.",
        )
        what = st.segmented_control(
            "Shown",
            [_WEIGHTS, _CHANGE],
            default=_WEIGHTS,
            key="filters-what",
            required=True,
            help="The weights after that epoch, or how far they have moved since training began.",
        )
    try:
        now = _at(run, epoch, view)
        if what == _CHANGE:
            words = f", change from epoch {epochs[0]} to {epoch}"
            return now - _at(run, epochs[0], view), True, words, {"EPOCH": epoch, "CHANGED_SINCE": epochs[0]}
    except RunError as error:
        st.warning(str(error), icon=":material/error:")
        return pictures, False, "", {}
    is_trained_on = (run.folder / START_FILE).exists()
    first = ", before this training" if is_trained_on else ", before any training"
    return now, False, f", after epoch {epoch}" if epoch else first, {"EPOCH": epoch}


def _at(run: Run, epoch: int, view: LayerView) -> NDArray[np.float32]:
    # A run that was resumed may have written an epoch anew.
    file = run.folder / "checkpoints"
    return _pictures_at(str(run.folder), epoch, view.name, file.stat().st_mtime if file.exists() else 0.0)


def _choose_rank(count: int) -> int:
    """Returns the rank of the first filter of the sheet."""
    if count <= TILES_PER_PAGE:
        return 0
    place = st.empty()
    page = st.pagination(-(-count // TILES_PER_PAGE), key=f"filters-rank-{count}")
    first = (page - 1) * TILES_PER_PAGE
    place.caption(f"Ranks {first + 1} to {min(first + TILES_PER_PAGE, count)} of {count}")
    return first
