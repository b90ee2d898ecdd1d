"""The records of all runs, read once for all visitors."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from model_lib.comparison.record import RunRecord
from model_lib.comparison.records import RunRecords
from model_lib.runs import runs_root
from ui.shared.run_list import forget_listed_runs


@st.cache_resource(show_spinner=False)
def _records(root: str) -> RunRecords:
    return RunRecords(Path(root))


def recorded_runs() -> tuple[RunRecord, ...]:
    """Returns the records of all runs, the newest first, as they were within the last second."""
    return _records(str(runs_root())).now()


def forget_recorded_runs() -> None:
    """Lets this visitor see at once what they have renamed, noted or deleted, here and in the sidebar."""
    _records(str(runs_root())).forget()
    forget_listed_runs()
