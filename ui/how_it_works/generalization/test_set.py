"""The test set: how much too good the figure of the best of many networks is, measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.concepts.classifiers import Settings, train
from model_lib.concepts.generalization import Selection, select_best
from model_lib.figures.concepts.distributions import points_figure
from model_lib.number_format import percent
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.trained import held_out_images, training_images
from ui.shared.charts import show_chart
from ui.shared.visit import state_of

_NETWORKS: Final = 50
_COUNTS: Final = (1, 2, 5, 10, 20, 50)
_IMAGES: Final = (50, 100, 200, 500, 1_000)
_TRAINED_ON: Final = 300
_SETTINGS: Final = Settings(steps=60, batch_size=50)


@dataclass
class _Draw:
    """Which draw of test images is shown."""

    number: int = 0


def show(text: ScreenText) -> None:
    """Shows a point for each network, the chosen one among them, and what choosing adds to its figure."""
    words = text.words
    draw = state_of(_Draw)
    controls, picture = controls_beside_picture("test_set")
    with controls:
        models = st.select_slider(words["models"], _COUNTS, 20, help=words["models_help"], key="selection_models")
        images = st.select_slider(
            words["images"],
            _IMAGES,
            100,
            format_func=lambda each: f"{each:,}",
            help=words["images_help"],
            key="selection_images",
        )
        st.button(words["again"], icon=":material/casino:", key="selection_draw", on_click=_next)
        st.caption(words["note"])
    with picture, st.spinner(words["spinner"]):
        is_right = _answers()
        found = _selection(models, images, draw.number)
    numbers = {
        "models": models,
        "images": images,
        "others": is_right.shape[1] - images,
        "on_test": percent(float(found.on_test[found.chosen])),
        "on_fresh": percent(float(found.on_fresh[found.chosen])),
        "excess": f"{round(100 * found.mean_excess, 1) + 0.0:.1f}",  # never -0.0
    }
    with picture:
        figure = points_figure(
            found.on_test, found.on_fresh, found.chosen, words["title"], (words["test"], words["fresh"])
        )
        show_chart(figure, "selection_points", words["alt"].format(**numbers))
        st.markdown(words["here"].format(**numbers))


def _next() -> None:
    state_of(_Draw).number += 1


@st.cache_data(show_spinner=False, max_entries=200)
def _selection(models: int, images: int, draw: int) -> Selection:
    return select_best(_answers()[:models], images, draw)


@st.cache_resource(show_spinner=False)
def _answers() -> NDArray[np.bool_]:
    """Returns whether each network predicts the label of each held-out image, (networks, images)."""
    images, labels = training_images(_NETWORKS * _TRAINED_ON)
    held_out, truth = held_out_images()
    rows = []
    for start in range(0, len(labels), _TRAINED_ON):
        part = slice(start, start + _TRAINED_ON)
        rows.append(train(images[part], labels[part], _SETTINGS).classifier.predictions(held_out) == truth)
    return np.array(rows)
