"""Pixels: an image as numbers, and what numbers from 0 to 255 do to a training, measured at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.concepts.classifiers import Settings, train
from model_lib.datasets.browsing import window_around
from model_lib.figures.concepts.lines import Axis, Curve, lines_figure
from model_lib.figures.data.pixels import numbers_figure
from model_lib.layers.receptive_field import Box
from model_lib.number_format import percent
from ui.how_it_works.example import Example, choose_example
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.trained import held_out_images, training_images
from ui.shared.charts import show_chart

_RATES: Final = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0)
_FIRST_RATE: Final = 0.1
_IMAGES: Final = 4_000
_STEPS: Final = 200
_BATCH: Final = 50
_LAST: Final = 20
_SIDE: Final = 8
# The losses of a training that jumps about; all rates share the axis.
_LOSSES: Final = (0.08, 2e6)
_LOSS_TICKS: Final = (0.1, 1, 10, 100, 1_000, 10_000)


@dataclass(frozen=True)
class _Result:
    """One training: its losses (steps,), and the accuracy on held-out images, 0 to 1."""

    losses: NDArray[np.float64]
    accuracy: float

    @property
    def last_loss(self) -> float:
        """Mean of the last losses: a batch alone is noisy."""
        return float(self.losses[-_LAST:].mean())


def show(text: ScreenText) -> None:
    """Shows the two curves, the slider of the learning rate, and the image's numbers."""
    words = text.words
    controls, picture = controls_beside_picture("pixels")
    with controls:
        rate = st.select_slider(
            words["rate"],
            _RATES,
            value=_FIRST_RATE,
            format_func=rate_text,
            help=words["rate_help"],
            key="pixels_rate",
        )
        raw, scaled = _train(rate, is_scaled=False), _train(rate, is_scaled=True)
        st.markdown(
            words["result"].format(
                steps=_STEPS,
                raw_loss=_loss_text(raw.last_loss),
                scaled_loss=_loss_text(scaled.last_loss),
                raw_accuracy=percent(raw.accuracy),
                scaled_accuracy=percent(scaled.accuracy),
            )
        )
    with picture:
        show_chart(
            lines_figure(
                words["title"],
                Axis(words["steps"], (0, _STEPS)),
                Axis(words["loss"], _LOSSES, is_logarithmic=True, ticks=_LOSS_TICKS),
                np.arange(_STEPS, dtype=np.float64),
                [Curve(words["raw"], raw.losses), Curve(words["scaled"], scaled.losses)],
            ),
            "pixels_losses",
            words["alt"].format(
                rate=rate_text(rate), raw_loss=_loss_text(raw.last_loss), scaled_loss=_loss_text(scaled.last_loss)
            ),
        )
    st.caption(words["how"].format(batch=_BATCH))
    _show_numbers(choose_example(), text)


def _show_numbers(example: Example, text: ScreenText) -> None:
    words = text.words
    st.markdown(words["numbers"].format(index=example.index))
    row, column = divmod(int(example.pixels.argmax()), example.pixels.shape[1])
    top, left = window_around(row, column, _SIDE)
    window = Box(top, left, top + _SIDE, left + _SIDE)
    alt = words["alt_numbers"].format(
        top=top, bottom=window.bottom - 1, left=left, right=window.right - 1, index=example.index
    )
    with st.container(horizontal=True):
        for is_scaled, name in ((False, "numbers_raw"), (True, "numbers_scaled")):
            figure = numbers_figure(example.pixels, (row, column), window, is_scaled, words[name])
            show_chart(figure, f"pixels_{name}", f"{words[name]}. {alt}", tools="none")


# All visitors share the eight of each kind.
@st.cache_data(show_spinner=False)
def _train(rate: float, is_scaled: bool) -> _Result:
    settings = Settings(learning_rate=rate, steps=_STEPS, batch_size=_BATCH)
    training = train(*training_images(_IMAGES, is_scaled), settings)
    return _Result(training.losses, training.classifier.accuracy(*held_out_images(is_scaled=is_scaled)))


def rate_text(rate: float) -> str:
    """Writes a learning rate without an exponent: 0.00001."""
    return f"{rate:.7f}".rstrip("0").rstrip(".")


def _loss_text(loss: float) -> str:
    return f"{loss:,.0f}" if loss >= 100 else f"{loss:.3f}"
