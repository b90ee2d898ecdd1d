"""Buttons at the end of a page that lead to the next ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import streamlit as st


class NextStep(NamedTuple):
    """A page to go on to: its file, what the button reads, and its icon."""

    page: str
    text: str
    icon: str


LOOK_INSIDE: Final = NextStep("pages/look_inside.py", "Follow it through the network", ":material/search:")


def offer_next_steps(steps: Sequence[NextStep]) -> None:
    """Shows a button for each page to go on to."""
    with st.container(horizontal=True):
        for step in steps:
            if st.button(step.text, icon=step.icon, key=f"to-{step.page}"):
                st.switch_page(step.page)
