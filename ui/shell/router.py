"""The way from an address to a page: always through `app.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

# A file of our own: for an icon by name every browser would ask a font host.
PAGE_ICON: Final = Path(__file__).parent / "icon.png"
_KEY = "has_come_through_the_router"


def remember_router() -> None:
    """Notes that this session's pages are shown by `app.py`, with the sidebar and the wide layout."""
    st.session_state[_KEY] = True


def begin_page(title: str) -> None:
    """Shows a page's title. Every page begins with this.

    Until a server has called `st.navigation` for the first time, Streamlit takes the folder `pages/` for an app of
    its older kind and answers an address such as /draw by running that page alone, without `app.py`. Whoever opens
    such a link right after a restart is sent through the router here.

    Args:
        title: the page's title.
    """
    if _KEY not in st.session_state:
        name = str(st.context.url or "").split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        # Calling it is what ends the older kind, for all visitors. It names the page that was asked for, so that no
        # "page not found" is shown meanwhile; the default page cannot be that one, since its address is the bare one.
        pages = [st.Page(_nothing, title="Start", url_path="start", default=True)]
        pages += [st.Page(_nothing, title=title, url_path=name)] if name else []
        st.navigation(pages, position="hidden")
        st.session_state[_KEY] = False  # sent there once; a page that is run alone on purpose is shown all the same
        st.rerun()
    st.title(title)


def _nothing() -> None:
    """Stands for the page while it is sent through the router."""
