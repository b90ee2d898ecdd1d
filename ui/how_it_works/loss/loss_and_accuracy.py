"""Loss and accuracy over one weight of trained neurons: one is smooth, the other a staircase."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st

from model_lib.concepts.losses import WeightSlice, weight_slice
from model_lib.datasets.loading import CLASSES, IMAGE_SIDE
from model_lib.figures.concepts.lines import Axis, Curve, lines_figure
from model_lib.number_format import percent
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.trained import held_out_images, softmax_regression
from ui.shared.charts import show_chart

_IMAGES: Final = 200
_PIXEL: Final = (14, 14)
_FIRST_UNIT: Final = 4
_END: Final = 3.0
_STEP: Final = 0.05
_COUNT: Final = 121


def show(text: ScreenText) -> None:
    """Shows both curves over the weight, the slider that moves it, and what one more step would change."""
    words = text.words
    row, column = _PIXEL
    places = {"row": row, "column": column}
    controls, picture = controls_beside_picture("loss_and_accuracy")
    with controls:
        unit = st.slider(
            words["unit"],
            0,
            CLASSES - 1,
            _FIRST_UNIT,
            help=words["unit_help"].format(**places),
            key="loss_and_accuracy_unit",
        )
        trained = float(softmax_regression().layers[0].kernel[row * IMAGE_SIDE + column, unit])
        along = _slice(unit)
        weight = st.slider(
            words["weight"].format(**places),
            -_END,
            _END,
            float(along.weights[np.abs(along.weights - trained).argmin()]),
            step=_STEP,
            help=words["weight_help"].format(trained=f"{trained:.3f}"),
            key=f"loss_and_accuracy_weight_{unit}",
        )
        here = int(np.abs(along.weights - weight).argmin())
        after = min(here + 1, len(along.weights) - 1)
        right = np.round(along.accuracies * _IMAGES).astype(int)
        numbers = {
            "weight": f"{weight:.2f}",
            "loss": f"{along.losses[here]:.4f}",
            "accuracy": percent(float(along.accuracies[here])),
            "right": int(right[here]),
            "count": _IMAGES,
            "next": f"{along.weights[after]:.2f}",
            "loss_change": f"{along.losses[after] - along.losses[here]:+.4f}",
            "images_change": f"{right[after] - right[here]:+d}" if right[after] != right[here] else "0",
        }
        st.markdown(words["result"].format(**numbers))
        st.markdown(words["jumps"].format(jumps=int((np.diff(right) != 0).sum()), steps=len(right) - 1))
        st.caption(words["how"])
    across = Axis(words["axis"], (-_END, _END))
    with picture:
        show_chart(
            lines_figure(
                words["loss_title"],
                across,
                Axis(words["loss"]),
                along.weights,
                [Curve(words["loss"], along.losses, float(along.losses[here]))],
                weight,
                290,
            ),
            "loss_and_accuracy_loss",
            words["alt_loss"].format(**numbers),
        )
        accuracies = 100 * along.accuracies
        show_chart(
            lines_figure(
                words["accuracy_title"],
                across,
                Axis(words["accuracy"], suffix=" %"),
                along.weights,
                [Curve(words["accuracy"], accuracies, float(accuracies[here]), is_stepped=True)],
                weight,
                290,
            ),
            "loss_and_accuracy_accuracy",
            words["alt_accuracy"].format(**numbers),
        )


# All visitors share the ten.
@st.cache_data(show_spinner=False)
def _slice(unit: int) -> WeightSlice:
    images, labels = held_out_images(_IMAGES)
    weights = np.round(np.linspace(-_END, _END, _COUNT), 2)
    pixel = _PIXEL[0] * IMAGE_SIDE + _PIXEL[1]
    return weight_slice(softmax_regression(), images, labels, (pixel, unit), weights)
