"""How parts of a page lie beside each other, and below each other where the window is narrow."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.shared.streamlit_workarounds import Container

# Widened where charts are magnified: ui/shell/theme.css.
_LEFT_PX: Final = 440


def side_by_side(key: str, right_key: str | None = None) -> tuple[Container, Container]:
    """Returns two places beside each other; the right one takes what room is left, or goes below if that is little.

    `st.columns` keeps its columns beside each other until each is too narrow to be read.

    Args:
        key: a name of the two places on their page.
        right_key: of the right place, for `ui.shared.scrolling`.
    """
    row = st.container(horizontal=True, gap="large")
    return row.container(width=_LEFT_PX, key=f"left_of_{key}"), row.container(key=right_key)
