"""The canvas to draw on, with Clear, Undo and the pen's width; what is on it survives a change of page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from model_lib.canvas import read_canvas
from model_lib.drawing import Drawing, DrawingError

# Fits on a phone, and is large enough for two or three digits.
SIDE_PX: Final = 320
_USUAL_PEN_PX: Final = 18
_START_KEY = "canvas_start"
_CONTENT_KEY = "canvas_content"
_GENERATION_KEY = "canvas_generation"


def canvas_content(key: str, start: Mapping[str, Any] | None, pen_width_px: int) -> Any:
    """Shows the canvas and returns what it has sent. Kept apart from all else, so that tests can replace it.

    Args:
        key: another key makes a new canvas.
        start: what is on a new canvas, as an earlier one sent it; None for nothing.
        pen_width_px: of the strokes to come.

    Returns:
        What `read_canvas` takes. The canvas sends 200 ms after the pen was lifted, never before.
    """
    from streamlit_drawable_canvas import st_canvas

    return st_canvas(
        stroke_width=pen_width_px,
        stroke_color="#ffffff",
        background_color="#000000",
        width=SIDE_PX,
        height=SIDE_PX,
        initial_drawing=None if start is None else dict(start),
        key=key,
    ).json_data


def draw(pen_width_px: int) -> Drawing:
    """Shows the canvas with Clear and Undo.

    Args:
        pen_width_px: of the strokes to come.

    Returns:
        What is on the canvas, without strokes if it is blank or cannot be read.
    """
    key = _key()
    if key not in st.session_state:
        # The canvas is new: the visitor has just come in, or back from another page.
        st.session_state[_START_KEY] = st.session_state.get(_CONTENT_KEY)
    content = canvas_content(key, st.session_state[_START_KEY], pen_width_px)
    with st.container(horizontal=True):
        st.button("Clear", icon=":material/delete:", width="stretch", key="clear_canvas", on_click=clear)
        st.button("Undo", icon=":material/undo:", width="stretch", key="undo_stroke", on_click=_undo)
    st.session_state[_CONTENT_KEY] = content
    try:
        return read_canvas(content, SIDE_PX)
    except DrawingError as error:
        st.error(f"The drawing cannot be read. {error} Clear the canvas and draw again.", icon=":material/error:")
        return Drawing((), SIDE_PX)


def choose_pen_width() -> int:
    """Lets the visitor choose how wide the pen is; returns its width in canvas pixels."""
    return st.slider("Pen width", 6, 40, _USUAL_PEN_PX, format="%d px", key="pen_width", persist_state="session")


def clear() -> None:
    """Empties the canvas."""
    _replace(None)


def _undo() -> None:
    # Straight from the canvas: its last stroke may not have been through the page yet.
    state = st.session_state.get(_key())
    sent = state.get("drawing") if isinstance(state, Mapping) else None
    content = sent.get("raw") if isinstance(sent, Mapping) else st.session_state.get(_CONTENT_KEY)
    strokes = content.get("objects") if isinstance(content, Mapping) else None
    if isinstance(strokes, list) and strokes:
        _replace({**content, "objects": strokes[:-1]})


def _replace(content: Mapping[str, Any] | None) -> None:
    # A canvas takes a new drawing at once only as a new canvas: an old one would go on sending what was on it.
    st.session_state[_GENERATION_KEY] = st.session_state.get(_GENERATION_KEY, 0) + 1
    st.session_state[_START_KEY] = st.session_state[_CONTENT_KEY] = content


def _key() -> str:
    return f"canvas-{st.session_state.get(_GENERATION_KEY, 0)}"
