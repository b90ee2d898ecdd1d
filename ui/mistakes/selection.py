"""What the visitor looks at on the Mistakes page: kept across pages, and part of the address."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import streamlit as st

from model_lib.evaluation.image_filter import ImageFilter
from ui.mistakes.filter_url import PARAMETERS, format_filter, parse_filter
from ui.shared.selection import select_image

# As they stand in the address, and what the visitor reads.
VIEWS: Final = {
    "gallery": "Confusions and images",
    "image": "One image",
    "classes": "Class by class",
    "certainty": "Certainty",
    "labels": "Doubtful labels",
}
_VIEW_KEY: Final = "mistakes_view"
_CHOICE_KEY: Final = "mistakes_choice"
_WRITTEN_KEY: Final = "written_mistakes_addresses"
# A click that comes in quickly still brings the address of some clicks ago along: that is no new wish.
_REMEMBERED: Final = 10


def read_address() -> list[str]:
    """Takes view and gallery from the address where it says something new. To be called before anything is shown.

    Returns:
        A sentence for each value that makes no sense.
    """
    names = ("view", *PARAMETERS)
    parameters = {name: st.query_params[name] for name in names if name in st.query_params}
    if not parameters or parameters in st.session_state.get(_WRITTEN_KEY, []):
        _write_address()  # a change of page has emptied it
        return []
    choice, problems = parse_filter(parameters)
    view = parameters.get("view", "gallery")
    if view not in VIEWS:
        problems.append(f"The address asks for view={view:.40}, which does not exist: the gallery is shown.")
        view = "gallery"
    st.session_state[_CHOICE_KEY], st.session_state[_VIEW_KEY] = choice, view
    _write_address()
    return problems


def current_choice() -> ImageFilter:
    """Returns which images the gallery shows."""
    choice: ImageFilter = st.session_state.get(_CHOICE_KEY, ImageFilter())
    return choice


def current_view() -> str:
    """Returns which part of the page is shown, one of `VIEWS`."""
    view: str = st.session_state.get(_VIEW_KEY, "gallery")
    return view


def choose(choice: ImageFilter) -> None:
    """Shows other images in the gallery."""
    st.session_state[_CHOICE_KEY] = choice
    _write_address()


def change(**values: Any) -> None:
    """Changes some of what the gallery shows, from its first page unless a page is named."""
    choose(dataclasses.replace(current_choice(), **({"page": 1} | values)))


def choose_cell(label: int, prediction: int) -> None:
    """Shows exactly the images of a cell of the confusion matrix."""
    choose(current_choice().cell(label, prediction))
    show_view("gallery")


def open_image(index: int) -> None:
    """Shows one test image, which becomes the chosen one on all pages."""
    select_image(f"test-{index}")
    show_view("image")


def show_view(view: str) -> None:
    """Shows another part of the page."""
    st.session_state[_VIEW_KEY] = view
    _write_address()


def _write_address() -> None:
    view = current_view()
    wanted = format_filter(current_choice()) | ({} if view == "gallery" else {"view": view})
    for name in ("view", *PARAMETERS):
        if name in wanted:
            if st.query_params.get(name) != wanted[name]:
                st.query_params[name] = wanted[name]
        elif name in st.query_params:
            del st.query_params[name]
    written: list[dict[str, str]] = st.session_state.setdefault(_WRITTEN_KEY, [])
    if wanted not in written[-1:]:
        written.append(wanted)
    del written[:-_REMEMBERED]
