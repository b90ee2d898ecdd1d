"""A page to hand in: one HTML file with the visitor's name and notes."""

from __future__ import annotations

import streamlit as st

from model_lib.export.exported import ExportedNetwork
from model_lib.storage.notes import RunNotes, read_notes
from model_lib.storage.run import ENDED
from ui.shared.selection import PRETRAINED_TITLE

_LONGEST_NAME = 80
_LONGEST_NOTES = 10_000


def show_report(network: ExportedNetwork) -> None:
    """Asks for name and notes, and offers the page."""
    st.header("A page to hand in", anchor=False)
    run = network.run
    if run is not None and run.state not in ENDED:
        st.info("Once this training has ended, its page can be made here.", icon=":material/hourglass_top:")
        return
    st.markdown(
        "One HTML file (5 MB) with the network, its settings, curves, accuracies, confusion matrix, worst mistakes and "
        "filters. Any browser opens it, without the internet, and prints it."
    )
    said = RunNotes() if run is None else read_notes(run.folder)
    name = st.text_input(
        "Your name",
        said.nickname,
        _LONGEST_NAME,
        key=f"report-name-{network.stem}",
        help="Stands at the top of the page. It is put into the file and kept nowhere else.",
    )
    notes = st.text_area(
        "Your notes",
        said.note,
        max_chars=_LONGEST_NOTES,
        key=f"report-notes-{network.stem}",
        placeholder="What you tried, what you expected, what you found",
        help="Stand in the page as you type them, line by line. They are put into the file and kept nowhere else.",
    )
    title = PRETRAINED_TITLE if run is None else run.title

    def make() -> bytes:
        # In the request of the download, not in the run of the page: Plotly takes a while to load.
        from model_lib.export.report import ReportTexts, report_of

        return report_of(network, title, ReportTexts(name or "", notes or ""))

    st.download_button(
        "Page to hand in",
        make,
        f"{network.stem}-report.html",
        "text/html",
        icon=":material/assignment:",
        on_click="ignore",
        key="download_report",
        help="Makes the page, which takes a moment, and saves it.",
    )
