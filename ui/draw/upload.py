"""An uploaded or photographed picture: choosing it, and the answer to it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from model_lib.drawing.photos import PictureError, frame_picture
from model_lib.drawing.preprocessing import FRAMINGS, FramedDrawing
from model_lib.storage.run import Run
from ui.draw.answer import answers_to_image
from ui.draw.companion import show_answers
from ui.draw.details import show_framings
from ui.shared.selection import UploadedImage, select_own_image
from ui.shared.streamlit_workarounds import newest_file_is_refused
from ui.shared.visit import state_of

_LARGEST_MB = 10
_LONGEST_NAME = 80


@dataclass
class _Picture:
    """The file that the page speaks of, also after a visit to another page; without content if there is none."""

    name: str = ""
    content: bytes | None = None


def choose_picture() -> bytes | None:
    """Lets the visitor bring a picture.

    Returns:
        Its bytes: those of the file that the uploader names or, back from another page, of the last one, which is
        named then. None if there is none, or the newest one has been taken back or refused.
    """
    last = state_of(_Picture)
    way = st.segmented_control(
        "Where from", ["File", "Camera"], default="File", required=True, key="picture_from", persist_state="session"
    )
    if way == "Camera":
        file = st.camera_input("Photograph a digit", key="photograph", on_change=_forget, args=("photograph",))
    else:
        file = st.file_uploader(
            f"PNG, JPEG or WebP, up to {_LARGEST_MB} MB",
            type=["png", "jpg", "jpeg", "webp"],
            key="picture_file",
            max_upload_size=_LARGEST_MB,
            on_change=_forget,
            args=("picture_file",),
        )
        if newest_file_is_refused():
            st.error(
                f"This file was not taken. It must be a PNG, JPEG or WebP picture of at most {_LARGEST_MB} MB. "
                "If it is one, try again.",
                icon=":material/error:",
            )
            return None
    if file is not None:
        last.name, last.content = file.name, file.getvalue()
    elif last.content is not None:
        # As plain text: a name may look like Markdown, HTML or a formula.
        st.text(f"Your last picture: {_shortened(last.name)}")
    return last.content


def show_picture_answer(run: Run | None, content: bytes) -> None:
    """Shows what a network answers to a picture, and what it sees of it; or why the picture cannot be used."""
    try:
        ways = _frame(content)
    except PictureError as error:
        st.error(str(error), icon=":material/error:")
        return
    image = ways[-1].image
    select_own_image(UploadedImage(), image)
    show_answers(answers_to_image([run], image))
    st.subheader("What the network sees")
    show_framings(run, ways)


def _forget(key: str) -> None:
    """Forgets the picture when the uploader has lost it: it was taken back, or another file has come in its place."""
    if st.session_state.get(key) is None:
        state_of(_Picture).content = None


def _shortened(name: str) -> str:
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]} … {name[-half:]}"


@st.cache_data(max_entries=20, show_spinner="Looking for the ink")
def _frame(content: bytes) -> list[FramedDrawing]:
    return [frame_picture(content, framing) for framing in FRAMINGS]
