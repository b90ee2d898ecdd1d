"""Filters switched off, and what the network reads without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from model_lib.figures.ablation import ablation_figure
from model_lib.interpretability.layer_info import LayerView, unit_layers
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.selection import choice_among
from ui.shared.charts import show_chart
from ui.shared.jobs import Report, wait_for
from ui.shared.loaders import dataset_of

if TYPE_CHECKING:
    from model_lib.interpretability.results import ClassAccuracy


def show_ablation(opened: InspectedNetwork) -> None:
    """Shows the choice of filters to switch off, and the accuracy for each digit with and without them."""
    views = opened.reader.views
    view = choice_among(unit_layers(views)[:-1] or unit_layers(views)).view
    switched_off = _choose_filters(view)
    whole = _read(opened, view, ())
    without = _read(opened, view, switched_off) if whole is not None else None
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


def _read(opened: InspectedNetwork, view: LayerView, switched_off: tuple[int, ...]) -> ClassAccuracy | None:
    test = dataset_of(opened.run).test

    def read(report: Report) -> ClassAccuracy:
        from model_lib.interpretability.ablation import ablate

        return ablate(opened.reader, view.name, switched_off, test, report)

    # With nothing switched off, the layer does not matter.
    key = ("ablation", opened.reader.cache_key, view.name if switched_off else "", switched_off)
    words = "without them" if switched_off else "as the network is"
    slot = "ablation" if switched_off else None
    return wait_for(key, read, f"Reading {len(test.labels):,} test images {words}", slot)
