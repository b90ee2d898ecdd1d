"""The part of the light and the dark theme that `.streamlit/config.toml` cannot say."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

_STYLES: Final = Path(__file__).parent / "theme.css"


def apply() -> None:
    """Adds the styles to the page; its content stays the same."""
    st.html(_STYLES)
