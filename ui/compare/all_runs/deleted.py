"""Deleted runs: undo right after, and for seven days the bin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import streamlit as st

from model_lib.runs import runs_root
from model_lib.storage.bin import KEPT_DAYS, DeletedRun, delete_run, deleted_runs, restore_run, sweep_bin
from model_lib.storage.run import Run, RunError
from ui.compare.all_runs.table import set_chosen
from ui.compare.records import forget_recorded_runs
from ui.shared.visit import Once, state_of
from ui.shared.wording import as_written

_MOST_DELETIONS: Final = 20
_DAY_SECONDS: Final = 86_400
_BIN: Final = "deleted_runs"


@dataclass
class _Changes:
    """What was deleted in this visit.

    Args:
        problems: why deletions or their undoing failed, a sentence each.
        deletions: ids of the runs of each deletion that can be undone, the newest last.
    """

    problems: Once[tuple[str, ...]] = field(default_factory=Once)
    deletions: list[tuple[str, ...]] = field(default_factory=list)


def delete(runs: Sequence[Run]) -> None:
    """Moves runs into the bin; those that cannot be deleted stay, and the page says why.

    Args:
        runs: the runs.
    """
    changes = state_of(_Changes)
    done, problems = [], []
    for run in runs:
        try:
            delete_run(run)
        except RunError as error:
            problems.append(str(error))
        else:
            done.append(run.id)
    if done:
        changes.deletions.append(tuple(done))
        del changes.deletions[:-_MOST_DELETIONS]
    if problems:
        changes.problems.put(tuple(problems))
    forget_recorded_runs()


def show_undo() -> None:
    """Says what was deleted last, with the button that brings it back, in sight however far one has scrolled."""
    changes = state_of(_Changes)
    for problem in changes.problems.take() or ():
        st.error(as_written(problem), icon=":material/error:")
    if not changes.deletions:
        return
    with st.bottom.container(horizontal=True, vertical_alignment="center", key="deletion"):
        st.markdown(f":material/delete: {_count(len(changes.deletions[-1]))} deleted.", width="content")
        st.button(
            "Undo", icon=":material/undo:", key="undo_deletion", on_click=_undo, help="Brings back what was deleted."
        )


def show_deleted_runs() -> None:
    """Shows the runs in the bin, folded up, with what brings them back; those of over seven days ago go for good."""
    root = runs_root()
    sweep_bin(root)
    deleted = deleted_runs(root)
    if not deleted:
        return
    part = st.expander(f"Deleted runs ({len(deleted):,})", icon=":material/delete:", key="bin", on_change="rerun")
    if not part.open:  # their titles are read from their folders
        return
    by_id = {each.run.id: _line(each) for each in deleted}
    with part:
        st.markdown(
            f"A deleted run is kept for {KEPT_DAYS} days; then it is removed for good, when this page is opened or the "
            "server starts."
        )
        st.session_state[_BIN] = [name for name in st.session_state.get(_BIN, []) if name in by_id]
        names = st.multiselect(
            "Runs to bring back",
            list(by_id),
            key=_BIN,
            format_func=lambda name: by_id.get(name, name),
            placeholder="Choose runs",
            help="Each with the time of its deletion and how long it is still kept, the last deleted first.",
        )
        st.button(
            "Bring back" if len(names) < 2 else f"Bring back {len(names):,} runs",
            icon=":material/restore_from_trash:",
            key="restore_runs",
            disabled=not names,
            on_click=_restore_chosen,
            help="Lists them again, for everybody, with all that they had.",
        )


def _line(deleted: DeletedRun) -> str:
    when = datetime.fromtimestamp(deleted.deleted).strftime("%Y-%m-%d %H:%M")
    days = max(0, round(deleted.seconds_left / _DAY_SECONDS))
    left = "goes today" if not days else f"{days} day{'s' if days > 1 else ''} left"
    return f"{deleted.run.title}, deleted {when}, {left}"


def _undo() -> None:
    """Takes the last deletion back; the button then offers the one before it."""
    deletions = state_of(_Changes).deletions
    if deletions:
        _restore(deletions.pop())


def _restore_chosen() -> None:
    _restore(tuple(st.session_state[_BIN]))  # the page may not have run since the last one was chosen


def _restore(names: tuple[str, ...]) -> None:
    changes = state_of(_Changes)
    restored, problems = [], []
    for name in names:
        try:
            restored.append(restore_run(runs_root(), name).id)
        except RunError as error:
            problems.append(str(error))
    changes.deletions = [
        left for deletion in changes.deletions if (left := tuple(name for name in deletion if name not in restored))
    ]
    if problems:
        changes.problems.put(tuple(problems))
    forget_recorded_runs()
    set_chosen(tuple(restored))


def _count(runs: int) -> str:
    return f"{runs:,} run{'s' if runs != 1 else ''}"
