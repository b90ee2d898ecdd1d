"""Batch normalisation: the sums of one unit over a batch of real images, before and afterwards."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import streamlit as st

from model_lib.concepts.generalization import batch_normalize
from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.figures.concepts.distributions import histograms_figure
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.trained import held_out_images, small_dense_network
from ui.shared.charts import show_chart
from ui.shared.loaders import dataset

_SIZES: Final = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
# One whose sums are neither around 0 nor of size 1.
_FIRST_UNIT: Final = 17
_EPSILON: Final = 1e-3


def show(text: ScreenText) -> None:
    """Shows both histograms, their means and deviations, and what becomes of a pixel that is always black."""
    words = text.words
    network = small_dense_network()
    controls, picture = controls_beside_picture("batch_normalization")
    with controls:
        units = len(network.layers[0].bias)
        unit = st.slider(words["unit"], 0, units - 1, _FIRST_UNIT, help=words["unit_help"], key="normalization_unit")
        size = st.select_slider(words["size"], _SIZES, 256, help=words["size_help"], key="normalization_size")
        gamma = st.slider(words["gamma"], 0.1, 3.0, 1.0, 0.1, help=words["trained_help"], key="normalization_gamma")
        beta = st.slider(words["beta"], -3.0, 3.0, 0.0, 0.1, help=words["trained_help"], key="normalization_beta")
    images, _ = held_out_images(size)
    before = network.sums(images)[0][:, unit].astype(np.float64)
    normalized = batch_normalize(before, gamma, beta, _EPSILON)
    deviation = float(np.sqrt(normalized.variance))
    numbers = {
        "size": size,
        "mean": f"{normalized.mean:.3f}",
        "deviation": f"{deviation:.3f}",
        "mean_after": f"{round(float(normalized.values.mean()), 3) + 0.0:.3f}",
        "deviation_after": f"{normalized.values.std():.3f}",
    }
    with picture:
        figure = histograms_figure(
            {words["before"]: before, words["after"]: normalized.values},
            words["title"],
            words["axis"],
            words["count_axis"],
        )
        show_chart(figure, "normalization_sums", words["alt"].format(**numbers))
        st.markdown(
            f"| | {words['before']} | {words['after']} |\n|---|---:|---:|\n"
            f"| {words['mean']} | {numbers['mean']} | {numbers['mean_after']} |\n"
            f"| {words['deviation']} | {numbers['deviation']} | {numbers['deviation_after']} |"
        )
        st.info(words["trap"].format(**_trap()), icon=":material/warning:")


@st.cache_data(show_spinner=False)
def _trap() -> dict[str, Any]:
    """Returns the numbers of the pixels that are black in all training images, and of a test image with ink there."""
    data = dataset("mnist")
    always_black = data.train.images.max(axis=0).ravel() == 0
    inks = np.where(always_black, data.test.images.reshape(len(data.test.images), -1), 0)
    index, place = (int(number) for number in np.unravel_index(int(inks.argmax()), inks.shape))
    value, root = int(inks[index, place]), float(np.sqrt(_EPSILON))
    return {
        "count": int(always_black.sum()),
        "inked": int(inks.any(axis=1).sum()),
        "root": f"{root:.4f}",
        "index": index,
        "value": value,
        "row": place // IMAGE_SIDE,
        "column": place % IMAGE_SIDE,
        "huge": f"{value / root:,.0f}",
    }
