"""The runs that pages list, read once a second for all visitors."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from model_lib.runs import runs_root
from model_lib.storage.run import Run
from model_lib.storage.run_snapshot import RunEntry, RunSnapshots


@st.cache_resource(show_spinner=False)
def _snapshots(root: str) -> RunSnapshots:
    return RunSnapshots(Path(root))


def listed_runs() -> tuple[RunEntry, ...]:
    """Returns the newest runs, the newest first, as they were within the last second."""
    return _snapshots(str(runs_root())).now()


def entry_of(run: Run) -> RunEntry:
    """Returns a run as it is listed, or as it is now if it is older than the list."""
    return next((entry for entry in listed_runs() if entry.run == run), None) or RunEntry(run, run.title, run.state)


def forget_listed_runs() -> None:
    """Lets this visitor see at once what they have started, stopped or deleted."""
    _snapshots(str(runs_root())).forget()
