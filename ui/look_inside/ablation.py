"""Ablation: filters switched off, and the accuracy without them."""

from __future__ import annotations

import streamlit as st

from model_lib.compute.computations import Ablation
from model_lib.compute.networks import NetworkReference
from model_lib.figures.ablation import ablation_figure
from model_lib.figures.text.description import describe_ablation
from model_lib.interpretability.results import ClassAccuracy
from model_lib.layers.layer_info import LayerView, block_of, unit_layers
from model_lib.number_format import accuracy_text
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.selection import choice_among
from ui.shared.charts import show_chart
from ui.shared.figure_code import code_of_network, test_images
from ui.shared.jobs import compute
from ui.shared.loaders import dataset_of, network_reference

_ACCURACY = "Share of all test images that the unchanged network predicts correctly."


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
        st.metric("All filters on", accuracy_text(whole.overall), border=True, width="content", help=_ACCURACY)
        change = f"{100 * (without.overall - whole.overall):+.2f} percentage points"
        # Red is kept for mistakes, so that the arrow has no colour.
        st.metric(
            "Switched off",
            accuracy_text(without.overall),
            change,
            delta_color="off",
            border=True,
            width="content",
            help="The same accuracy without the chosen filters, and the difference.",
        )
        changed = int((whole.predictions != without.predictions).sum())
        st.metric(
            "Predictions that changed",
            f"{changed:,}",
            border=True,
            width="content",
            help="Test images whose predicted class is another one, right or wrong.",
        )
    if not switched_off:
        st.info("Nothing is switched off yet. Choose a filter above.", icon=":material/toggle_on:")
    names = dataset_of(opened.run).class_names
    code = code_of_network(
        "further_inside/ablation",
        opened.run,
        test_images(opened.run),
        LAYER=views[block_of(views, view.name).stop - 1].name,
        SWITCHED_OFF=list(switched_off),
    )
    show_chart(ablation_figure(whole, without, names), "ablation", describe_ablation(whole, without, names), code=code)


def _choose_filters(view: LayerView) -> tuple[int, ...]:
    count = view.shape[-1]
    key = f"switched-off-{view.name}-{count}"
    words = "Filters" if view.is_image else "Units"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            f"{words} to switch off",
            range(count),
            key=key,
            persist_state="session",
            width=620,
            help="Their output becomes zero for every image, as if the network did not have them.",
        )
        st.button(
            "All",
            help="Switches all of them off.",
            on_click=_set,
            args=(key, range(count)),
            icon=":material/select_all:",
        )
        st.button(
            "None", help="Switches all of them on again.", on_click=_set, args=(key, []), icon=":material/deselect:"
        )
        st.button(
            "The others",
            help="Switches those off that are on, and the other way round.",
            on_click=_turn_over,
            args=(key, count),
            icon=":material/swap_horiz:",
        )
    return tuple(sorted(chosen))


def _set(key: str, units: range | list[int]) -> None:
    st.session_state[key] = list(units)


def _turn_over(key: str, count: int) -> None:
    st.session_state[key] = sorted(set(range(count)) - set(st.session_state[key]))


def _read(network: NetworkReference, view: LayerView, switched_off: tuple[int, ...]) -> ClassAccuracy | None:
    words = "without them" if switched_off else "with all filters on"
    slot = "ablation" if switched_off else None
    return compute(Ablation(network, view.name, switched_off), f"Predicting all test images {words}", slot)
