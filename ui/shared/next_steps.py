"""Buttons at the end of a page that lead to the next ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import streamlit as st


class NextStep(NamedTuple):
    """A page to go on to: its file, what the button reads, and its icon."""

    page: str
    text: str
    icon: str


LOOK_INSIDE: Final = NextStep("pages/look_inside.py", "Follow it through the network", ":material/search:")


def offer_next_steps(steps: Sequence[NextStep], on_leave: Callable[[], None] | None = None) -> None:
    """Shows a button for each page to go on to.

    Args:
        steps: the pages.
        on_leave: is called when one of them is chosen, before the visitor goes there.
    """
    with st.container(horizontal=True):
        for step in steps:
            if st.button(step.text, icon=step.icon, key=f"to-{step.page}"):
                if on_leave is not None:
                    on_leave()
                st.switch_page(step.page)
