"""One neuron: pixels times weights, their sum and the bias; one weight and the bias can be moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from model_lib.concepts.classifiers import flat_pixels
from model_lib.datasets.loading import CLASSES, IMAGE_SIDE
from model_lib.figures.concepts.bars import sums_figure
from model_lib.figures.concepts.pictures import pixel_picture
from ui.how_it_works.example import choose_example
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.place_boxes import choose_place
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.trained import softmax_regression
from ui.shared.charts import clickable_chart, show_chart
from ui.shared.visit import state_of

_WEIGHT_END: Final = 2.0
_BIAS_END: Final = 10.0
# Of the colours: nearly all weights, and nearly all products, lie within.
_LIMIT: Final = 0.5


@dataclass
class _Place:
    """Row and column of the weight that is moved; None for where the product is largest."""

    pixel: tuple[int, int] | None = None


def show(text: ScreenText) -> None:
    """Shows three pictures (pixels, weights, products), the sum, and what moves a weight or the bias."""
    words = text.words
    (layer,) = softmax_regression().layers
    controls, picture = controls_beside_picture("neuron")
    with controls:
        example = choose_example()
        unit = st.slider(words["unit"], 0, CLASSES - 1, example.label, help=words["unit_help"], key="neuron_unit")
    pixels = flat_pixels(example.pixels[np.newaxis])[0].astype(np.float64)
    weights = layer.kernel[:, unit].astype(np.float64)
    row, column = state_of(_Place).pixel or divmod(int((pixels * weights).argmax()), IMAGE_SIDE)
    place = row * IMAGE_SIDE + column
    trained_weight, trained_bias = float(weights[place]), float(layer.bias[unit])
    with controls:
        with st.container(horizontal=True):
            choose_place("neuron", words, "place_help", (row, column), IMAGE_SIDE - 1, _choose, width_px=132)
        moved_weight = st.slider(
            words["weight"],
            -_WEIGHT_END,
            _WEIGHT_END,
            round(trained_weight, 2),
            step=0.01,
            help=words["weight_help"].format(trained=f"{trained_weight:.3f}"),
            key=f"neuron_weight_{unit}_{row}_{column}",
        )
        moved_bias = st.slider(
            words["bias"],
            -_BIAS_END,
            _BIAS_END,
            round(trained_bias, 1),
            step=0.1,
            help=words["bias_help"].format(trained=f"{trained_bias:.3f}"),
            key=f"neuron_bias_{unit}",
        )
    # The slider has fewer decimals than the number: until it is moved, the number counts.
    weights[place] = _moved(moved_weight, trained_weight, 2)
    bias = _moved(moved_bias, trained_bias, 1)
    products = pixels * weights
    total = float(products.sum())
    numbers = {
        "row": row,
        "column": column,
        "pixel": f"{pixels[place]:.3f}",
        "weight": f"{weights[place]:z.3f}",
        "product": f"{products[place]:z.3f}",
        "products": f"{total:.3f}",
        "bias": f"{bias:.3f}",
        "sum": f"{total + bias:.3f}",
        "digit": unit,
        "index": example.index,
    }
    sums = pixels @ layer.kernel + layer.bias
    trained = float(sums[unit])
    sums[unit] = total + bias
    with picture:
        with st.container(horizontal=True, gap="small"):
            for name, values, limit, is_signed in (
                ("image", pixels, 1.0, False),
                ("weights", weights, _LIMIT, True),
                ("products", products, _LIMIT, True),
            ):
                figure = pixel_picture(
                    values.reshape(IMAGE_SIDE, IMAGE_SIDE),
                    (row, column),
                    words[name].format(digit=unit),
                    limit,
                    is_signed,
                )
                key = f"neuron_{name}_{unit}_{row}_{column}"
                clickable_chart(figure, key, words[f"alt_{name}"].format(**numbers), _choose, file_name=name)
        st.markdown(words["sum"].format(**numbers) + words["trained"].format(trained=f"{trained:.3f}"))
        st.caption(words["legend"])
        show_chart(
            sums_figure(sums, unit, words["ranking"], words["digit"], words["value"]),
            "neuron_sums",
            words["alt_ranking"].format(**numbers, largest=int(sums.argmax())),
        )


def _moved(slider: float, trained: float, decimals: int) -> float:
    return trained if slider == round(trained, decimals) else slider


def _choose(place: Sequence[int]) -> None:
    state_of(_Place).pixel = (int(place[0]), int(place[1]))
