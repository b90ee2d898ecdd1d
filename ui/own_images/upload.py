"""Bringing a file of labelled images: the file, what was read from it, and keeping it as a set."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath
from typing import Final

import streamlit as st

from model_lib.datasets.image_sets import LONGEST_TITLE, ImageSetError
from model_lib.image_sets.examples import EXAMPLE_IMAGES, example_csv, example_zip
from model_lib.image_sets.reading import Framing, ImageFileError, ReadImages, read_images
from ui.own_images.preview import show_images
from ui.own_images.shown import choose_set
from ui.shared.jobs import Report, wait_for
from ui.shared.streamlit_workarounds import make_uploader_primary, newest_file_is_refused
from ui.shared.user_digits import own_image_sets
from ui.shared.visit import Once, state_of

_LARGEST_MB: Final = 10
_MOST_SKIPPED: Final = 20
# More of them would push the images out of sight.
_MOST_OPEN: Final = 5
_FRAMINGS: Final[dict[Framing, str]] = {
    "as_is": "28 x 28 pixels, taken as they are",
    "photograph": "any size, like a photograph of one digit",
}


@dataclass
class _Upload:
    """The file that the page speaks of, also after a visit to another page.

    Args:
        name: of the file.
        content: its bytes; None if there is none.
        kept: how many files have been kept: each empties the uploader, which only another key does.
        done: what was kept, to be said once.
        problem: why the file could not be kept, until there is another one or another try.
    """

    name: str = ""
    content: bytes | None = None
    kept: int = 0
    done: Once[str] = field(default_factory=Once)
    problem: str = ""


def choose_file() -> bytes | None:
    """Lets the visitor bring a file, and offers example files.

    Returns:
        Its bytes: those of the file that the uploader names or, back from another page, of the last one, which is
        named then. None if there is none, or the newest one has been taken back or refused.
    """
    upload = state_of(_Upload)
    key = f"image_set_file-{upload.kept}"
    file = st.file_uploader(
        f"Zip or CSV, up to {_LARGEST_MB} MB",
        type=["zip", "csv", "gz"],
        key=key,
        max_upload_size=_LARGEST_MB,
        on_change=_forget,
        args=(key,),
        help="Zip: PNG or JPEG pictures in folders named 0 to 9, the labels. CSV: the label and 784 pixels, 0 to 255, "
        "in each line, with or without column names, as the public copies of MNIST have it; also zipped or gzipped.",
    )
    make_uploader_primary(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Nothing at hand?", width="content")
        for title, make, name, kind in (
            ("Example zip", example_zip, "example_digits.zip", "application/zip"),
            ("Example CSV", example_csv, "example_digits.csv", "text/csv"),
        ):
            st.download_button(
                title,
                make,
                name,
                kind,
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
                key=f"download_{name}",
                help=f"{EXAMPLE_IMAGES} pen digits, ten of each label, in the form that this page takes.",
            )
    if newest_file_is_refused():
        st.error(
            f"This file was not accepted. It must end in .zip, .csv or .gz and have at most {_LARGEST_MB} MB. A CSV "
            "that is larger fits once it is zipped. If the file is one of these, try again.",
            icon=":material/error:",
        )
        return None
    if file is not None:
        upload.name, upload.content = file.name, file.getvalue()
    elif upload.content is not None:
        # As plain text: a name may look like Markdown, HTML or a formula.
        st.text(f"Your last file: {upload.name[:80]}")
    return upload.content


def show_message() -> None:
    """Says what became of the last click on Keep."""
    upload = state_of(_Upload)
    if done := upload.done.take():
        # Not in the page, which runs again as soon as the network's answers to the set are there.
        st.toast(done, icon=":material/save:")
    if upload.problem:
        st.error(upload.problem, icon=":material/error:")


def show_file(content: bytes) -> None:
    """Shows what was read from a file, and keeps it where the visitor wants that."""
    framing: Framing = st.segmented_control(
        "Pictures are",
        list(_FRAMINGS),
        default="as_is",
        required=True,
        format_func=_FRAMINGS.__getitem__,
        key="image_set_framing",
        persist_state="session",
        help="As they are: exactly these pixels reach the network. Like a photograph: the digit is found, centred and "
        "scaled as on the page Upload a picture. A CSV always has 28 x 28 pixels.",
    )
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    stamp = f"{digest}-{framing}"
    found = wait_for(("image set", stamp), partial(_read, content, framing), "Reading the images", slot="image_set")
    if found is None:
        return
    if isinstance(found, ImageFileError):
        st.error(str(found), icon=":material/error:")
        return
    with st.form("keep_image_set", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input(
            f"Name of the set ({len(found.names):,} images)",
            PurePath(state_of(_Upload).name).stem[:LONGEST_TITLE],
            max_chars=LONGEST_TITLE,
            key=f"image_set_title-{digest}",
            width=320,
            help="What the lists of this app call it, for you alone.",
        )
        if st.form_submit_button("Keep this set", type="primary", icon=":material/save:", key="keep_set"):
            _keep(found, title)
            st.rerun()
    for note in found.notes:
        st.info(note, icon=":material/info:")
    _show_skipped(found, framing)
    show_images(found.split, stamp)


def _show_skipped(found: ReadImages, framing: Framing) -> None:
    if not found.skipped:
        return
    count = len(found.skipped)
    title, is_short = f"{count:,} skipped: which, and why", count <= _MOST_OPEN
    with st.expander(title, icon=":material/warning:", expanded=is_short, key="skipped"):
        shown = found.skipped[:_MOST_SKIPPED]
        st.dataframe(
            {"file or line": [each.name for each in shown], "why": [each.reason for each in shown]},
            hide_index=True,
            width="stretch",
            height="content",
            alt=f"Skipped: {shown[0].name}, {shown[0].reason}",
        )
        if count > len(shown):
            st.caption(f"and {count - len(shown):,} more")
        if framing == "as_is" and any("not 28 x 28" in each.reason for each in found.skipped):
            st.markdown(f'To use pictures of other sizes, choose "{_FRAMINGS["photograph"]}" above.')


def _read(content: bytes, framing: Framing, report: Report) -> ReadImages | ImageFileError:
    try:
        return read_images(content, framing, report)
    except ImageFileError as error:
        return error  # no fault of the app: shown as it is, and not read again


def _keep(found: ReadImages, title: str) -> None:
    upload = state_of(_Upload)
    try:
        kept = own_image_sets().add(found.split, title, found.names)
    except ImageSetError as error:
        upload.problem = str(error)
    except OSError as error:
        upload.problem = f"The set could not be written: {error.strerror}."
    else:
        upload.done.put(f"Kept: {kept.images:,} images. They are the chosen set now.")
        upload.problem = ""
        upload.kept += 1
        upload.content = None
        choose_set(kept.name)


def _forget(key: str) -> None:
    """Forgets the file when the uploader has lost it: it was taken back, or another one has come in its place."""
    upload = state_of(_Upload)
    upload.problem = ""
    if st.session_state.get(key) is None:
        upload.content = None
