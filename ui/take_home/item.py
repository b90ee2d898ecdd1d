"""One line of the menu: what it is, what it is for, how large, and the button that saves it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import streamlit as st

from model_lib.datasets.loading import ProgressCallback
from model_lib.export.child import MadeFile
from model_lib.number_format import accuracy_text
from ui.shared.jobs import wait_for
from ui.shared.visit import state_of

_KILO: Final = 1000
_TEXT_PX: Final = 560
_BUTTON_PX: Final = 200
# Of the accuracy: a file that loses more is not what anybody wants.
_LARGEST_LOSS: Final = 0.01


@dataclass(frozen=True)
class Item:
    """What can be saved.

    Args:
        key: of its button, unique on the page.
        title: what it is called.
        purpose: what it is for, in a sentence; Markdown.
        file_name: what the saved file is called.
        mime: its media type.
        icon: of the title.
    """

    key: str
    title: str
    purpose: str
    file_name: str
    mime: str
    icon: str


@dataclass
class _Asked:
    """What this visitor has asked to be made."""

    keys: set[Hashable] = field(default_factory=set)


def size_text(count: int) -> str:
    """Writes how large a file is: "812 bytes", "4.1 kB", "1.2 MB"."""
    if count < _KILO:
        return f"{count} bytes"
    return f"{count / _KILO:.1f} kB" if count < _KILO**2 else f"{count / _KILO**2:.1f} MB"


def show_ready(item: Item, content: bytes, is_first: bool = False) -> None:
    """Shows a line whose file is there.

    Args:
        item: what it is.
        content: the file.
        is_first: whether it is the one thing of the page that most visitors come for.
    """
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{item.key}"):
        _describe(item, f" · {size_text(len(content))}")
        _save_button(item, content, is_first)


def show_made(
    item: Item,
    identity: Hashable,
    make: Callable[[ProgressCallback], MadeFile],
    words: str,
    own_accuracy: float | None = None,
) -> None:
    """Shows a line whose file is made when somebody asks for it: a button first, then progress, then the file.

    Args:
        item: what it is.
        identity: of the network and its weights; all visitors who ask for the same file share it.
        make: makes the file, in a thread that may wait for another process.
        words: what is done meanwhile, beside the bar.
        own_accuracy: of the network itself on the test images, 0 to 1; None if it is not known.
    """
    asked = state_of(_Asked).keys
    key = ("take_home", item.key, identity)
    row = st.container(horizontal=True, vertical_alignment="center", key=f"row-{item.key}")
    if key not in asked:
        with row:
            _describe(item)
            st.button(
                "Make it",
                icon=":material/build:",
                key=f"make-{item.key}",
                width=_BUTTON_PX,
                on_click=asked.add,
                args=(key,),
                help=f"Makes {item.file_name}. That takes from some seconds to two minutes; you can go on meanwhile.",
            )
        return
    made = wait_for(key, make, words)
    with row:
        _describe(item, "" if made is None else f" · {size_text(len(made.content))}")
        if made is not None:
            _save_button(item, made.content)
    if made is not None and made.accuracy is not None:
        _show_accuracy(made.accuracy, made.images, own_accuracy)


def show_missing(item: Item, reason: str) -> None:
    """Shows a line whose file there is none of, and why."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{item.key}"):
        _describe(item)
        st.button(
            "Not there", icon=":material/block:", key=f"none-{item.key}", width=_BUTTON_PX, disabled=True, help=reason
        )


def _describe(item: Item, size: str = "") -> None:
    with st.container(width=_TEXT_PX, gap="xxsmall"):
        st.markdown(f"{item.icon} **{item.title}**{size}")
        st.markdown(item.purpose)


def _show_accuracy(accuracy: float, images: int, own_accuracy: float | None) -> None:
    text = (
        f"Measured when it was made: this file predicts {accuracy_text(accuracy)} of the {images:,} test images "
        "correctly"
    )
    if own_accuracy is None:
        st.caption(f"{text}.")
    elif own_accuracy - accuracy <= _LARGEST_LOSS:
        st.caption(f"{text}, the network itself {accuracy_text(own_accuracy)}.")
    else:
        st.warning(
            f"{text}, the network itself {accuracy_text(own_accuracy)}: its weights are too different in size to be "
            "rounded to the same 256 values. Take the file without 8-bit weights.",
            icon=":material/warning:",
        )


def _save_button(item: Item, content: bytes, is_first: bool = False) -> None:
    st.download_button(
        f"Download {Path(item.file_name).suffix}",
        lambda: content,  # not the bytes: those would be hashed in each run of the page
        item.file_name,
        item.mime,
        type="primary" if is_first else "secondary",
        icon=":material/download:",
        on_click="ignore",
        key=f"save-{item.key}",
        width=_BUTTON_PX,
        help=f"Saves {item.file_name}.",
    )
