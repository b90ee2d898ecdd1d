"""An uploaded or photographed picture: choosing it, and the answer to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.drawing.ink_segmentation import split_ink
from model_lib.drawing.photos import frame_ink, read_picture
from model_lib.drawing.picture_file import PictureError
from model_lib.drawing.preprocessing import FRAMINGS, FramedDrawing
from model_lib.storage.run import Run
from ui.draw.answer import NUMBER_HELP, answers_to_image, answers_to_number
from ui.draw.companion import show_answers
from ui.draw.details import show_framings
from ui.shared.selection import UploadedImage, select_own_image
from ui.shared.streamlit_workarounds import make_uploader_primary, newest_file_is_refused
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
        "Where from",
        ["File", "Camera"],
        default="File",
        required=True,
        key="picture_from",
        persist_state="session",
        help="A picture from this device, or a photograph taken now.",
    )
    if way == "Camera":
        file = st.camera_input(
            "Photograph digits",
            key="photograph",
            on_change=_forget,
            args=("photograph",),
            help="Hold the paper flat and fill half of the picture with the digits.",
        )
    else:
        file = st.file_uploader(
            f"PNG, JPEG or WebP, up to {_LARGEST_MB} MB",
            help="Dark on light or light on dark, one digit or several side by side, with empty paper around them.",
            type=["png", "jpg", "jpeg", "webp"],
            key="picture_file",
            max_upload_size=_LARGEST_MB,
            on_change=_forget,
            args=("picture_file",),
        )
        make_uploader_primary("picture_file")
        if newest_file_is_refused():
            st.error(
                f"This file was not accepted. It must be a PNG, JPEG or WebP picture of at most {_LARGEST_MB} MB. "
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
    """Shows what a network answers to a picture, and what it sees of it; or why the picture cannot be used.

    Digits side by side are read as a number, unless the visitor wants them read as one image.
    """
    try:
        picture = _frame(content)
    except PictureError as error:
        st.error(str(error), icon=":material/error:")
        return
    panel = st.container()
    reads_number = len(picture.digits) > 1 and st.toggle(
        "Several digits: read them as a number",
        value=True,
        key="picture_as_number",
        persist_state="session",
        help=NUMBER_HELP,
    )
    with panel:
        if reads_number:
            show_answers(answers_to_number([run], [ways[-1].image for ways in picture.digits]))
        else:
            show_answers(answers_to_image([run], picture.whole[-1].image, len(picture.digits)))
    st.header("What the network sees")
    ways = picture.digits[_choose_digit(len(picture.digits))] if reads_number else picture.whole
    select_own_image(UploadedImage(), ways[-1].image)
    show_framings(run, ways)


def _choose_digit(digits: int) -> int:
    """Lets the visitor choose one of the digits; it becomes the image of all pages."""
    return int(
        st.segmented_control(
            "Digit, from the left",
            list(range(digits)),
            default=0,
            required=True,
            format_func=lambda place: str(place + 1),
            key=f"picture_digit_of_{digits}",
            help="Whose preprocessing is shown below; it is also the image of the other pages.",
        )
        or 0
    )


def _forget(key: str) -> None:
    """Forgets the picture when the uploader has lost it: it was taken back, or another file has come in its place."""
    if st.session_state.get(key) is None:
        state_of(_Picture).content = None


def _shortened(name: str) -> str:
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]} … {name[-half:]}"


@dataclass(frozen=True)
class _FramedPicture:
    """A picture, framed in every way.

    Args:
        whole: all of its ink as one image.
        digits: each digit alone, from left to right; empty for a single one.
    """

    whole: list[FramedDrawing]
    digits: list[list[FramedDrawing]]


@st.cache_data(max_entries=20, show_spinner="Looking for the ink")
def _frame(content: bytes) -> _FramedPicture:
    ink = read_picture(content)
    parts = split_ink(ink)
    return _FramedPicture(_frame_ink(ink), [_frame_ink(part) for part in parts] if len(parts) > 1 else [])


def _frame_ink(ink: NDArray[np.float32]) -> list[FramedDrawing]:
    return [frame_ink(ink, framing) for framing in FRAMINGS]
