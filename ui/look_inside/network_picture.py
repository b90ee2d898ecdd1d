"""The network as a picture, from the image to the answer: a button with a thumbnail for each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import streamlit as st

from model_lib.figures.array_image import ColourScale, array_data_url
from model_lib.figures.layer_thumbnail import layer_thumbnail
from model_lib.figures.predictions import probability_bars
from model_lib.figures.style import INK
from model_lib.layers.layer_info import LayerOutput, LayerView
from model_lib.number_format import probability_text
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.selection import choose_layer, current_choice
from ui.shared.charts import show_chart
from ui.shared.figure_code import code_of_image
from ui.shared.loaders import ChosenImage
from ui.shared.scrolling import scroll_to
from ui.shared.selection import selected_run

# Key of the container of the page in which the chosen layer stands.
LAYER_CONTAINER: Final = "one_layer"
_KEY: Final = "network_picture"
_FOLDER: Final = Path(__file__).parent
_component = st.components.v2.component(
    "network_picture",
    html='<ol class="layer_list" aria-label="The network, from the image to the answer"></ol>\n',
    css=(_FOLDER / "network_picture.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "network_picture.js").read_text(encoding="utf-8"),
    isolate_styles=False,  # for its letters to be the page's
)


def show_network(network: InspectedNetwork, image: ChosenImage, maps: Mapping[str, LayerOutput]) -> None:
    """Shows the image and all layers with their outputs. A click on a layer goes there."""
    views = network.layers.views
    pictures = _thumbnails(network.layers.cache_key, image.digest, views, maps)
    layers = [
        {"name": view.name, "title": view.title, "lines": [view.size, _parameters(view)], "picture": picture}
        for view, picture in zip(views, pictures, strict=True)
    ]
    height, width = image.pixels.shape
    truth = [] if image.label is None else [f"label {image.label}"]
    shown = {
        "title": image.title,
        "lines": [f"{height} x {width}", *truth],
        "picture": array_data_url(image.pixels, ColourScale(INK, 0.0, 1.0)),
    }
    data = {"input": shown, "layers": layers, "chosen": current_choice(views).view.name}
    _component(data=data, key=_KEY, on_clicked_change=_open_clicked)


def _open_clicked() -> None:
    choose_layer(st.session_state[_KEY].clicked)
    scroll_to(LAYER_CONTAINER)


def _parameters(view: LayerView) -> str:
    return f"{view.parameters:,} weights" if view.parameters else "no weights"


# A click on a layer, a map or a pixel leaves them as they were.
@st.cache_resource(max_entries=300, show_spinner=False)
def _thumbnails(
    network: int, image: str, _views: Sequence[LayerView], _maps: Mapping[str, LayerOutput]
) -> tuple[str, ...]:
    """Returns a data URL for each layer; the arguments that are compared come first."""
    return tuple(layer_thumbnail(_maps[view.name].activation) for view in _views)


def show_answer(
    views: Sequence[LayerView], maps: Mapping[str, LayerOutput], names: Sequence[str], image: ChosenImage
) -> None:
    """Shows the network's ten probabilities for the image, whose label may be unknown."""
    probabilities = maps[views[-1].name].activation.astype(np.float64)
    best = int(probabilities.argmax())
    title = f"Prediction: {names[best]}, {probability_text(probabilities[best])} sure"
    show_chart(
        probability_bars(probabilities, names, image.label, title),
        "answer",
        f"{title}. The probability of each class",
        code=code_of_image("look_inside/probabilities", selected_run(), image),
    )
