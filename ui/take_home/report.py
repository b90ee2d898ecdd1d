"""A page to hand in: one HTML file with the visitor's name and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Final

import streamlit as st

from model_lib.export.exported import ExportedNetwork
from model_lib.storage.notes import RunNotes, read_notes
from model_lib.storage.run import ENDED
from ui.shared.jobs import Report, wait_for
from ui.shared.selection import PRETRAINED_TITLE
from ui.shared.visit import mirrored, state_of
from ui.take_home.network import stamp_of_answers

_LONGEST_NAME: Final = 80
_LONGEST_NOTES: Final = 10_000


@dataclass
class _Pages:
    """What this visitor has typed, and of which networks they have asked for the page; by the network's stem."""

    names: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)


def show_report(network: ExportedNetwork) -> None:
    """Asks for name and notes, makes the page, and offers it."""
    st.header("A page to hand in", anchor=False)
    run = network.run
    if run is not None and run.state not in ENDED:
        st.info("Once this training has ended, its page can be made here.", icon=":material/hourglass_top:")
        return
    st.markdown(
        "One HTML file (5 MB) with the network, its settings, curves, accuracies, confusion matrix, worst mistakes "
        "and, if it has any, filters. Any browser opens it, without the internet, and prints it."
    )
    name, notes = _ask(network)
    pages, stem = state_of(_Pages), network.stem
    if stem not in pages.asked:
        st.button(
            "Make the page",
            icon=":material/build:",
            key="make_report",
            on_click=pages.asked.add,
            args=(stem,),
            help="Makes the file, with name and notes in it, which takes a moment.",
        )
        return
    title = PRETRAINED_TITLE if run is None else run.title
    key = ("report", network.folder, network.stamp, stamp_of_answers(run), title, name, notes)
    content = wait_for(key, partial(_make, network, title, name, notes), "Drawing the page", slot="report")
    with st.container(horizontal=True):
        if content is not None:
            st.download_button(
                "Download the page (.html)",
                lambda: content,
                f"{stem}-report.html",
                "text/html",
                icon=":material/download:",
                on_click="ignore",
                key="download_report",
                help=f"Saves {stem}-report.html.",
            )
        st.button(
            "Change name or notes",
            icon=":material/edit:",
            key="change_report",
            on_click=pages.asked.discard,
            args=(stem,),
            help="Opens the two boxes again. After that the page is made anew.",
        )


def _ask(network: ExportedNetwork) -> tuple[str, str]:
    """Shows the boxes for name and notes, and returns what stands in them.

    They are closed while the page is there: a text typed right before the click on its button would not be in it.
    """
    pages, stem = state_of(_Pages), network.stem
    said = RunNotes() if network.run is None else read_notes(network.run.folder)
    name, notes = pages.names.get(stem, said.nickname), pages.notes.get(stem, said.note)
    mirrored(
        st.text_input,
        "Your name",
        key=f"report-name-{stem}",
        value=name,
        on_change=partial(pages.names.__setitem__, stem),
        max_chars=_LONGEST_NAME,
        disabled=stem in pages.asked,
        help="Stands at the top of the page. It is put into the file and kept nowhere else.",
    )
    mirrored(
        st.text_area,
        "Your notes",
        key=f"report-notes-{stem}",
        value=notes,
        on_change=partial(pages.notes.__setitem__, stem),
        max_chars=_LONGEST_NOTES,
        disabled=stem in pages.asked,
        placeholder="What you tried, what you expected, what you found",
        help="Stand in the page as you type them, line by line. They are put into the file and kept nowhere else.",
    )
    return name, notes


def _make(network: ExportedNetwork, title: str, name: str, notes: str, report: Report) -> bytes:
    from model_lib.export.report import ReportTexts, report_of  # Plotly takes a while to load

    return report_of(network, title, ReportTexts(name, notes))
