"""File uploaders name one file: the one that was chosen last, also where the browser itself has refused it."""

from __future__ import annotations

import streamlit as st

# Streamlit's uploader for one file lists those that the browser refused, for their kind or size, before and after the
# one that it took, and tells the server nothing of them. Each has a button that removes it: here those of all files
# but the last are pressed, and the server is told whether that one was refused.
_SCRIPT = """
export default function ({ setStateValue }) {
    let wasRefused = false;
    const look = () => {
        const files = [...document.querySelectorAll('[data-testid="stFileUploader"] [data-testid="stFileChip"]')];
        for (const file of files.slice(0, -1)) {
            file.querySelector('[data-testid="stFileChipDeleteBtn"] button')?.click();
        }
        const isRefused = files.at(-1)?.getAttribute("aria-invalid") === "true";
        if (isRefused !== wasRefused) {
            wasRefused = isRefused;
            setStateValue("is_refused", isRefused);
        }
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-invalid"] });
    look();
    return () => observer.disconnect();
}
"""

_component = st.components.v2.component("newest_file", js=_SCRIPT)


def newest_file_is_refused() -> bool:
    """Leaves only the newest file in the page's uploader, which must be its only one and take one file.

    Without it a file that the browser has refused stands beside the former one, of which the page goes on speaking.

    Returns:
        Whether the browser has refused the newest file: then the uploader has none for the server.
    """
    state = _component(key="newest_file", default={"is_refused": False}, on_is_refused_change=_nothing)
    return bool(state.is_refused)


def _nothing() -> None:
    """Stands for the callback without which a component's state is not kept."""
