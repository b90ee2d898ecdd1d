"""Histories of runs, one object for all visitors."""

from __future__ import annotations

import streamlit as st

from model_lib.storage.history import History
from model_lib.storage.run import Run


@st.cache_resource(max_entries=20, show_spinner=False)
def _history(folder: str) -> History:
    from pathlib import Path

    return History(Path(folder))


def history_of(run: Run) -> History:
    """Returns the history of a run, up to date with its event log."""
    return _history(str(run.folder)).update()
