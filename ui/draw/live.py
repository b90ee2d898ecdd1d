"""Canvas and answers side by side: what runs again when the pen is lifted, and nothing else does.

While the pen is down nothing runs here: the panel of answers asks `ui.draw.answer_api` itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.drawing.segmentation import split_digits
from model_lib.drawing.strokes import Drawing, DrawingError
from model_lib.runs import runs_root
from model_lib.storage.run import Run
from ui.draw.answer import NUMBER_HELP, Answers, answers_to_drawing, answers_to_image
from ui.draw.canvas import SIDE_PX, USUAL_PEN_PX, Seen, choose_pen_width, clear, draw, seen
from ui.draw.companion import canvas_of, show_answers
from ui.draw.details import show_replay, show_what_it_sees
from ui.draw.keep import offer_to_keep, show_what_was_kept
from ui.draw.pixel_grid import HELP, paint
from ui.draw.predict import title_of
from ui.shared.canvas_hand_over import drop_handed_over, handed_over_image, is_newly_handed_over
from ui.shared.refresh import refresh_seconds
from ui.shared.run_list import listed_runs
from ui.shared.selection import PRETRAINED, DrawnImage, select_own_image
from ui.shared.visit import state_of

_MOST_OTHERS = 3
_MOST_RUNS = 100
_REFRESH_SECONDS = 1.0
_AS_NUMBER = "as_number"
_POINTER, _KEYBOARD = "By hand", "Keyboard"


def show_canvas_and_answer(run: Run | None) -> None:
    """Shows the canvas, the answer beside it, and below what explains the answer."""
    if is_newly_handed_over():
        clear()  # what is drawn goes before it
    # Made here, where a pen-up does not come by.
    others = {PRETRAINED: title_of(None)} | {entry.run.id: entry.title for entry in listed_runs()[:_MOST_RUNS]}
    others.pop(PRETRAINED if run is None else run.id, None)
    st.fragment(_canvas_and_answer)(run, others)


def show_canvas() -> NDArray[np.float32] | None:
    """Shows the canvas alone, for pages that answer in their own way, and returns the image of what is on it.

    Returns:
        (28, 28) float32, 0 (black) to 1 (white); None for a blank canvas.
    """
    if is_newly_handed_over():
        clear()
    if _choose_device() == _KEYBOARD:
        drawing = paint()
    else:
        st.space(8)  # as in `_canvas_and_answer`
        drawing = draw(USUAL_PEN_PX)
    image = _image_of(drawing)
    if image is not None and drawing.strokes:
        _make_chosen(image)
    return image


def _canvas_and_answer(run: Run | None, others: Mapping[str, str]) -> None:
    top = st.container(horizontal=True, gap="large")
    place = top.container(width=SIDE_PX)
    with place:
        by_keyboard = _choose_device() == _KEYBOARD
        if not by_keyboard:
            st.space(8)  # the canvas shows its own buttons above it
    # On a phone the answer must follow the canvas at once; the choices that it depends on stand below it.
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        with st.container(width=SIDE_PX):
            pen_width_px = USUAL_PEN_PX
            if by_keyboard:
                st.markdown(HELP)
            else:
                pen_width_px = choose_pen_width()
        with st.container():
            networks = [run, *_choose_others(others)]
    with place:
        drawing = paint() if by_keyboard else draw(pen_width_px)
    with top, st.container():
        image = _image_of(drawing)
        is_live = any(network is not None and _is_learning(network) for network in networks)
        arguments = (networks, drawing, image, seen(), pen_width_px, is_live)
        st.fragment(_answer, run_every=refresh_seconds(_REFRESH_SECONDS) if is_live else None)(*arguments)
    show_what_was_kept()
    if image is not None and drawing.strokes:
        _make_chosen(image)
        offer_to_keep()
        show_what_it_sees(run, drawing)
        show_replay(run, drawing)


def _choose_device() -> str:
    """Lets the visitor choose what to draw with."""
    return st.segmented_control(
        "Draw with",
        (_POINTER, _KEYBOARD),
        default=_POINTER,
        required=True,
        key="draw_with",
        persist_state="session",
        label_visibility="collapsed",
    )


def _answer(
    networks: list[Run | None],
    drawing: Drawing,
    image: NDArray[np.float32] | None,
    seen_of_canvas: Seen,
    pen_width_px: int,
    was_live: bool,
) -> None:
    if was_live and not any(network is not None and _is_learning(network) for network in networks):
        st.rerun()  # the whole page: the last weights are there, and from now on nothing moves
    panel = st.container()
    # The choice stands below the answers, which must not move when a second digit makes it appear.
    if len(split_digits(drawing)) > 1:
        st.toggle("Several digits: read them as a number", key=_AS_NUMBER, persist_state="session", help=NUMBER_HELP)
    reads_number = bool(st.session_state.get(_AS_NUMBER, False))
    answers, note = Answers(answers=[], doubt=""), ""
    if image is not None and drawing.strokes:
        answers = answers_to_drawing(networks, drawing, reads_number)
    elif image is not None:
        answers, note = answers_to_image(networks, image), "An image from another page. It stays until you draw."
    with panel:
        show_answers(answers, note, canvas_of(networks, reads_number, drawing, seen_of_canvas, pen_width_px))


def _image_of(drawing: Drawing) -> NDArray[np.float32] | None:
    """Returns the 28 x 28 image of the drawing, or the one that another page has handed over; None for neither."""
    try:
        image = drawing.image
    except DrawingError as error:
        st.error(f"{error} Clear the canvas and draw again.", icon=":material/error:")
        return None
    if image is not None:
        drop_handed_over()
        return image
    return handed_over_image()


@dataclass
class _LastDrawing:
    image: NDArray[np.float32] | None = None


def _make_chosen(image: NDArray[np.float32]) -> None:
    """Makes a new drawing the image of all pages; one that was there before changes nothing."""
    last = state_of(_LastDrawing)
    if last.image is None or not np.array_equal(image, last.image):
        last.image = image
        select_own_image(DrawnImage(), image)


def _choose_others(others: Mapping[str, str]) -> list[Run | None]:
    """Lets the visitor choose networks that answer too."""
    if not others:
        return []
    chosen = st.multiselect(
        "Ask these networks too",
        list(others),
        format_func=lambda name: others.get(name, name),
        key="also_ask",
        max_selections=_MOST_OTHERS,
        persist_state="session",
        placeholder="Up to three",
        help="Their predictions for the same drawing appear beside that of the network in the sidebar.",
    )
    return [None if name == PRETRAINED else Run(runs_root() / name) for name in chosen]


def _is_learning(run: Run) -> bool:
    return run.exists and run.state in ("queued", "running")
