"""Where two of the programs do the same differently, and what Keras 2 wrote."""

from __future__ import annotations

from typing import Final

import streamlit as st

from model_lib.programs.changes_table import changes_table
from model_lib.programs.explanations import Excerpt, changes, differences
from ui.programs.selection import open_part

_CODE_PX: Final = 330


def show_differences() -> None:
    """Shows pairs of excerpts side by side, each with what speaks for either."""
    for number, difference in enumerate(differences()):
        with st.expander(difference.title, expanded=number == 0, key=f"difference-{difference.id}"):
            with st.grid(2, min_column_width=_CODE_PX):
                for side in (difference.left, difference.right):
                    with st.container():
                        _show_excerpt(side, f"{difference.id}-{side.program}")
            st.markdown(difference.why)


def _show_excerpt(excerpt: Excerpt, key: str) -> None:
    _offer_part(excerpt.program, excerpt.parts[0], key)
    st.code(excerpt.code, "python", wrap_lines=True)


def show_changes() -> None:
    """Shows the lines that Keras 2 wrote otherwise as a table: then, now, what has changed, and in which program."""
    st.html(changes_table(changes()))


def _offer_part(program: str, part: str, key: str) -> None:
    st.button(
        f"{program}.py",
        type="tertiary",
        icon=":material/arrow_upward:",
        key=f"open-{key}",
        help="Shows these lines in their program",
        on_click=open_part,
        args=(program, part),
    )
