"""An uploaded or photographed picture: choosing it, and the answer to it."""

from __future__ import annotations

import streamlit as st

from model_lib.framing import FRAMINGS, FramedDrawing
from model_lib.photographs import PictureError, frame_picture
from model_lib.run import Run
from ui.answers import knows_digits
from ui.draw_answer import show_answers, show_doubt
from ui.draw_details import show_framings
from ui.loaders import keep_own_image
from ui.selection import select_image

_CONTENT_KEY = "uploaded_picture"
_LARGEST_MB = 10


def choose_picture() -> bytes | None:
    """Lets the visitor bring a picture; returns its bytes, also after a change of page, or None before the first."""
    way = st.segmented_control(
        "Where from", ["File", "Camera"], default="File", required=True, key="picture_from", persist_state="session"
    )
    if way == "Camera":
        file = st.camera_input("Photograph a digit", key="photograph")
    else:
        file = st.file_uploader(
            f"PNG, JPEG or WebP, up to {_LARGEST_MB} MB",
            type=["png", "jpg", "jpeg", "webp"],
            key="picture_file",
            max_upload_size=_LARGEST_MB,
        )
    if file is not None:
        st.session_state[_CONTENT_KEY] = file.getvalue()
    content: bytes | None = st.session_state.get(_CONTENT_KEY)
    return content


def show_picture_answer(run: Run | None, content: bytes) -> None:
    """Shows what a network answers to a picture, and what it sees of it; or why the picture cannot be used."""
    try:
        ways = _frame(content)
    except PictureError as error:
        st.error(str(error), icon=":material/error:")
        return
    image = ways[-1].image
    keep_own_image("upload", image)
    select_image("upload")
    show_answers([run], image)
    if knows_digits(run):
        show_doubt(image, 1)
    st.subheader("What the network sees")
    show_framings(run, ways)


@st.cache_data(max_entries=20, show_spinner="Looking for the ink")
def _frame(content: bytes) -> list[FramedDrawing]:
    return [frame_picture(content, framing) for framing in FRAMINGS]
