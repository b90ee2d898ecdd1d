"""Controls beside the picture that they move, and above it where the window is narrow."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.shared.streamlit_workarounds import Container

# Widened where charts are magnified: ui/shell/theme.css.
_CONTROLS_PX: Final = 340


def controls_beside_picture(key: str) -> tuple[Container, Container]:
    """Returns a place for controls, and one for the picture that takes what room is left.

    Args:
        key: a name of the two on their screen.
    """
    row = st.container(horizontal=True, gap="medium")
    return row.container(width=_CONTROLS_PX, key=f"beside_idea_{key}"), row.container()
