"""The visitor's own digits as a list: score, pictures, delete, export and import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from model_lib.datasets.user_digits import ImportResult, UserDigit, UserDigitError, UserDigitSet
from model_lib.drawing.pixels import upscale
from model_lib.number_format import accuracy_text
from model_lib.storage.run import Run
from ui.draw.predict import AnswerError, answers_of, knows_digits, title_of
from ui.shared.streamlit_workarounds import newest_file_is_refused
from ui.shared.visit import Once, state_of
from ui.shared.wording import in_markdown

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_PAGE_SIZE = 24
_PICTURE_PX = 84
_MOST_DELETIONS = 100
_ONLY_MISTAKES = "Shows only the digits whose prediction is not their label."


@dataclass
class _Changes:
    """What was done to the digits in this visit.

    Args:
        problem: why a deletion or its undoing failed.
        message: the kind of message, and what it says about an import.
        deletions: what can be undone: the folder and the ids of each deletion, the newest last.
        imports: how many files have been taken in: each empties the uploader, which only another key does.
        last_import: the id of the last file taken in, and its message.
    """

    problem: Once[str] = field(default_factory=Once)
    message: Once[tuple[str, str]] = field(default_factory=Once)
    deletions: list[tuple[Path, list[str]]] = field(default_factory=list)
    imports: int = 0
    last_import: tuple[str, tuple[str, str]] | None = None


def show_deletion(collection: UserDigitSet) -> None:
    """Says what was deleted last, with the button that brings it back, in sight however far one has scrolled."""
    if problem := state_of(_Changes).problem.take():
        st.error(problem, icon=":material/error:")
    deletions = state_of(_Changes).deletions
    if not deletions or deletions[-1][0] != collection.folder:
        return
    with st.bottom.container(horizontal=True, vertical_alignment="center", key="deletion"):
        st.markdown(f":material/delete: {_count(len(deletions[-1][1]))} deleted.", width="content")
        st.button("Undo", icon=":material/undo:", key="undo_deletion", on_click=_undo, args=(collection,))


def show_score(run: Run | None, digits: Sequence[UserDigit]) -> Mapping[str, str]:
    """Shows the chosen network's accuracy on the digits.

    Returns:
        The prediction of each mistake, by the digit's id; nothing for a network that was not trained on digits.
    """
    columns = st.columns(3)
    columns[0].metric("Digits", f"{len(digits):,}", border=True, help="How many you have drawn and labelled.")
    if not knows_digits(run):
        st.info(
            "The chosen network was trained on clothes. Choose another one in the sidebar to see its accuracy on your "
            "digits."
        )
        return {}
    try:
        answers = answers_of(run, [digit.image.astype(np.float32) / 255 for digit in digits])
    except AnswerError as error:
        st.info(str(error))
        return {}
    pairs = zip(digits, answers, strict=True)
    wrong = {digit.id: answer.name for digit, answer in pairs if answer.name != str(digit.label)}
    accuracy = accuracy_text(1 - len(wrong) / len(digits))
    columns[1].metric(
        "Accuracy",
        accuracy,
        border=True,
        help=f"Share of your digits that this network predicts correctly: {in_markdown(title_of(run))}.",
    )
    columns[2].metric("Mistakes", f"{len(wrong):,}", border=True, help="Digits whose prediction is not their label.")
    return wrong


def show_digits(collection: UserDigitSet, digits: Sequence[UserDigit], wrong: Mapping[str, str]) -> None:
    """Shows the digits page by page, the newest first, each with a button that deletes it."""
    counts = Counter(digit.label for digit in digits)
    st.caption("How many of each label: " + ", ".join(f"{label}: {counts[label]:,}" for label in range(10)))
    only_wrong = bool(wrong) and st.toggle("Only the mistakes", key="only_misread", help=_ONLY_MISTAKES)
    shown = [digit for digit in reversed(digits) if not only_wrong or digit.id in wrong]
    pages = -(-len(shown) // _PAGE_SIZE)
    page = st.pagination(pages, key="digits_page", bind="query-params") if pages > 1 else 1
    with st.container(horizontal=True):
        for digit in shown[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]:
            with st.container(width=_PICTURE_PX):
                st.image(upscale(digit.image / 255, _PICTURE_PX), width=_PICTURE_PX, alt=f"Your {digit.label}")
                misread = f" :red[predicted {wrong[digit.id]}]" if digit.id in wrong else ""
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
        st.markdown(f"All {len(digits):,} digits will be deleted. You can undo it until you leave the app.")
        st.button("Yes, delete all", key="delete_all", on_click=_delete_all, args=(collection,))


def show_exchange(collection: UserDigitSet) -> None:
    """Offers the digits as a file, and takes such a file."""
    if message := state_of(_Changes).message.take():
        show = {"success": st.success, "info": st.info, "error": st.error}[message[0]]
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
    taken = state_of(_Changes).imports
    key = f"import_file-{taken}" if taken else "import_file"
    file = st.file_uploader(
        "Import digits (.npz, up to 10 MB)",
        type=["npz"],
        key=key,
        max_upload_size=10,
        help="A file that was exported here, from this or another server.",
    )
    if newest_file_is_refused():
        st.error(
            "This file was not accepted. It must end in .npz and have at most 10 MB. If it does, try again.",
            icon=":material/error:",
        )
    elif file is not None:
        st.button(
            "Add these digits", icon=":material/upload:", key="add_digits", on_click=_import, args=(collection, file)
        )


def _delete(collection: UserDigitSet, digit_id: str) -> None:
    try:
        collection.delete(digit_id)
    except OSError as error:
        state_of(_Changes).problem.put(f"The digit could not be deleted: {error.strerror}.")
    else:
        _remember(collection, [digit_id])


def _delete_all(collection: UserDigitSet) -> None:
    try:
        _remember(collection, collection.delete_all())
    except OSError as error:
        state_of(_Changes).problem.put(f"The digits could not be deleted: {error.strerror}.")


def _remember(collection: UserDigitSet, digit_ids: list[str]) -> None:
    """Notes a deletion, so that it can be undone; the second click of a double click deletes nothing more."""
    deletions = state_of(_Changes).deletions
    if digit_ids and (collection.folder, digit_ids) not in deletions:
        deletions.append((collection.folder, digit_ids))
        del deletions[:-_MOST_DELETIONS]


def _undo(collection: UserDigitSet) -> None:
    """Takes the last deletion back; the button then offers the one before it."""
    deletions = state_of(_Changes).deletions
    if not deletions:
        return
    _, digit_ids = deletions[-1]
    try:
        restored = collection.restore(digit_ids)
    except UserDigitError as error:
        state_of(_Changes).problem.put(str(error))
        return
    except OSError as error:
        state_of(_Changes).problem.put(f"The digits could not be brought back: {error.strerror}.")
        return
    deletions.pop()
    if restored < len(digit_ids):
        state_of(_Changes).problem.put(
            f"{_count(len(digit_ids) - restored)} could not be brought back: gone for good after a day, or added again."
        )


def _import(collection: UserDigitSet, file: UploadedFile) -> None:
    changes = state_of(_Changes)
    if changes.last_import is not None and changes.last_import[0] == file.file_id:
        # The second click of a double click: what the first one did is said again.
        changes.message.put(changes.last_import[1])
        return
    try:
        message = _import_message(collection.import_(file.getvalue()))
    except UserDigitError as error:
        changes.message.put(("error", str(error)))
    except OSError as error:
        changes.message.put(("error", f"The digits could not be written: {error.strerror}."))
    else:
        changes.message.put(message)
        changes.last_import = (file.file_id, message)
        changes.imports += 1
        changes.deletions.clear()


def _import_message(result: ImportResult) -> tuple[str, str]:
    """Returns the kind of message and what it says about a file that has been read."""
    there = result.known + result.labelled_otherwise
    if not result.added + there:
        return "info", "There are no digits in this file; nothing was added."
    if there == result.labelled_otherwise == 1:
        otherwise = " Its label here is another one, and stays."
    elif result.labelled_otherwise:
        otherwise = f" {result.labelled_otherwise:,} of those have another label here, which stays."
    else:
        otherwise = ""
    if not result.added:
        ones = "This digit is" if there == 1 else f"These {there:,} digits are"
        return "info", f"{ones} there already; nothing was added.{otherwise}"
    rest = f" {there:,} {'was' if there == 1 else 'were'} there already." if there else ""
    return "success", f"{_count(result.added)} added.{rest}{otherwise}"


def _count(digits: int) -> str:
    return f"{digits:,} digit{'s' if digits != 1 else ''}"
