"""Cross-entropy of one image, its formula with ten real numbers, and its gradient beside that of squared error."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.concepts.losses import (
    cross_entropy,
    cross_entropy_gradient,
    squared_error_gradient,
    with_probability,
)
from model_lib.concepts.softmax import softmax
from model_lib.figures.concepts.lines import Axis, Curve, lines_figure
from ui.how_it_works.example import choose_example
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.ready_made import logits_of
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.wording import number_text
from ui.shared.charts import show_chart

_PLACES: Final = np.linspace(0.005, 0.995, 199)
_STEPS: Final = (0.001, *(round(each / 100, 2) for each in range(1, 100)), 0.999)
_FORMULA: Final = r"L = -\frac{1}{N} \sum_{i=1}^{N} \sum_{j=0}^{9} y_{ij} \log p_{ij}"
# Two terms a line fit a phone.
_TERMS_A_LINE: Final = 2
_LEAST_WRITTEN: Final = 1e-4


def show(text: ScreenText) -> None:
    """Shows the slider of the right digit's probability, the loss, both gradients, and the formula."""
    words = text.words
    controls, picture = controls_beside_picture("cross_entropy")
    with controls:
        example = choose_example()
        label = example.label
        given = softmax(logits_of(example.pixels))
        real = float(given[label])
        probability = st.select_slider(
            words["probability"].format(label=label),
            sorted({*_STEPS, real}),
            value=real,
            format_func=_probability_text,
            help=words["probability_help"],
            key=f"cross_entropy_probability_{example.index}",
        )
        probabilities = with_probability(given, label, probability)
        loss = cross_entropy(probabilities[np.newaxis], np.array([label]))
        gradient = float(cross_entropy_gradient(probabilities, label)[label])
        squared = float(squared_error_gradient(probabilities, label)[label])
        numbers = {
            "probability": _probability_text(probability),
            "loss": number_text(loss),
            "gradient": number_text(gradient),
            "squared": number_text(squared),
        }
        st.markdown(words["result"].format(**numbers), help=words["gradient_help"])
    across = Axis(words["axis"], (0.0, 1.0))
    with picture:
        show_chart(
            lines_figure(
                words["title"],
                across,
                Axis(words["loss"], (0.0, 7.0)),
                _PLACES,
                [Curve(words["title"], -np.log(_PLACES), loss)],
                probability,
                300,
            ),
            "cross_entropy_loss",
            words["alt"].format(**numbers),
        )
        gradients = np.array([_gradients(given, label, each) for each in _PLACES])
        show_chart(
            lines_figure(
                words["gradient_title"],
                across,
                Axis(words["gradient_axis"], (-1.1, 0.1)),
                _PLACES,
                [
                    Curve(words["cross_entropy"], gradients[:, 0], gradient),
                    Curve(words["squared_error"], gradients[:, 1], squared),
                ],
                probability,
                280,
            ),
            "cross_entropy_gradients",
            words["gradient_alt"].format(**numbers),
        )
    st.markdown(words["formula"].format(index=example.index))
    st.latex(_FORMULA)
    st.latex(_filled_in(probabilities, label, loss))


def _gradients(given: NDArray[np.float64], label: int, probability: float) -> tuple[float, float]:
    probabilities = with_probability(given, label, probability)
    return (
        float(cross_entropy_gradient(probabilities, label)[label]),
        float(squared_error_gradient(probabilities, label)[label]),
    )


def _probability_text(probability: float) -> str:
    return f"{probability:.4f}".rstrip("0") if _LEAST_WRITTEN <= probability <= 0.99995 else f"{probability:.2g}"


def _filled_in(probabilities: NDArray[np.float64], label: int, loss: float) -> str:
    """Returns the sum over ten digits in LaTeX, with the numbers of an image."""
    terms = [rf"{int(digit == label)} \cdot \log {_latex_number(p)}" for digit, p in enumerate(probabilities.tolist())]
    lines = [" + ".join(terms[start : start + _TERMS_A_LINE]) for start in range(0, len(terms), _TERMS_A_LINE)]
    total = r" + \\ & ".join(lines)
    return rf"\small \begin{{aligned}} L = -( & {total}) \\ = \; & {_latex_number(loss)} \end{{aligned}}"


def _latex_number(number: float) -> str:
    if number >= _LEAST_WRITTEN:
        return f"{number:.4f}"
    digits, _, exponent = f"{number:.1e}".partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}"
