"""Padding and stride: where the window stands on the image and its zeros, and how large the feature map becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.concepts.windows import Padding, convolve, output_side, padded, padding_of
from model_lib.figures.concepts.tables import window_picture
from model_lib.layers.convolution_demo import CLASSIC_FILTERS
from model_lib.layers.receptive_field import Box
from ui.how_it_works.example import choose_example
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.texts import ScreenText
from ui.shared.charts import show_chart

_FILTERS: Final[Mapping[str, str]] = {"edges": "All edges", "blur": "Blur, 5 x 5"}
_PADDINGS: Final = ("valid", "same")
_STRIDES: Final = (1, 2, 3)
_FORMULA: Final = r"\text{size} = \left\lfloor \frac{n + p - k}{s} \right\rfloor + 1"


def show(text: ScreenText) -> None:
    """Shows the image with its zeros and the window, the feature map, and the formula with the numbers filled in."""
    words = text.words
    controls, picture = controls_beside_picture("padding")
    with controls:
        example = choose_example()
        name = st.segmented_control(
            words["filter"],
            list(_FILTERS),
            default="edges",
            required=True,
            format_func=lambda each: words[each],
            help=words["filter_help"],
            key="padding_filter",
        )
        kernel: NDArray[np.float64] = np.array(CLASSIC_FILTERS[_FILTERS[name]], np.float64)
        padding = cast(
            "Padding",
            st.segmented_control(
                words["padding"],
                _PADDINGS,
                default="valid",
                required=True,
                help=words["padding_help"],
                key="padding_padding",
            ),
        )
        stride = st.segmented_control(
            words["stride"], _STRIDES, default=1, required=True, help=words["stride_help"], key="padding_stride"
        )
        side = len(example.pixels)
        out = output_side(side, len(kernel), stride, padding)
        place = st.slider(
            words["place"],
            0,
            out**2 - 1,
            out // 2 * (out + 1),
            help=words["place_help"],
            key=f"padding_place_{out}_{stride}_{padding}",
        )
    row, column = divmod(place, out)
    with_zeros = padded(example.pixels / 255, len(kernel), stride, padding)
    feature_map = convolve(example.pixels / 255, kernel, stride, padding)
    numbers = {
        "index": example.index,
        "n": side,
        "k": len(kernel),
        "s": stride,
        "zeros": sum(padding_of(side, len(kernel), stride, padding)),
        "out": out,
        "count": out**2,
        "side": len(with_zeros),
        "row": row,
        "column": column,
    }
    drawn = np.full_like(with_zeros, np.nan)  # on the scale of the image
    drawn[:out, :out] = feature_map
    with picture:
        with st.container(horizontal=True, gap="small"):
            top, left = row * stride, column * stride
            window = Box(top, left, top + len(kernel), left + len(kernel))
            show_chart(
                window_picture(with_zeros, words[padding].format(**numbers), window),
                "padding_image",
                words["alt_image"].format(**numbers),
            )
            show_chart(
                window_picture(
                    drawn,
                    words["result"].format(**numbers),
                    Box(row, column, row + 1, column + 1),
                    is_signed=bool(feature_map.min() < 0),
                ),
                "padding_result",
                words["alt_result"].format(**numbers),
            )
        st.latex(_FORMULA)
        st.markdown(words["numbers"].format(**numbers))
