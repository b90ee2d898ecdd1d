"""The answers of networks to test images, as they lie in the folders of their runs; read once for all visitors."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from model_lib.comparison.record import RunRecord
from model_lib.evaluation.evaluation import Evaluation, EvaluationError, evaluation_file, load_evaluation


def stamp_of(record: RunRecord, other: str | None) -> int:
    """Returns what changes whenever a network's answers do; 0 where there are none."""
    try:
        return (record.run.folder / evaluation_file(other)).stat().st_mtime_ns
    except OSError:
        return 0


def stored_answers(record: RunRecord, other: str | None) -> Evaluation | None:
    """Returns a network's answers; None where they are missing or damaged.

    Args:
        record: of the network's run.
        other: name of a test set in place of the network's own.
    """
    try:
        return _cached(str(record.run.folder), other, stamp_of(record, other))
    except (EvaluationError, OSError):
        return None


@st.cache_resource(max_entries=64, show_spinner=False)
def _cached(folder: str, other: str | None, stamp: int) -> Evaluation:
    return load_evaluation(Path(folder), other)
