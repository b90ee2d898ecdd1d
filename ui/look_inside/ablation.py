"""Filters switched off, and what the network reads without them."""

from __future__ import annotations

import streamlit as st

from model_lib.compute.computations import Ablation
from model_lib.compute.networks import NetworkReference
from model_lib.figures.ablation import ablation_figure
from model_lib.interpretability.results import ClassAccuracy
from model_lib.layers.layer_info import LayerView, unit_layers
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.selection import choice_among
from ui.shared.charts import show_chart
from ui.shared.jobs import compute
from ui.shared.loaders import dataset_of, network_reference


def show_ablation(opened: InspectedNetwork) -> None:
    """Shows the choice of filters to switch off, and the accuracy for each digit with and without them."""
    views = opened.layers.views
    view = choice_among(unit_layers(views)[:-1] or unit_layers(views)).view
    switched_off = _choose_filters(view)
    network = network_reference(opened.run)
    whole = _read(network, unit_layers(views)[0], ())  # whichever layer: nothing of it is switched off
    without = _read(network, view, switched_off) if switched_off and whole is not None else whole
    if whole is None or without is None:
        return
    with st.container(horizontal=True):
        st.metric("As it is", f"{whole.overall:.2%}", border=True, width="content")
        change = f"{100 * (without.overall - whole.overall):+.2f} points"
        # Red is kept for mistakes, so that the arrow has no colour.
        st.metric("Switched off", f"{without.overall:.2%}", change, delta_color="off", border=True, width="content")
        changed = int((whole.predictions != without.predictions).sum())
        st.metric("Answers that changed", f"{changed:,}", border=True, width="content")
    if not switched_off:
        st.info("Nothing is switched off yet. Choose a filter above.", icon=":material/toggle_on:")
    figure = ablation_figure(whole, without, dataset_of(opened.run).class_names)
    show_chart(figure, "ablation", "The share of test images read right for each label, before and after")


def _choose_filters(view: LayerView) -> tuple[int, ...]:
    count = view.shape[-1]
    key = f"switched-off-{view.name}-{count}"
    words = "Filters" if view.is_image else "Units"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(f"{words} to switch off", range(count), key=key, persist_state="session", width=620)
        st.button("All", on_click=_set, args=(key, range(count)), icon=":material/select_all:")
        st.button("None", on_click=_set, args=(key, []), icon=":material/deselect:")
        st.button("The others", on_click=_turn_over, args=(key, count), icon=":material/swap_horiz:")
    return tuple(sorted(chosen))


def _set(key: str, units: range | list[int]) -> None:
    st.session_state[key] = list(units)


def _turn_over(key: str, count: int) -> None:
    st.session_state[key] = sorted(set(range(count)) - set(st.session_state[key]))


def _read(network: NetworkReference, view: LayerView, switched_off: tuple[int, ...]) -> ClassAccuracy | None:
    words = "without them" if switched_off else "as the network is"
    slot = "ablation" if switched_off else None
    return compute(Ablation(network, view.name, switched_off), f"Reading all test images {words}", slot)
