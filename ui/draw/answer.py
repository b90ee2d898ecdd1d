"""The answer to a drawing: the digit in large type, how sure the network is, the ten probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from model_lib.drawing.strokes import Drawing
from model_lib.figures.predictions import probability_bars, upscale
from model_lib.predictions import PredictionError
from model_lib.pretrained.digit_detector import looks_like_digit
from model_lib.storage.run import Run
from ui.draw.predict import Answer, AnswerError, answers_of, knows_digits, title_of
from ui.shared.streamlit_workarounds import show_large

_CHART = {"displayModeBar": False}
_DIGIT_PX = 130


def show_invitation() -> None:
    """Says what to do with a blank canvas."""
    st.info(
        "Draw a digit from 0 to 9 on the black square, with the mouse, a finger or a pen: anywhere, in any size. "
        "The answer appears here the moment you lift the pen.",
        icon=":material/draw:",
    )


def show_answers(networks: Sequence[Run | None], image: NDArray[Any]) -> None:
    """Shows the answers of up to four networks to the same image, beside each other.

    Args:
        networks: the first is the chosen one; None is the one that comes along.
        image: (28, 28) float32, 0 (black) to 1 (white).
    """
    for column, run in zip(st.columns(len(networks)), networks, strict=True):
        with column:
            _show_one(run, image, is_alone=len(networks) == 1)


def _show_one(run: Run | None, image: NDArray[Any], is_alone: bool) -> None:
    if not is_alone:
        st.caption(title_of(run))
    try:
        answer = answers_of(run, [image])[0]
    except AnswerError as error:
        st.info(str(error), icon=":material/hourglass_top:")
        return
    key = "answer-bars" if is_alone else f"answer-bars-{title_of(run)}"
    with st.container(horizontal=is_alone):
        with st.container(width=_DIGIT_PX if is_alone else "stretch"):
            show_answer(answer, key)
        with st.container():
            show_bars(answer, key)
    if not knows_digits(run):
        st.info(
            "This network learnt clothes from Fashion-MNIST. It was never meant for drawings of digits, and must call "
            "everything a piece of clothing.",
            icon=":material/checkroom:",
        )


def show_answer(answer: Answer, key: str) -> None:
    """Shows the answer in the largest type there is, and how sure the network is."""
    show_large(answer.name, key)
    st.markdown(f"**{answer.name}**, {answer.confidence:.1%} sure")


def show_doubt(image: NDArray[Any], count: int) -> None:
    """Says so if an image does not look like one digit: probabilities cannot, since they always add up to 1.

    Args:
        image: (28, 28) float32, 0 (black) to 1 (white).
        count: how many digits seem to stand beside each other.
    """
    try:
        if looks_like_digit(image):
            return
    except PredictionError:
        return  # the bundled network is damaged; that is said where it answers
    hint = " Several digits? Then switch on reading them as a number." if count > 1 else ""
    st.warning(
        f"This does not look like a digit. A network that knows only digits must still name one of the ten.{hint}",
        icon=":material/question_mark:",
    )


def show_bars(answer: Answer, key: str) -> None:
    """Shows the ten probabilities as bars."""
    figure = probability_bars(answer.probabilities, answer.names)
    shares = zip(answer.names, answer.probabilities, strict=True)
    alt = "Probabilities: " + ", ".join(f"{name} {share:.1%}" for name, share in shares)
    st.plotly_chart(figure, width="stretch", key=key, config=_CHART, alt=alt)


def show_number(networks: Sequence[Run | None], parts: Sequence[Drawing]) -> None:
    """Shows several digits read as one number, each cut out and framed alone.

    Args:
        networks: as in `show_answers`.
        parts: one drawing for each digit, from left to right.
    """
    images = [image for part in parts if (image := part.image) is not None]
    for column, run in zip(st.columns(len(networks)), networks, strict=True):
        with column:
            if len(networks) > 1:
                st.caption(title_of(run))
            try:
                answers = answers_of(run, images)
            except AnswerError as error:
                st.info(str(error), icon=":material/hourglass_top:")
                continue
            number = "".join(answer.name if len(answer.name) == 1 else "?" for answer in answers)
            show_large(number, f"number-{title_of(run)}")
            st.markdown(f"**{number}**, read digit by digit")
            with st.container(horizontal=True):
                for image, answer in zip(images, answers, strict=True):
                    st.image(
                        upscale(image, 84),
                        f"{answer.name}, {answer.confidence:.0%}",
                        width=84,
                        alt=f"A part of the drawing, read as {answer.name}",
                    )
