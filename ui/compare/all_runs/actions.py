"""What is done with the chosen runs: compare them, go on with one of them, mark, name, delete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import streamlit as st

from model_lib.comparison.record import RunRecord
from model_lib.comparison.run_columns import runs_as_csv
from model_lib.storage.notes import LONGEST, RunNotes, read_notes, write_notes
from ui.compare.all_runs.deleted import delete
from ui.compare.records import forget_recorded_runs
from ui.compare.selection import MOST_CHOSEN, choose_runs
from ui.shared.next_steps import NextStep
from ui.shared.selection import select_run
from ui.shared.url_state import open_address
from ui.shared.visit import state_of
from ui.shared.wording import in_markdown

_COMPARE: Final = (
    (
        NextStep("pages/compare_runs.py", "Side by side", ":material/stacked_line_chart:"),
        "Their curves over each other, and the settings in which they differ.",
    ),
    (
        NextStep("pages/judge_difference.py", "Is it chance?", ":material/balance:"),
        "Which test images one of them reads and the other does not, and whether that is more than chance.",
    ),
    (
        NextStep("pages/vote_together.py", "Vote", ":material/how_to_vote:"),
        "They answer together (ensemble), by the mean of their probabilities.",
    ),
)
_ONE: Final = (
    (
        NextStep("pages/draw.py", "Draw a digit for it", ":material/draw:"),
        "Opens Draw with this network.",
    ),
    (
        NextStep("pages/look_inside.py", "Look inside it", ":material/search:"),
        "Opens Look inside with this network.",
    ),
    (
        NextStep("pages/review_mistakes.py", "See its mistakes", ":material/grid_on:"),
        "Opens Review mistakes with this network.",
    ),
)
_FEWEST_COMPARED: Final = 2
_NOTE_PX: Final = 110


@dataclass
class _Forms:
    """What the boxes for name, nickname and note were filled with, by the id of their run."""

    filled: dict[str, RunNotes] = field(default_factory=dict)


def show_actions(chosen: Sequence[RunRecord]) -> None:
    """Shows what can be done with the chosen runs; without any, how they are chosen.

    Args:
        chosen: the runs.
    """
    if not chosen:
        st.caption(
            "Choose one run to go on with it, to name it or to write a note; two or more to compare them. "
            "A click on a heading sorts the table."
        )
        return
    if len(chosen) == 1:
        _go_on_with(chosen[0])
    else:
        _compare(chosen)
    with st.container(horizontal=True):
        if len(chosen) == 1:
            with st.popover("Name and note", icon=":material/edit:", key="notes", help="Name, nickname and note."):
                _edit_notes(chosen[0])
        _offer_star(chosen)
        if st.button(
            "Delete" if len(chosen) == 1 else f"Delete {len(chosen):,} runs",
            icon=":material/delete:",
            key="delete_runs",
            help="For everybody. You can undo it, and Deleted runs below keeps them for seven days.",
        ):
            delete([record.run for record in chosen])
            st.rerun()


def offer_csv(shown: Sequence[RunRecord], columns: Sequence[str]) -> None:
    """Offers what the table shows as a file.

    Args:
        shown: the runs, in their order.
        columns: names of the columns.
    """
    st.download_button(
        f"These {len(shown):,} runs as CSV" if len(shown) > 1 else "This run as CSV",
        lambda: runs_as_csv(shown, columns),
        "runs.csv",
        "text/csv",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
        key="runs_csv",
        help="A line a run, the newest first, with the columns of the table; accuracies from 0 to 1.",
    )


def _compare(chosen: Sequence[RunRecord]) -> None:
    too_many = len(chosen) > MOST_CHOSEN
    st.markdown(f"**Compare these {len(chosen):,} runs**")
    with st.container(horizontal=True):
        for place, (step, words) in enumerate(_COMPARE):
            if st.button(
                step.text,
                icon=step.icon,
                key=f"compare-{step.page}",
                type="secondary" if place else "primary",
                disabled=too_many,
                help=f"Takes {_FEWEST_COMPARED} to {MOST_CHOSEN} runs." if too_many else words,
            ):
                choose_runs([record.id for record in chosen])
                st.switch_page(step.page)
    if too_many:
        st.caption(f"{_FEWEST_COMPARED} to {MOST_CHOSEN} runs can be compared: as many as there are colours.")


def _go_on_with(record: RunRecord) -> None:
    has_network = record.state in ("finished", "stopped") or bool(record.epochs)
    st.markdown(f"**Go on with** {in_markdown(record.title)}")
    with st.container(horizontal=True):
        for step, words in _ONE:
            if st.button(
                step.text,
                icon=step.icon,
                key=f"one-{step.page}",
                disabled=not has_network,
                help=words if has_network else "Not possible: its training has not completed an epoch.",
            ):
                select_run(record.run)
                st.switch_page(step.page)
        if st.button(
            "Again with one change",
            icon=":material/tune:",
            key="one-again",
            help="Opens Train with its network and all its settings in the form. Change one and press Start: what "
            "differs then comes from that change, or from chance.",
        ):
            select_run(record.run)
            open_address("pages/train.py", {"again": record.id})


def _offer_star(chosen: Sequence[RunRecord]) -> None:
    has_star = all(record.notes.is_starred for record in chosen)
    if st.button(
        "Remove the star" if has_star else "Star",
        icon=":material/star:",
        key="star_runs",
        help="Marks the chosen runs for everybody, or takes the mark away. Filters can show only those.",
    ):
        written = [_write(record, replace(read_notes(record.run.folder), is_starred=not has_star)) for record in chosen]
        forget_recorded_runs()
        if all(written):  # else the page stays with its message
            st.rerun()


def _edit_notes(record: RunRecord) -> None:
    filled = state_of(_Forms).filled
    if f"name-{record.id}" not in st.session_state:  # the boxes are new, and take these
        filled[record.id] = record.notes
    notes = filled[record.id]
    with st.form(f"notes-{record.id}", border=False):
        title = st.text_input(
            "Name",
            notes.title,
            max_chars=LONGEST["title"],
            key=f"name-{record.id}",
            placeholder="a name of its own",
            help="Stands on all pages in place of network and time, with the end of the run's id behind it. Empty: "
            "network and time.",
        )
        nickname = st.text_input(
            "Nickname",
            notes.nickname,
            max_chars=LONGEST["nickname"],
            key=f"nickname-{record.id}",
            help="Who trained it, as they want to be called. Everybody on this server reads it: no real names.",
        )
        note = st.text_area(
            "Note",
            notes.note,
            max_chars=LONGEST["note"],
            height=_NOTE_PX,
            key=f"note-{record.id}",
            help="What you want to remember of this run. Everybody on this server reads it.",
        )
        is_saved = st.form_submit_button("Save", type="primary", help="Writes name, nickname and note into the run.")
    if is_saved:
        # What was not typed here may have been changed elsewhere meanwhile.
        typed = {"title": title, "nickname": nickname, "note": note}
        changed: dict[str, Any] = {name: text for name, text in typed.items() if text != getattr(notes, name)}
        if _write(record, replace(read_notes(record.run.folder), **changed)):
            filled[record.id] = replace(notes, **changed)
            forget_recorded_runs()
            st.toast("Saved.", icon=":material/check:")
            st.rerun()


def _write(record: RunRecord, notes: RunNotes) -> bool:
    """Writes the notes of a run, or says why it cannot be done."""
    try:
        write_notes(record.run.folder, notes)
    except OSError as error:
        st.error(f"{in_markdown(record.title)} could not be written: {error.strerror}.", icon=":material/error:")
        return False
    return True
