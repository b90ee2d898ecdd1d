"""What the visitor has chosen: one network and one image, the same on every page, and part of the address."""

from __future__ import annotations

import streamlit as st

from model_lib.runs import runs_root
from model_lib.storage.run import Run

_RUN_KEY = "selected_run"
_IMAGE_KEY = "selected_image"
# As it stands in the address, for the network that comes with the app.
PRETRAINED = "pretrained"
PRETRAINED_TITLE = "The network that comes along"


def selected_run() -> Run | None:
    """Returns the run that the visitor has chosen, or None for the network that comes with the app."""
    _take_from_address()
    name = st.session_state[_RUN_KEY]
    run = None if name == PRETRAINED else Run(runs_root() / name)
    if run is not None and not run.exists:
        select_run(None)
        st.toast(f"The chosen network has been deleted. {PRETRAINED_TITLE} takes its place.", icon=":material/info:")
        return None
    return run


def select_run(run: Run | None) -> None:
    """Makes a run the chosen one, on all pages."""
    _take_from_address()
    st.session_state[_RUN_KEY] = PRETRAINED if run is None else run.id
    write_address()


def selected_image() -> str:
    """Returns the chosen image: "test-17" for an index of the test set, "drawing", or "upload"."""
    _take_from_address()
    name: str = st.session_state[_IMAGE_KEY]
    return name


def select_image(name: str) -> None:
    """Makes an image the chosen one, on all pages."""
    _take_from_address()
    st.session_state[_IMAGE_KEY] = name
    write_address()


def write_address() -> None:
    """Puts the choice into the page's address, so that it can be sent to somebody. A change of page empties it."""
    _take_from_address()
    for name, key in (("run", _RUN_KEY), ("image", _IMAGE_KEY)):
        if st.query_params.get(name) != st.session_state[key]:
            st.query_params[name] = st.session_state[key]


def _take_from_address() -> None:
    """Reads the address once, when the visitor comes in. From then on the session knows."""
    if _RUN_KEY in st.session_state:
        return
    name = st.query_params.get("run", PRETRAINED)
    st.session_state[_RUN_KEY] = name if _is_run(name) else PRETRAINED
    st.session_state[_IMAGE_KEY] = st.query_params.get("image", "test-0")


def _is_run(name: str) -> bool:
    """Whether a name from an address is that of a run, and not a way out of their folder."""
    root = runs_root()
    try:
        return name not in ("", ".", "..") and (root / name).parent == root and Run(root / name).exists
    except (OSError, ValueError):  # a name that no file system takes
        return False
