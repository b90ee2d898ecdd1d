"""The canvas to draw on, with Clear, Undo and the pen's width; what is on it survives a change of page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from model_lib.datasets.user_digits import new_digit_id
from model_lib.drawing.canvas_json import read_canvas
from model_lib.drawing.strokes import Drawing, DrawingError

# Fits on a phone, and is large enough for two or three digits.
SIDE_PX: Final = 320
_USUAL_PEN_PX: Final = 18
_KEY: Final = "canvas"
# What the canvas was last told to show, and what is on it.
_START_KEY = "canvas_start"
_CONTENT_KEY = "canvas_content"
# What the canvas had sent when it was told to show something else. It stays until the canvas has answered.
_OUTDATED_KEY = "canvas_outdated"
# Names the drawing, so that a second click for the same one is known.
_ID_KEY = "drawing_id"


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
        stroke_color="#ffffff",
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
    if _KEY not in st.session_state:
        # The canvas is new: the visitor has just come in, or back from another page.
        # Shown only if it is another drawing: the same start again would wipe out a first stroke under way.
        content = st.session_state.get(_CONTENT_KEY)
        if _START_KEY not in st.session_state or _objects(content) != _objects(st.session_state[_START_KEY]):
            _show(content)
        st.session_state.pop(_OUTDATED_KEY, None)
    sent = canvas_content(_KEY, st.session_state[_START_KEY], pen_width_px)
    content = _newest(sent)
    if content is sent:
        st.session_state.pop(_OUTDATED_KEY, None)
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


def drawing_id() -> str:
    """Returns what names the drawing on the canvas; from one emptying to the next it stays the same."""
    name: str = st.session_state.setdefault(_ID_KEY, new_digit_id())
    return name


def drawing_now() -> Drawing:
    """Returns what is on the canvas, for a callback: its last stroke may not have been through the page yet.

    Raises:
        DrawingError: if it cannot be read.
    """
    return read_canvas(_newest(_sent()), SIDE_PX)


def clear() -> None:
    """Empties the canvas."""
    _replace(None)


def _undo() -> None:
    content = _newest(_sent())
    strokes = content.get("objects") if isinstance(content, Mapping) else None
    if isinstance(strokes, list) and strokes:
        _replace({**content, "objects": strokes[:-1]})


def _replace(content: Mapping[str, Any] | None) -> None:
    if _OUTDATED_KEY not in st.session_state:
        st.session_state[_OUTDATED_KEY] = _sent()
    st.session_state[_CONTENT_KEY] = content
    if not _objects(content):
        st.session_state[_ID_KEY] = new_digit_id()
    _show(content)


def _show(content: Mapping[str, Any] | None) -> None:
    # The number makes each start another one: else the canvas would not empty itself twice.
    number = (st.session_state.get(_START_KEY) or {}).get("number", 0) + 1
    st.session_state[_START_KEY] = {**(content if isinstance(content, Mapping) else {"objects": []}), "number": number}


def _objects(content: Any) -> Any:
    return content.get("objects", []) if isinstance(content, Mapping) else []


def _sent() -> Any:
    """Returns what the canvas has sent last: its last stroke may not have been through the page yet."""
    state = st.session_state.get(_KEY)
    drawing = state.get("drawing") if isinstance(state, Mapping) else None
    return drawing.get("raw") if isinstance(drawing, Mapping) else st.session_state.get(_CONTENT_KEY)


def _newest(sent: Any) -> Any:
    """Returns what is on the canvas: not what was sent before it was told to show something else."""
    if _OUTDATED_KEY not in st.session_state:
        return sent
    before = st.session_state[_OUTDATED_KEY]
    is_outdated = sent == before or _goes_on_from(before, sent)
    return st.session_state.get(_CONTENT_KEY) if is_outdated else sent


def _goes_on_from(before: Any, sent: Any) -> bool:
    """Whether the same drawing has got a stroke more: it will be wiped out in the browser with the others."""
    drawn, now = _objects(before), _objects(sent)
    return isinstance(drawn, list) and isinstance(now, list) and bool(drawn) and now[: len(drawn)] == drawn
