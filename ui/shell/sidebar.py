"""What stands beside every page: the network that all pages speak of, and how its training is going."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from model_lib.number_format import accuracy_text
from model_lib.runs import runs_root
from model_lib.storage.run import Run
from ui.shared.display import show_projector_view, show_switches
from ui.shared.hand_over.qr_code import show_button_of_page
from ui.shared.histories import history_of
from ui.shared.refresh import refresh_seconds
from ui.shared.run_list import listed_runs
from ui.shared.selection import PRETRAINED, PRETRAINED_TITLE, resolve_selection, select_run, selected_run
from ui.shared.visit import mirrored
from ui.shared.wording import in_markdown

# A file of our own: for an icon by name every browser would ask a font host.
PAGE_ICON: Final = Path(__file__).parent / "icon.png"
# So many trainings are shown; the others are counted.
_MOST_SHOWN = 5


def show() -> None:
    """Shows the sidebar, and puts in order first what all pages speak of."""
    show_projector_view()
    resolve_selection()
    runs = listed_runs()
    chosen = selected_run()
    titles = {PRETRAINED: PRETRAINED_TITLE} | {entry.run.id: entry.title for entry in runs}
    # A link may name a run that is older than the list, and one that was just started is newer.
    if chosen is not None and chosen.id not in titles:
        titles[chosen.id] = chosen.title
    with st.sidebar:
        mirrored(
            st.selectbox,
            "Network",
            titles,
            key="sidebar_run",
            value=PRETRAINED if chosen is None else chosen.id,
            on_change=lambda name: select_run(None if name == PRETRAINED else Run(runs_root() / name)),
            format_func=titles.get,
            help="The network that all pages show: ready-made, or trained here.",
        )
        is_training = any(entry.is_under_way for entry in runs)
        st.fragment(_progress, run_every=refresh_seconds(1.0) if is_training else None)()
        show_switches()
        show_button_of_page()


def _progress() -> None:
    under_way = [entry for entry in listed_runs() if entry.is_under_way]
    # Those that learn first, then the queue in its order.
    under_way.sort(key=lambda entry: entry.place or 0)
    for entry in under_way[:_MOST_SHOWN]:
        if entry.state == "queued":
            st.progress(0.0, f"{in_markdown(entry.title)}: waiting, place {entry.place}")
            continue
        history = history_of(entry.run)
        accuracy = history.curve("accuracy")[1]
        reached = f", {accuracy_text(accuracy[-1])}" if len(accuracy) else ""
        st.progress(min(1.0, history.steps_done / history.total_steps), f"{in_markdown(entry.title)}{reached}")
    if len(under_way) > _MOST_SHOWN:
        st.caption(f"and {len(under_way) - _MOST_SHOWN} more in the queue")
