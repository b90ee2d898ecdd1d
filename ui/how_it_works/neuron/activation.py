"""Activation functions at the sum of a real unit, and the units of a real layer that a shift of the biases kills."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st

from model_lib.concepts.activations import ACTIVATIONS, positive_shares
from model_lib.concepts.classifiers import flat_pixels
from model_lib.figures.concepts.bars import unit_shares_figure
from model_lib.figures.concepts.lines import Axis, Curve, lines_figure
from model_lib.number_format import percent
from ui.how_it_works.example import choose_example
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.trained import held_out_images, small_dense_network
from ui.shared.charts import show_chart

_END: Final = 6.0
_PLACES: Final = np.linspace(-_END, _END, 121)
_IMAGES: Final = 500
_LOWEST_SHIFT: Final = -10.0


def show(text: ScreenText) -> None:
    """Shows four curves with the point of a sum on each, and below them the dead units of the layer."""
    words = text.words
    controls, picture = controls_beside_picture("activation")
    with controls:
        example = choose_example()
        hidden = small_dense_network().sums(flat_pixels(example.pixels[np.newaxis]))[0][0]
        unit = st.number_input(
            words["unit"], 0, len(hidden) - 1, 0, help=words["unit_help"], key="activation_unit", width=250
        )
        real = float(hidden[unit])
        total = st.slider(
            words["sum"],
            -_END,
            _END,
            float(np.clip(round(real, 1), -_END, _END)),
            step=0.1,
            help=words["sum_help"],
            key=f"activation_sum_{example.index}_{unit}",
        )
        at = np.array(total)
        outputs = {name: float(each.apply(at)) for name, each in ACTIVATIONS.items()}
        table = words["head"].lstrip()
        for name, each in ACTIVATIONS.items():
            slope = f"{float(each.slope(at)):.4f}"
            table += words["line"].format(name=words[name], output=f"{outputs[name]:.4f}", slope=slope)
        st.markdown(words["real"].format(unit=unit, index=example.index, sum=f"{real:.3f}"))
        st.markdown(table)
    with picture:
        curves = [Curve(words[name], each.apply(_PLACES), outputs[name]) for name, each in ACTIVATIONS.items()]
        numbers = {name: f"{output:.2f}" for name, output in outputs.items()}
        show_chart(
            lines_figure(
                words["title"],
                Axis(words["axis"], (-_END, _END)),
                Axis(words["output"], (-2.0, 4.0)),
                _PLACES,
                curves,
                total,
            ),
            "activation_curves",
            words["alt"].format(sum=f"{total:g}", **numbers),
        )
    _show_dead_units(text)


def _show_dead_units(text: ScreenText) -> None:
    words = text.words
    st.subheader(words["dead_title"], anchor=False)
    st.markdown(words["dead_text"])
    controls, picture = controls_beside_picture("dead_units")
    with controls:
        shift = st.slider(
            words["shift"], _LOWEST_SHIFT, 0.0, 0.0, step=0.5, help=words["shift_help"], key="activation_shift"
        )
        images, _ = held_out_images(_IMAGES)
        shares = positive_shares(small_dense_network().sums(images)[0], shift)
        count, units = int((shares == 0).sum()), len(shares)
        mean = percent(float(shares.mean()))
        st.markdown(words["dead_count"].format(count=count, units=units, images=_IMAGES, share=mean))
    with picture:
        show_chart(
            unit_shares_figure(
                shares, words["dead_figure"], words["dead_unit"], words["dead_share"], words["dead_legend"]
            ),
            "activation_dead_units",
            words["dead_alt"].format(shift=f"{shift:g}", count=count, units=units),
        )
