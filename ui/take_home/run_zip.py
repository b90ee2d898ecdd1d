"""The whole run as a zip, which another server of this app takes."""

from __future__ import annotations

import streamlit as st

from model_lib.export.run_zip import EXPORTED_STATES, write_run_zip, zip_name
from ui.shared.run_list import entry_of
from ui.shared.selection import selected_run


def show_run_zip() -> None:
    """Offers the chosen run as one file."""
    st.header("The whole run", anchor=False)
    run = selected_run()
    if run is None or not run.exists:
        st.info(
            "The ready-made network comes with every server of this app. Choose a training of yours in the sidebar to "
            "take all of it along.",
            icon=":material/info:",
        )
        return
    if entry_of(run).state not in EXPORTED_STATES:
        st.info(
            "This training has not ended with a result. Once it is finished or stopped, all of it can be packed here.",
            icon=":material/hourglass_top:",
        )
        return
    st.markdown(
        "Network, settings, curves, the weights after each epoch, answers and notes in one file. On another server of "
        "this app, the page **Bring a network** takes it, and every page there works with it."
    )
    st.download_button(
        "Download the whole run (.zip)",
        lambda: write_run_zip(run).content,
        zip_name(run),
        "application/zip",
        icon=":material/folder_zip:",
        on_click="ignore",
        key="download_run_zip",
        help="Up to 25 MB. Of a larger run the weights of some epochs are left out, never those of the last. "
        "Your note and nickname are in it.",
    )
