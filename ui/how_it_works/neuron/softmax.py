"""Softmax: ten sums of the ready-made network become probabilities, at a temperature that the visitor chooses."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st

from model_lib.concepts.softmax import softmax
from model_lib.figures.concepts.bars import probabilities_figure
from model_lib.number_format import probability_text
from ui.how_it_works.example import choose_example
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.ready_made import logits_of
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.wording import number_text
from ui.shared.charts import show_chart

# A 3 that might be a 5: of a clear digit one bar is all, at most temperatures.
_FIRST_EXAMPLE: Final = 449
_TEMPERATURES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0)


def show(text: ScreenText) -> None:
    """Shows the bars, the slider, and the four steps of each digit's number."""
    words = text.words
    controls, picture = controls_beside_picture("softmax")
    with controls:
        example = choose_example(_FIRST_EXAMPLE)
        temperature = st.select_slider(
            words["temperature"],
            _TEMPERATURES,
            value=1.0,
            format_func=lambda each: f"{each:g}",
            help=words["temperature_help"],
            key="softmax_temperature",
        )
        logits = logits_of(example.pixels)
        shares = softmax(logits, temperature)
        powers = np.exp(logits / temperature)
        largest = int(shares.argmax())
        power, others = number_text(powers[largest]), number_text(np.delete(powers, largest).sum())
        share = number_text(shares[largest])
        st.markdown(words["total"].format(digit=largest, power=power, others=others, share=share))
        st.caption(words["image"].format(index=example.index, label=example.label))
    with picture:
        show_chart(
            probabilities_figure(shares, words["title"], words["axis"], words["probability"]),
            "softmax_bars",
            words["alt"].format(
                digit=largest, share=probability_text(float(shares[largest])), temperature=f"{temperature:g}"
            ),
        )
    table = words["head"].lstrip()
    for digit in range(len(logits)):
        table += words["line"].format(
            digit=digit,
            sum=f"{logits[digit]:.3f}",
            divided=f"{logits[digit] / temperature:.3f}",
            power=number_text(powers[digit]),
            share=number_text(shares[digit]),
        )
    st.markdown(table)
    st.caption(words["legend"])
