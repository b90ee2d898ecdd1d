"""The leaderboard itself: large for a projector, ten runs a page, and anew every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from model_lib.comparison.ranking import Board, Entry, Rules, board_of, places_of
from model_lib.comparison.record import RunRecord
from model_lib.number_format import accuracy_text
from ui.compare.board_entry import show_entry
from ui.compare.board_rules import shows_all_runs
from ui.compare.names import title_of
from ui.compare.records import recorded_runs
from ui.shared.jobs import wait_for
from ui.shared.next_steps import NextStep, offer_next_steps
from ui.shared.refresh import refresh_seconds
from ui.shared.selection import select_run
from ui.shared.wording import in_markdown

_PER_PAGE: Final = 10
_REFRESH_SECONDS: Final = 2.0
_IDLE_SECONDS: Final = 5.0  # for nicknames that others enter after the trainings
_NUMBER_PX: Final = 80
_ACCURACY_PX: Final = 260
_MOST_UNRANKED: Final = 50


def show_board(rules: Rules) -> None:
    """Shows who is on the board under some rules, and how one comes onto it."""
    ended = [record for record in recorded_runs() if record.state in ("finished", "stopped")]
    if not ended:
        st.info(
            "No training has ended on this server yet. Train a network, then enter it here.", icon=":material/flag:"
        )
        offer_next_steps([NextStep("pages/train.py", "Train a network", ":material/play_circle:")])
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        show_entry(ended)
        shows_all = shows_all_runs()
        shows_test = st.toggle(
            "Show the test accuracy (last look)",
            key="board-test",
            help="The places stay: they come from the validation images alone. Look at the end, when nobody trains on.",
        )
    is_under_way = any(record.state in ("queued", "running") for record in recorded_runs())
    seconds = refresh_seconds(_REFRESH_SECONDS if is_under_way else _IDLE_SECONDS)
    st.fragment(_board, run_every=seconds)(rules, shows_all, shows_test)


def _board(rules: Rules, shows_all: bool, shows_test: bool) -> None:
    ended = [record for record in recorded_runs() if record.state in ("finished", "stopped")]
    entered = [record for record in ended if rules.let_in(record) and (shows_all or record.notes.nickname)]
    board = board_of(entered)
    if not entered:
        st.info(
            "No run is on the board under these rules. Press *Enter my run*, or switch *Show all runs* on.",
            icon=":material/flag:",
        )
        return
    if board.entries:
        counts = tuple((entry.right, entry.images) for entry in board.entries)
        places = wait_for(
            ("board-places", counts), lambda _report: places_of(counts), "Which differ by more than chance"
        )
        _show_entries(board.entries, places, shows_test)
    _show_unranked(board, {record.id: record for record in entered}, shows_test)


def _show_entries(entries: Sequence[Entry], places: Sequence[int] | None, shows_test: bool) -> None:
    pages = -(-len(entries) // _PER_PAGE)
    page = st.pagination(pages, key=f"board-page-{pages}") if pages > 1 else 1
    first = (page - 1) * _PER_PAGE
    if places and len(set(places)) < len(places):
        st.markdown("Networks at the same place are not told apart: their difference may be chance.")
    for number, entry in enumerate(entries[first : first + _PER_PAGE], start=first):
        place = None if places is None or len(places) != len(entries) else places[number]
        _show_entry(entry, place, shows_test)
    st.caption(
        "Ordered by the accuracy on validation images after the last whole epoch. Networks that are not told apart "
        "from the first of their group share a place (two-proportion test of 95 %, corrected for many comparisons by "
        "Holm). It is said of these trained networks, not of their settings."
    )


def _show_entry(entry: Entry, place: int | None, shows_test: bool) -> None:
    record, (low, high) = entry.record, entry.interval
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(width=_NUMBER_PX):
            st.markdown("## …" if place is None else f"## {place}")
        with st.container():
            st.markdown(f"### {_who(record)}")
            st.caption(_what(record))
        with st.container(width=_ACCURACY_PX):
            st.markdown(f"### {accuracy_text(entry.accuracy)}")
            st.caption(f"{accuracy_text(low)} to {accuracy_text(high)}, {entry.images:,} validation images")
            if shows_test:
                st.markdown(_test(record))
        _offer(record)


def _who(record: RunRecord) -> str:
    return in_markdown(record.notes.nickname) if record.notes.nickname else "*no nickname*"


def _what(record: RunRecord) -> str:
    seconds = "" if record.seconds is None else f" · {record.seconds:,.1f} s"
    return f"{in_markdown(title_of(record))} · {record.parameters:,} parameters{seconds}"


def _test(record: RunRecord) -> str:
    accuracy = record.test_accuracy
    return "Test accuracy: not measured" if accuracy is None else f"Test accuracy: **{accuracy_text(accuracy)}**"


def _offer(record: RunRecord) -> None:
    with st.container(width="content", gap="xsmall"):
        for page, text, icon in (
            ("pages/draw.py", "Draw for it", ":material/draw:"),
            ("pages/look_inside.py", "Look inside", ":material/search:"),
        ):
            if st.button(text, icon=icon, key=f"board-{page}-{record.id}", width="stretch"):
                select_run(record.run)
                st.switch_page(page)


def _show_unranked(board: Board, records: dict[str, RunRecord], shows_test: bool) -> None:
    if not board.unranked:
        return
    st.subheader(f"Not ranked: {len(board.unranked):,}", anchor=False)
    for name, why in list(board.unranked.items())[:_MOST_UNRANKED]:
        test = f" {_test(records[name])}." if shows_test else ""
        st.markdown(f"- **{_who(records[name])}**, {_what(records[name])}: {why}.{test}")
