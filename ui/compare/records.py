"""The records of all runs, read once for all visitors."""

from __future__ import annotations

from model_lib.comparison.record import RunRecord
from model_lib.comparison.records import shared_records
from model_lib.runs import runs_root
from ui.shared.run_list import forget_listed_runs


def recorded_runs() -> tuple[RunRecord, ...]:
    """Returns the records of all runs, the newest first, as they were within the last second.

    It is the same tuple as long as nothing has changed.
    """
    return shared_records(runs_root()).now()


def forget_recorded_runs() -> None:
    """Lets this visitor see at once what they have renamed, noted or deleted, here and in the sidebar."""
    shared_records(runs_root()).forget()
    forget_listed_runs()
