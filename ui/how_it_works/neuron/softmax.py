"""Softmax: ten sums of the ready-made network become probabilities, at a temperature that the visitor chooses."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.concepts.softmax import softmax
from model_lib.figures.concepts.bars import probabilities_figure
from model_lib.number_format import probability_text
from ui.how_it_works.example import choose_example
from ui.how_it_works.texts import ScreenText
from ui.shared.charts import show_chart
from ui.shared.loaders import layer_reader_of

_TEMPERATURES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0)


def show(text: ScreenText) -> None:
    """Shows the bars, the slider, and the four steps of each digit's number."""
    words = text.words
    example = choose_example()
    temperature = st.select_slider(
        words["temperature"],
        _TEMPERATURES,
        value=1.0,
        format_func=lambda each: f"{each:g}",
        help=words["temperature_help"],
        key="softmax_temperature",
        width=560,
    )
    logits = _logits(example.pixels)
    shares = softmax(logits, temperature)
    largest = int(shares.argmax())
    largest_share = probability_text(float(shares[largest]))
    st.caption(words["image"].format(index=example.index, label=example.label))
    show_chart(
        probabilities_figure(shares, words["title"], words["axis"], words["probability"]),
        "softmax_bars",
        words["alt"].format(digit=largest, share=largest_share, temperature=f"{temperature:g}"),
    )
    powers = np.exp(logits / temperature)
    total, power = f"{powers.sum():,.4g}", f"{powers[largest]:,.4g}"
    share = f"{shares[largest]:.4f}"
    st.markdown(words["total"].format(total=total, digit=largest, power=power, share=share))
    st.dataframe(
        {
            words["axis"]: range(10),
            words["sums"]: np.round(logits, 3),
            words["divided"]: np.round(logits / temperature, 3),
            words["power"]: [f"{each:.4g}" for each in powers],
            words["share"]: np.round(shares, 4),
        },
        hide_index=True,
        width=560,
    )


def _logits(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Returns the ten sums of the ready-made network's last layer for an image of bytes."""
    outputs = layer_reader_of(None).read((pixels / 255).astype(np.float32))
    last = list(outputs.values())[-1]
    assert last.pre_activation is not None
    return last.pre_activation.astype(np.float64)
