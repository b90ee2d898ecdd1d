"""Feature visualization: the test images with a filter's strongest activations, and activation maximization."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.compute.computations import ActivationMaximization, TopImages
from model_lib.figures.feature_visualization import (
    activation_maximization_figure,
    top_activations_figure,
    top_patches_figures,
)
from model_lib.figures.text.description import describe_bars
from model_lib.interpretability.results import TopActivations
from model_lib.layers.layer_info import activation_layer, block_of, unit_layers
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.selection import Choice, choice_among, choose_number, choose_page, choose_unit, current_choice
from ui.shared.charts import choose_listed_image, clickable_chart, clickable_charts, show_chart
from ui.shared.figure_code import code_of_network, test_images
from ui.shared.jobs import compute
from ui.shared.loaders import dataset_of, network_reference
from ui.shared.scrolling import apply_scroll, scroll_to
from ui.shared.selection import select_test_image
from ui.shared.visit import Once, state_of

_STEPS = 200
_FOUND_CONTAINER = "top_images"


@dataclass
class _Clicked:
    """That a filter was clicked, and what is said of an image that was."""

    unit: Once[bool] = field(default_factory=Once)
    image: Once[str] = field(default_factory=Once)


def show_strongest_activations(opened: InspectedNetwork) -> None:
    """Shows the patch with the strongest activation of each filter of a layer, and more of one filter."""
    layers = unit_layers(opened.layers.views)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = choice_among(layers)
        choose_number("Filter", choice.view, choice.unit)
    network = network_reference(opened.run)
    text = f"Computing {choice.view.title} for all test images"
    found = compute(TopImages(network, choice.view.name), text, "strongest-activations")
    if found is not None:
        _show_found(opened, found)
    part = st.expander(
        "Image that maximises this filter (activation maximization)",
        icon=":material/auto_fix_high:",
        key="maximization_fold",
        on_change="rerun",
    )
    if part.open:
        with part:
            st.markdown(
                "It begins as faint noise. Step by step, along the gradient, its pixels change so that the activation "
                "of this filter grows. Shown is the part of the image that the filter sees, its receptive field."
            )
            _show_maximization(opened, current_choice(layers))


@st.fragment
def _show_found(opened: InspectedNetwork, found: tuple[TopActivations, NDArray[np.uint8]]) -> None:
    top, patches = found
    view = opened.layers.view(top.layer)
    choice = current_choice([view])
    first = choose_page(view, choice.unit)
    title = f"{view.title}: strongest activations"
    figures = top_patches_figures(top, patches, first, choice.unit, title)
    key = f"patches-{view.name}-{first}"
    names = [f"filter {unit}" for unit in range(len(top.values))]
    alt = f"{title}, one of each filter: {describe_bars(top.values[:, 0], names)}. A click chooses a filter."
    clickable_charts(figures, key, alt, _choose_for_all)
    if state_of(_Clicked).unit.take():
        st.rerun()
    test = dataset_of(opened.run).test
    if top.values[choice.unit].max() <= 0.0 and view.activation == "relu":
        st.warning("The output of this filter is zero for all test images: it is dead.", icon=":material/block:")
    figure = top_activations_figure(top, test.images, test.labels, choice.unit)
    strongest = top.images[choice.unit]
    alt = (
        f"The {len(strongest)} test images with the strongest activations, the place framed: first "
        f"test image {strongest[0]} with {top.values[choice.unit, 0]:.3g}. A click chooses an image for all pages."
    )
    with st.container(key=_FOUND_CONTAINER):
        views = opened.layers.views
        code = code_of_network(
            "further_inside/top_images",
            opened.run,
            test_images(opened.run),
            LAYER=views[block_of(views, view.name).stop - 1].name,
            FILTER=choice.unit,
        )
        clickable_chart(figure, f"strongest-{view.name}-{choice.unit}", alt, _take_image, code=code)
        choose_listed_image(
            "Choose one of them for all pages",
            {int(index): f"Test image {index}, label {test.labels[index]}" for index in top.images[choice.unit]},
            f"strongest-{view.name}-{choice.unit}",
            _take_image,
        )
        if message := state_of(_Clicked).image.take():
            st.success(message, icon=":material/check:")
    apply_scroll(_FOUND_CONTAINER)


def _choose_for_all(unit: int) -> None:
    choose_unit(unit)
    # The number above and the image below belong to the filter too.
    state_of(_Clicked).unit.put(True)
    scroll_to(_FOUND_CONTAINER)


def _take_image(index: int) -> None:
    select_test_image(index)
    scroll_to(_FOUND_CONTAINER)
    state_of(_Clicked).image.put(f"Test image {index} is now the chosen image on all pages.")


def _show_maximization(opened: InspectedNetwork, choice: Choice) -> None:
    maximization = ActivationMaximization(network_reference(opened.run), choice.view.name, choice.unit, _STEPS)
    image = compute(maximization, "Maximising the activation", slot="maximization")
    if image is not None:
        title = f"Maximises filter {choice.unit} of {choice.view.title}"
        show_chart(
            activation_maximization_figure(image, title),
            "maximization",
            f"{title}, by gradient ascent in {_STEPS} steps",
            code=code_of_network(
                "further_inside/maximization",
                opened.run,
                LAYER=activation_layer(opened.layers.views, choice.view.name).name,
                FILTER=choice.unit,
                STEPS=_STEPS,
            ),
        )
