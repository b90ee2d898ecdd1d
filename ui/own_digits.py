"""The visitor's own digits: which set is theirs, and how the last drawing is kept in it."""

from __future__ import annotations

import uuid

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.digit_collection import CollectionError, DigitCollection, digits_root, is_collection_name
from model_lib.drawing import Drawing
from ui.canvas import clear

_ID_KEY = "own_digits"
_ADDRESS_NAME = "digits"
_PILLS_KEY = "keep_as"
_ERROR_KEY = "keep_error"
_KEPT_KEY = "keep_message"


def own_collection() -> DigitCollection:
    """Returns the visitor's own set, which may be empty.

    Its name is drawn at random, and stands in the address of the page My digits alone: whoever has that address has
    the set, also tomorrow, and a link to another page does not give it away.
    """
    if _ID_KEY not in st.session_state:
        named = st.query_params.get(_ADDRESS_NAME, "")
        st.session_state[_ID_KEY] = named if is_collection_name(named) else uuid.uuid4().hex[:12]
    return DigitCollection(digits_root() / st.session_state[_ID_KEY])


def put_into_address() -> None:
    """Puts the name of the set into the address, to be kept as a bookmark."""
    own_collection()
    if st.query_params.get(_ADDRESS_NAME) != st.session_state[_ID_KEY]:
        st.query_params[_ADDRESS_NAME] = st.session_state[_ID_KEY]


def offer_to_keep(image: NDArray[np.float32], drawing: Drawing) -> None:
    """Shows the ten labels under which the drawing can be kept; one click keeps it and empties the canvas."""
    st.pills(
        "Keep it in My digits: which digit did you mean?",
        range(10),
        key=_PILLS_KEY,
        on_change=_keep,
        args=(image, drawing),
    )


def show_what_was_kept() -> None:
    """Says that a digit has just been kept, or why not."""
    if message := st.session_state.pop(_KEPT_KEY, None):
        st.toast(message, icon=":material/check:")
    if message := st.session_state.pop(_ERROR_KEY, None):
        st.error(message, icon=":material/error:")


def _keep(image: NDArray[np.float32], drawing: Drawing) -> None:
    label = st.session_state[_PILLS_KEY]
    st.session_state[_PILLS_KEY] = None
    if label is None:
        return
    collection = own_collection()
    try:
        collection.add(image, label, drawing.strokes)
    except CollectionError as error:
        st.session_state[_ERROR_KEY] = str(error)
    except OSError as error:
        st.session_state[_ERROR_KEY] = f"The digit could not be kept: {error.strerror}. Free some space on the server."
    else:
        # Said when the page is drawn: a callback of a part of the page must not show anything.
        st.session_state[_KEPT_KEY] = f"Kept as a {label}. My digits: {len(collection):,}."
        clear()
