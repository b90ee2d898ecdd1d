"""The visitor's own digits as a list: score, pictures, delete, export and import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import streamlit as st

from model_lib.digit_collection import CollectionError, DigitCollection, OwnDigit
from model_lib.figures.drawing import enlarged
from model_lib.run import Run
from ui.answers import AnswerError, answers_of, knows_digits, title_of

_PAGE_SIZE = 24
_PICTURE_PX = 84
_MESSAGE_KEY = "digits_message"


def show_score(run: Run | None, digits: Sequence[OwnDigit]) -> Mapping[str, str]:
    """Shows how many of the digits the chosen network reads right.

    Returns:
        What each misread digit was taken for, by its id; nothing for a network that did not learn digits.
    """
    columns = st.columns(3)
    columns[0].metric("Digits", f"{len(digits):,}", border=True)
    if not knows_digits(run):
        st.info("The chosen network learnt clothes. Choose another one in the sidebar to see how it reads your digits.")
        return {}
    try:
        answers = answers_of(run, [digit.image.astype(np.float32) / 255 for digit in digits])
    except AnswerError as error:
        st.info(str(error))
        return {}
    pairs = zip(digits, answers, strict=True)
    wrong = {digit.id: answer.name for digit, answer in pairs if answer.name != str(digit.label)}
    columns[1].metric("Read right", f"{1 - len(wrong) / len(digits):.1%}", border=True, help=title_of(run))
    columns[2].metric("Misread", f"{len(wrong):,}", border=True)
    return wrong


def show_digits(collection: DigitCollection, digits: Sequence[OwnDigit], wrong: Mapping[str, str]) -> None:
    """Shows the digits page by page, the newest first, each with a button that deletes it."""
    counts = Counter(digit.label for digit in digits)
    st.caption("How many of each: " + ", ".join(f"{label}: {counts[label]}" for label in range(10)))
    only_wrong = bool(wrong) and st.toggle("Only the misread ones", key="only_misread")
    shown = [digit for digit in reversed(digits) if not only_wrong or digit.id in wrong]
    pages = -(-len(shown) // _PAGE_SIZE)
    page = st.number_input("Page", 1, pages, 1, key=f"digits-page-of-{pages}") if pages > 1 else 1
    with st.container(horizontal=True):
        for digit in shown[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]:
            with st.container(width=_PICTURE_PX):
                st.image(enlarged(digit.image / 255, _PICTURE_PX), width=_PICTURE_PX, alt=f"Your {digit.label}")
                misread = f" :red[read as {wrong[digit.id]}]" if digit.id in wrong else ""
                st.caption(f"**{digit.label}**{misread}")
                st.button(
                    "",
                    icon=":material/delete:",
                    key=f"delete-{digit.id}",
                    help=f"Delete this {digit.label}",
                    on_click=_delete,
                    args=(collection, digit.id),
                )
    with st.popover("Delete all", icon=":material/delete_forever:"):
        st.markdown(f"All {len(digits):,} digits will be gone for good. Export them first if in doubt.")
        st.button("Yes, delete all", key="delete_all", on_click=collection.delete_all)


def show_exchange(collection: DigitCollection) -> None:
    """Offers the digits as a file, and takes such a file."""
    if message := st.session_state.pop(_MESSAGE_KEY, None):
        show = st.success if message[0] else st.error
        show(message[1])
    if len(collection):
        st.download_button(
            "Export as .npz",
            collection.export,
            "my_digits.npz",
            "application/octet-stream",
            icon=":material/download:",
            key="export_digits",
            help="`images` (n, 28, 28) and `labels` (n,), both uint8, and the strokes.",
        )
    file = st.file_uploader("Import digits (.npz, up to 10 MB)", type=["npz"], key="import_file", max_upload_size=10)
    if file is not None:
        st.button("Add these digits", icon=":material/upload:", on_click=_import, args=(collection, file.getvalue))


def _delete(collection: DigitCollection, digit_id: str) -> None:
    try:
        collection.delete(digit_id)
    except OSError as error:
        st.session_state[_MESSAGE_KEY] = (False, f"The digit could not be deleted: {error.strerror}.")


def _import(collection: DigitCollection, content: Callable[[], bytes]) -> None:
    try:
        count = collection.import_(content())
    except CollectionError as error:
        st.session_state[_MESSAGE_KEY] = (False, str(error))
    except OSError as error:
        st.session_state[_MESSAGE_KEY] = (False, f"The digits could not be written: {error.strerror}.")
    else:
        st.session_state[_MESSAGE_KEY] = (True, f"{count:,} digits added.")
