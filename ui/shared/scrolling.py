"""Brings a part of the page into view, for what appears above the place that was clicked."""

from __future__ import annotations

import streamlit as st

# The page's own header covers its uppermost line.
_SCRIPT = """
export default function ({ data }) {
  requestAnimationFrame(() => {
    const target = document.querySelector(`.st-key-${data.container}`);
    if (!target) return;
    target.style.scrollMarginTop = "4.5rem";
    target.scrollIntoView({ block: "start" });
  });
}
"""

_component = st.components.v2.component("bring_into_view", js=_SCRIPT)


def bring_into_view(container: str) -> None:
    """Scrolls the page so that a container stands at its top. Called in the one run of the page that needs it.

    Args:
        container: the key of the `st.container`.
    """
    _component(data={"container": container}, key=f"bring-{container}-into-view", height=0)
