"""The network as a picture, from the image to the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from model_lib.figures.architecture import LAYERS_PER_FIGURE, layers_figure
from model_lib.figures.output_trace import bars_figure
from model_lib.layers.layer_info import LayerOutput, LayerView
from ui.look_inside.selection import choose_layer, current_choice
from ui.shared.charts import clickable_chart, show_chart


def show_network(views: Sequence[LayerView], maps: Mapping[str, LayerOutput]) -> None:
    """Shows all layers with what they put out. A click on one goes there."""
    chosen = current_choice(views).view.name
    with st.container(horizontal=True, gap="small"):
        for start in range(0, len(views), LAYERS_PER_FIGURE):
            group = [(view, maps[view.name]) for view in views[start : start + LAYERS_PER_FIGURE]]
            words = ", ".join(view.title for view, _ in group)
            alt = f"The layers {words} with their output for this image. A click goes to a layer."
            clickable_chart(layers_figure(group, chosen), f"layers-{start}", alt, choose_layer)


def show_answer(views: Sequence[LayerView], maps: Mapping[str, LayerOutput], names: Sequence[str]) -> None:
    """Shows the network's ten probabilities for the image."""
    probabilities = maps[views[-1].name].activation.astype(np.float64)
    best = int(probabilities.argmax())
    figure = bars_figure(
        probabilities, names, f"The answer: {names[best]}, {probabilities[best]:.1%}", "probability", best
    )
    show_chart(figure, "answer", "The probability of each class")
