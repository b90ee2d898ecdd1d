"""Keeping the last drawing in the visitor's own digits: one click on a label keeps it once."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from model_lib.datasets.user_digits import UserDigitError
from model_lib.drawing.strokes import DrawingError
from ui.draw.canvas import clear, drawing_id, drawing_now
from ui.shared.user_digits import own_collection
from ui.shared.visit import Once, state_of


@dataclass
class _Said:
    """What the page says once about the last click on a label."""

    kept: Once[str] = field(default_factory=Once)
    error: Once[str] = field(default_factory=Once)


def offer_to_keep() -> None:
    """Shows the ten labels under which the drawing can be kept; one click keeps it and empties the canvas.

    They are buttons, since a click is sent once: the browser sends what a choice such as pills has chosen again with
    everything else that happens, until it has been told that the choice is gone. Their keys name the drawing that
    they were shown for, so that a late click does not label the next one.
    """
    st.markdown("Keep it in My digits: which digit did you mean?")
    name = drawing_id()
    with st.container(horizontal=True, gap="small", key="keep_as"):
        for label in range(10):
            st.button(str(label), key=f"keep-{name}-{label}", on_click=_keep, args=(label, name))


def show_what_was_kept() -> None:
    """Says that a digit has just been kept, or why not."""
    if message := state_of(_Said).kept.take():
        st.toast(message, icon=":material/check:", duration="long")
    if message := state_of(_Said).error.take():
        st.error(message, icon=":material/error:")


def _keep(label: int, name: str) -> None:
    """Keeps the drawing of this name. The first label stands: a second click for the same drawing changes nothing."""
    collection = own_collection()
    if name != drawing_id():
        # It has left the canvas: by being kept a moment ago, or by being cleared.
        kept = collection.label_of(name)
        if kept not in (None, label):
            state_of(_Said).kept.put(
                f"It was kept as {_with_article(kept)} already, and stays one. To change that, delete it in My digits."
            )
        return
    try:
        # What is on the canvas now, not what was there when the buttons were shown: a stroke may have come since.
        drawing = drawing_now()
        image = drawing.image
        if image is None:
            return
        collection.add(image, label, drawing.strokes, name)
    except (UserDigitError, DrawingError) as error:
        state_of(_Said).error.put(str(error))
    except OSError as error:
        message = f"The digit could not be kept: {error.strerror}. Free some space on the server."
        state_of(_Said).error.put(message)
    else:
        # Said when the page is drawn: a callback of a part of the page must not show anything.
        state_of(_Said).kept.put(f"Kept as {_with_article(label)}. My digits: {len(collection):,}.")
        clear()


def _with_article(label: int | None) -> str:
    return f"{'an' if label == 8 else 'a'} {label}"
