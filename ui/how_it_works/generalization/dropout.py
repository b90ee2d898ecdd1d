"""Dropout: a hidden layer of which random units are switched off, and the sum behind it over many steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from model_lib.concepts.classifiers import flat_pixels
from model_lib.concepts.generalization import dropout_masks
from model_lib.figures.concepts.bars import pairs_figure
from model_lib.figures.concepts.distributions import histograms_figure
from ui.how_it_works.example import choose_example
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.trained import small_dense_network
from ui.shared.charts import show_chart
from ui.shared.visit import state_of

_STEPS: Final = 1_000
_RATES: Final = (0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass
class _Step:
    """Which of the steps is shown."""

    number: int = 0


def show(text: ScreenText) -> None:
    """Shows the outputs of the units in one step, and the sums for one digit over many."""
    words = text.words
    step = state_of(_Step)
    controls, picture = controls_beside_picture("dropout")
    with controls:
        example = choose_example()
        rate = st.select_slider(words["rate"], _RATES, 0.5, key="dropout_rate", help=words["rate_help"])
        st.button(
            words["again"], icon=":material/casino:", key="dropout_step", on_click=_next, help=words["again_help"]
        )
    classifier = small_dense_network()
    hidden = np.maximum(classifier.sums(flat_pixels(example.pixels[np.newaxis]))[0][0], 0).astype(np.float64)
    last = classifier.layers[-1]
    masks = dropout_masks(_STEPS, len(hidden), rate, seed=0)
    sums = (hidden * masks) @ last.kernel[:, example.label] + last.bias[example.label]
    mask = masks[step.number % _STEPS]
    full = float(hidden @ last.kernel[:, example.label] + last.bias[example.label])
    numbers = {
        "off": int((mask == 0).sum()),
        "rate": f"{rate:g}",
        "factor": f"{1 / (1 - rate):.2f}",
        "digit": example.label,
        "sum": f"{sums[step.number % _STEPS]:.2f}",
        "full": f"{full:.2f}",
        "mean": f"{sums.mean():.2f}",
        "lowest": f"{sums.min():.1f}",
        "highest": f"{sums.max():.1f}",
    }
    with picture:
        outputs = {words["full"]: hidden, words["kept"]: hidden * mask}
        show_chart(
            pairs_figure(outputs, words["units"], words["unit"], words["output"], has_numbers=False),
            "dropout_units",
            words["alt_units"].format(**numbers),
        )
        st.markdown(words["here"].format(**numbers))
        show_chart(
            histograms_figure(
                {words["sum_axis"]: sums},
                words["sums"].format(**numbers),
                words["sum_axis"],
                words["count_axis"],
                line=full,
            ),
            "dropout_sums",
            words["alt_sums"].format(**numbers),
        )


def _next() -> None:
    state_of(_Step).number += 1
