"""What a filter likes: its favourite test images, and an image made for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.compute.computations import ActivationMaximization, TopImages
from model_lib.compute.networks import NetworkReference
from model_lib.figures.feature_visualization import (
    activation_maximization_figure,
    top_activations_figure,
    top_patches_figures,
)
from model_lib.interpretability.results import TopActivations
from model_lib.layers.layer_info import unit_layers
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.selection import Choice, choice_among, choose_number, choose_page, choose_unit, current_choice
from ui.shared.charts import clickable_chart, clickable_charts, show_chart
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


def show_favourites(opened: InspectedNetwork) -> None:
    """Shows the strongest patch of each filter of a layer, and all that one filter likes."""
    layers = unit_layers(opened.layers.views)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = choice_among(layers)
        choose_number("Filter", choice.view, choice.unit)
    network = network_reference(opened.run)
    text = f"Showing all test images to {choice.view.title}"
    found = compute(TopImages(network, choice.view.name), text, "favourites")
    if found is not None:
        _show_found(opened, found)
    st.header("An image made for it")
    st.markdown("Faint noise, changed again and again so that this filter answers more. You see the part that it sees.")
    _show_dream(network, current_choice(layers))


@st.fragment
def _show_found(opened: InspectedNetwork, found: tuple[TopActivations, NDArray[np.uint8]]) -> None:
    favourites, patches = found
    view = opened.layers.view(favourites.layer)
    choice = current_choice([view])
    first = choose_page(view, choice.unit)
    title = f"{view.title}: what excites each filter most"
    figures = top_patches_figures(favourites, patches, first, choice.unit, title)
    key = f"patches-{view.name}-{first}"
    clickable_charts(figures, key, f"{title}. A click chooses a filter.", _choose_for_all)
    if state_of(_Clicked).unit.take():
        st.rerun()
    test = dataset_of(opened.run).test
    if favourites.values[choice.unit].max() <= 0.0 and view.activation == "relu":
        st.warning("This filter answers to none of the test images: it is dead.", icon=":material/block:")
    figure = top_activations_figure(favourites, test.images, test.labels, choice.unit)
    alt = "The nine test images with the strongest answer, the place framed. A click chooses an image for all pages."
    with st.container(key=_FOUND_CONTAINER):
        clickable_chart(figure, f"favourites-{view.name}-{choice.unit}", alt, _take_image)
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
    state_of(_Clicked).image.put(f"Test image {index} is now the one that all pages speak of.")


def _show_dream(network: NetworkReference, choice: Choice) -> None:
    dream = ActivationMaximization(network, choice.view.name, choice.unit, _STEPS)
    image = compute(dream, "Making the image", slot="dream")
    if image is not None:
        title = f"Made for filter {choice.unit} of {choice.view.title}"
        show_chart(
            activation_maximization_figure(image, title), "dream", f"{title}, by gradient ascent in {_STEPS} steps"
        )
