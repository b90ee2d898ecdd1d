"""The canvas to draw on, with Clear, Undo and the pen's width; what is on it survives a change of page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from model_lib.drawing.canvas_json import read_canvas
from model_lib.drawing.strokes import Drawing, DrawingError
from ui.draw.canvas_state import CanvasState
from ui.shared.streamlit_workarounds import sent_drawing
from ui.shared.visit import state_of

# Fits on a phone, and is large enough for two or three digits.
SIDE_PX: Final = 320
USUAL_PEN_PX: Final = 18
PEN_COLOUR: Final = "#ffffff"
_KEY: Final = "canvas"


@dataclass(frozen=True)
class Seen:
    """How much of what is on the canvas has been seen.

    Args:
        strokes: how many the canvas has sent; one that leaves it and comes back is several in a `Drawing`.
        revision: changes whenever the canvas is told to show something else than what was drawn on it.
    """

    strokes: int
    revision: int


def canvas_content(key: str, start: Mapping[str, Any], pen_width_px: int) -> Any:
    """Shows the canvas and returns what it has sent. Kept apart from all else, so that tests can replace it.

    Args:
        key: of the canvas; a new one for each start would lose strokes drawn while it is being built up.
        start: what it shows, as it was sent before; another start replaces what is on it, and is sent back.
        pen_width_px: of the strokes to come.

    Returns:
        What `read_canvas` takes. The canvas sends 200 ms after the pen was lifted, never before.
    """
    from streamlit_drawable_canvas import st_canvas

    return st_canvas(
        stroke_width=pen_width_px,
        stroke_color=PEN_COLOUR,
        background_color="#000000",
        width=SIDE_PX,
        height=SIDE_PX,
        initial_drawing=dict(start),
        key=key,
    ).json_data


def draw(pen_width_px: int) -> Drawing:
    """Shows the canvas with Clear and Undo.

    Args:
        pen_width_px: of the strokes to come.

    Returns:
        What is on the canvas, without strokes if it is blank or cannot be read.
    """
    state = state_of(CanvasState)
    if _KEY not in st.session_state:
        state.mount()
    state.receive(canvas_content(_KEY, state.start or {}, pen_width_px))
    with st.container(horizontal=True):
        show_clear()
        st.button("Undo", icon=":material/undo:", width="stretch", key="undo_stroke", on_click=_undo)
    return read_content()


def show_clear() -> None:
    """Shows the button that empties the canvas."""
    st.button("Clear", icon=":material/delete:", width="stretch", key="clear_canvas", on_click=clear)


def read_content() -> Drawing:
    """Returns what the page has seen of the canvas, without strokes if it cannot be read, which is then said."""
    try:
        return read_canvas(state_of(CanvasState).content, SIDE_PX)
    except DrawingError as error:
        st.error(f"The drawing cannot be read. {error} Clear the canvas and draw again.", icon=":material/error:")
        return Drawing((), SIDE_PX)


def choose_pen_width() -> int:
    """Lets the visitor choose how wide the pen is; returns its width in canvas pixels."""
    return st.slider(
        "Pen width",
        6,
        40,
        USUAL_PEN_PX,
        format="%d px",
        key="pen_width",
        persist_state="session",
        help=f"Of the strokes to come, in pixels of the canvas, which is {SIDE_PX} pixels wide.",
    )


def drawing_id() -> str:
    """Returns the name of the drawing on the canvas; from one emptying to the next it stays the same."""
    return state_of(CanvasState).drawing_id


def seen() -> Seen:
    """Returns how much of what is on the canvas has been seen."""
    state = state_of(CanvasState)
    return Seen(state.stroke_count, state.revision)


def drawing_now() -> Drawing:
    """Returns what is on the canvas, for a callback: its last stroke may not have been through the page yet.

    Raises:
        DrawingError: if it cannot be read.
    """
    return read_canvas(state_of(CanvasState).newest(_sent()), SIDE_PX)


def clear() -> None:
    """Empties the canvas."""
    state_of(CanvasState).clear(_sent())


def _undo() -> None:
    state_of(CanvasState).undo(_sent())


def _sent() -> Any:
    """Returns what the canvas has sent last: its last stroke may not have been through the page yet."""
    sent = sent_drawing(_KEY)
    return state_of(CanvasState).content if sent is None else sent
