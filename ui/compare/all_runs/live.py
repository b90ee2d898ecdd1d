"""Table, filters and actions as one part of the page, which runs again by itself while a network is trained."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.compare.all_runs.actions import offer_csv, show_actions
from ui.compare.all_runs.filters import choose_filters, offer_all_runs
from ui.compare.all_runs.table import choose_in_table
from ui.compare.records import recorded_runs
from ui.shared.refresh import refresh_seconds

_REFRESH_SECONDS: Final = 5.0


def show_runs() -> None:
    """Shows all runs, and what can be done with them; without any, how the first one is trained."""
    records = recorded_runs()
    if not records:
        st.info("No network has been trained here yet. Each training stands here as soon as it is started.")
        if st.button(
            "Train a network",
            type="primary",
            icon=":material/play_circle:",
            key="train_first",
            help="Opens the page where a training is started.",
        ):
            st.switch_page("pages/train.py")
        return
    is_under_way = any(record.state in ("queued", "running") for record in records)
    st.fragment(_live, run_every=refresh_seconds(_REFRESH_SECONDS) if is_under_way else None)()


def _live() -> None:
    records = recorded_runs()
    shown, columns = choose_filters(records)
    if shown:
        chosen = choose_in_table(records, shown, columns)
        show_actions(chosen)
        offer_csv(shown, columns)
    else:
        offer_all_runs()
