"""The network as a picture, from the image to the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from model_lib.figures.architecture import LAYERS_PER_FIGURE, layers_figure
from model_lib.figures.predictions import probability_bars
from model_lib.layers.layer_info import LayerOutput, LayerView
from model_lib.number_format import percent
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.selection import choose_layer, current_choice
from ui.shared.charts import clickable_chart, show_chart
from ui.shared.loaders import ChosenImage
from ui.shared.scrolling import scroll_to

# Key of the container of the page in which the chosen layer stands.
LAYER_CONTAINER: Final = "one_layer"


def show_network(network: InspectedNetwork, image: ChosenImage, maps: Mapping[str, LayerOutput]) -> None:
    """Shows all layers with what they put out. A click on one goes there."""
    views = network.layers.views
    chosen = current_choice(views).view.name
    with st.container(horizontal=True, gap="small"):
        for start in range(0, len(views), LAYERS_PER_FIGURE):
            group = views[start : start + LAYERS_PER_FIGURE]
            words = ", ".join(view.title for view in group)
            alt = f"The layers {words} with their output for this image. A click goes to a layer."
            framed = chosen if chosen in {view.name for view in group} else None
            figure = _layers_figure(network.layers.cache_key, image.digest, start, framed, group, maps)
            clickable_chart(figure, f"layers-{start}", alt, _open_layer)


def _open_layer(name: str) -> None:
    choose_layer(name)
    scroll_to(LAYER_CONTAINER)


# A click on a layer, a map or a pixel leaves most of these as they were.
@st.cache_resource(max_entries=300, show_spinner=False)
def _layers_figure(
    network: int,
    image: str,
    start: int,
    framed: str | None,
    _group: Sequence[LayerView],
    _maps: Mapping[str, LayerOutput],
) -> go.Figure:
    """Draws consecutive layers; the arguments that are compared come first."""
    return layers_figure([(view, _maps[view.name]) for view in _group], framed)


def show_answer(
    views: Sequence[LayerView], maps: Mapping[str, LayerOutput], names: Sequence[str], label: int | None
) -> None:
    """Shows the network's ten probabilities for the image, whose label may be unknown."""
    probabilities = maps[views[-1].name].activation.astype(np.float64)
    best = int(probabilities.argmax())
    title = f"Prediction: {names[best]}, {percent(probabilities[best])} sure"
    show_chart(
        probability_bars(probabilities, names, label, title), "answer", f"{title}. The probability of each class"
    )
