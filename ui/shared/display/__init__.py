"""How pages are shown to this visitor: larger and without a sidebar, and with a table below each chart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from ui.shared.visit import mirrored, state_of

_PROJECTOR_STYLES: Final = Path(__file__).parent / "projector.css"


@dataclass
class _Display:
    is_projector: bool = False
    has_tables: bool = False


def has_tables() -> bool:
    """Returns whether the visitor wants the numbers of each chart as a table below it."""
    return state_of(_Display).has_tables


def is_projector() -> bool:
    """Returns whether pages are magnified and have no sidebar."""
    return state_of(_Display).is_projector


def show_projector_view() -> None:
    """Magnifies the page and hides the sidebar if the visitor wants that, with a button that ends it."""
    if is_projector():
        st.html(_PROJECTOR_STYLES)
        st.button(
            "Leave projector view",
            icon=":material/close_fullscreen:",
            key="leave_projector",
            on_click=_set_projector,
            args=(False,),
        )


def show_switches() -> None:
    """Shows the switches of all this."""
    display = state_of(_Display)
    with st.popover("Display", icon=":material/display_settings:", width="stretch"):
        mirrored(
            st.toggle,
            "Projector (larger, no sidebar)",
            key="display_projector",
            value=display.is_projector,
            on_change=_set_projector,
            help="For the back of a classroom. A button at the top of the page leads back.",
        )
        mirrored(
            st.toggle,
            "Tables below charts",
            key="display_tables",
            value=display.has_tables,
            on_change=_set_tables,
            help="The numbers of each chart, for a screen reader or to read a value.",
        )


def _set_projector(is_on: bool) -> None:
    state_of(_Display).is_projector = is_on


def _set_tables(is_on: bool) -> None:
    state_of(_Display).has_tables = is_on
