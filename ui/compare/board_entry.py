"""How a run comes onto the leaderboard: somebody chooses it and types a nickname. There are no accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import streamlit as st

from model_lib.comparison.record import RunRecord
from model_lib.storage.notes import LONGEST, read_notes, write_notes
from ui.compare.names import title_of, unique_titles
from ui.compare.records import forget_recorded_runs, recorded_runs
from ui.shared.selection import selected_run
from ui.shared.visit import Once, state_of
from ui.shared.wording import in_markdown

_NAME_KEY: Final = "board-nickname"
_RUN_KEY: Final = "board-run"
_POPOVER_KEY: Final = "board-enter"


@dataclass
class _Entering:
    """What was entered last: the run's folder and the nickname before, so that it can be undone."""

    undo: tuple[Path, str] | None = None
    message: Once[tuple[str, str]] = field(default_factory=Once)


def show_entry(ended: Sequence[RunRecord]) -> None:
    """Shows the button behind which a run is chosen and a nickname typed.

    Args:
        ended: runs that have ended.
    """
    names = unique_titles(ended)
    with st.popover("Enter my run", icon=":material/person_add:", type="primary", key=_POPOVER_KEY, on_change="rerun"):
        in_sidebar = selected_run()
        chosen = st.selectbox(
            "My run",
            list(names),
            index=list(names).index(in_sidebar.id) if in_sidebar is not None and in_sidebar.id in names else 0,
            # Without the nickname: an entry whose text changes is no longer the one that was chosen.
            format_func=lambda name: names.get(name, name),
            key=_RUN_KEY,
            help="A training that ended: at first the network of the sidebar, else the newest.",
        )
        record = next((each for each in ended if each.id == chosen), None)
        if record is not None and record.notes.nickname:
            st.caption(f"It is on the board as {in_markdown(record.notes.nickname)}.")
        st.text_input(
            "Nickname",
            key=_NAME_KEY,
            max_chars=LONGEST["nickname"],
            help="Everybody on this server sees it. Left empty, the run is taken off the board.",
        )
        st.button("Enter", key="board-save", type="primary", on_click=_enter, disabled=record is None)
    entering = state_of(_Entering)
    if message := entering.message.take():
        kind, text = message
        (st.error if kind == "error" else st.success)(text)
    if entering.undo is not None:
        st.button("Undo my last entry", icon=":material/undo:", key="board-undo", on_click=_undo)


def _enter() -> None:
    # What stands in the form at the click: the page may not have run since the run was chosen.
    chosen = st.session_state.get(_RUN_KEY)
    record = next((each for each in recorded_runs() if each.id == chosen), None)
    if record is None:
        state_of(_Entering).message.put(("error", "Nothing was entered: the run has been deleted. Choose another one."))
        return
    nickname = " ".join(str(st.session_state.get(_NAME_KEY) or "").split())
    before = read_notes(record.run.folder).nickname
    if _write(record.run.folder, nickname):
        what = f"is on the board as {in_markdown(nickname)}" if nickname else "is off the board"
        state_of(_Entering).undo = (record.run.folder, before)
        state_of(_Entering).message.put(("success", f"{in_markdown(title_of(record))} {what}."))
        st.session_state[_POPOVER_KEY] = False  # it lies over the first places


def _undo() -> None:
    entering = state_of(_Entering)
    if entering.undo is not None and _write(*entering.undo):
        entering.undo = None
        entering.message.put(("success", "Your last entry was undone."))


def _write(folder: Path, nickname: str) -> bool:
    """Writes a nickname into a run's folder; says so if it cannot be."""
    try:
        if not folder.exists():
            raise FileNotFoundError(2, "the run has been deleted")
        write_notes(folder, replace(read_notes(folder), nickname=nickname))
    except OSError as error:
        state_of(_Entering).message.put(("error", f"The nickname could not be written: {error.strerror}."))
        return False
    forget_recorded_runs()
    return True
