"""What explains an answer: the preprocessing of a drawing, and the probabilities while the drawing grew."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.drawing.pixels import upscale
from model_lib.drawing.preprocessing import FRAMING_EXPLANATIONS, FRAMING_TITLES, FRAMINGS, FramedDrawing
from model_lib.drawing.replay import Moment, moments_of
from model_lib.drawing.strokes import Drawing, frame_drawing
from model_lib.figures.predictions import probabilities_over_time
from model_lib.figures.text.description import describe_moments
from model_lib.number_format import probability_text
from model_lib.storage.run import Run
from ui.draw.predict import Answer, AnswerError, answers_of
from ui.shared.charts import show_chart

_PICTURE_PX = 168


def show_what_it_sees(run: Run | None, drawing: Drawing) -> None:
    """Shows the way from the drawing to 28 x 28 pixels, in four kinds of framing, and the answer to each."""
    part = st.expander("What the network sees", icon=":material/visibility:", key="what_it_sees", on_change="rerun")
    if not part.open:
        return
    with part:
        framed = [frame_drawing(drawing, framing) for framing in FRAMINGS]
        show_framings(run, [way for way in framed if way is not None])


def show_framings(run: Run | None, ways: list[FramedDrawing]) -> None:
    """Shows the steps of one framing, chosen by a switch, and the answer to every framing."""
    try:
        answers = answers_of(run, [way.image for way in ways])
    except AnswerError as error:
        st.info(str(error))
        return
    by_name = {way.framing: way for way in ways}
    chosen = st.segmented_control(
        "Preprocessing (centre and scale like MNIST)",
        list(by_name),
        default=ways[-1].framing,
        required=True,
        format_func=lambda framing: FRAMING_TITLES[framing],
        key="framing",
        help="How the drawing becomes the 28 x 28 pixels that the network gets: best as was done for MNIST.",
    )
    st.caption(FRAMING_EXPLANATIONS[chosen])
    with st.container(horizontal=True):
        for number, step in enumerate(by_name[chosen].steps, start=1):
            show_picture(step.image, f"{number}. {step.title}")
    st.markdown("**The prediction after each of the four ways of preprocessing**")
    with st.container(horizontal=True):
        for way, answer in zip(ways, answers, strict=True):
            with st.container(width=_PICTURE_PX):
                show_picture(way.image, FRAMING_TITLES[way.framing])
                st.markdown(f"**{answer.name}**, {probability_text(answer.confidence)} sure")


def show_picture(picture: NDArray[np.float32], caption: str) -> None:
    """Shows one small picture with its pixels as squares."""
    st.image(upscale(picture, _PICTURE_PX), caption, width=_PICTURE_PX, alt=caption)


def show_replay(run: Run | None, drawing: Drawing) -> None:
    """Lets the drawing grow again along a slider, with the answer at each moment."""
    part = st.expander("Replay the strokes", icon=":material/replay:", key="replay", on_change="rerun")
    if not part.open:
        return
    moments = moments_of(drawing)
    with part:
        try:
            answers = answers_of(run, [_image_of(moment) for moment in moments])
        except AnswerError as error:
            st.info(str(error))
            return
        _show_moments(moments, answers)


def _show_moments(moments: list[Moment], answers: list[Answer]) -> None:
    last = len(moments)
    chosen = last
    if last > 1:
        # A drawing that has changed begins at its end again.
        drawn = sum(len(stroke) for stroke in moments[-1].drawing.strokes)
        chosen = st.slider(
            "Moment",
            1,
            last,
            last,
            key=f"moment-{last}-{drawn}",
            help="How much of the drawing was there: the last moment is all of it.",
        )
    moment, answer = moments[chosen - 1], answers[chosen - 1]
    before = answers[chosen - 2].name if chosen > 1 else answer.name
    with st.container(horizontal=True, gap="large"):
        with st.container(width=_PICTURE_PX):
            page = frame_drawing(moment.drawing, "resized")
            if page is not None:
                show_picture(page.steps[0].image, f"Stroke {moment.stroke}")
            st.markdown(f"**{answer.name}**, {probability_text(answer.confidence)} sure")
            if before != answer.name:
                st.markdown(f":material/bolt: The prediction changes here from {before} to {answer.name}.")
        with st.container():
            figure = probabilities_over_time(
                np.stack([each.probabilities for each in answers]), answer.names, chosen - 1
            )
            alt = f"Prediction while it was drawn: {describe_moments([each.name for each in answers])}"
            show_chart(figure, "replay-answers", alt, "none")


def _image_of(moment: Moment) -> NDArray[np.float32]:
    image = moment.drawing.image
    assert image is not None, "a moment has ink"
    return image
