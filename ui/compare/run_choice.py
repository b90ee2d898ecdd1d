"""The list from which runs are chosen, and what Side by side says while too few of them are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from model_lib.comparison.record import RunRecord
from ui.compare.names import unique_titles
from ui.compare.records import recorded_runs
from ui.compare.selection import MOST_CHOSEN, choose_runs, chosen_records, missing_runs, surplus_runs
from ui.shared.visit import mirrored
from ui.shared.wording import as_written

_TRAIN: Final = "pages/train.py"
_MOST_NAMED: Final = 3


def choose_records() -> tuple[RunRecord, ...]:
    """Shows the list of runs, and what is missing; returns the chosen ones, none where there is nothing to show."""
    records = recorded_runs()
    chosen = chosen_records()
    _say_what_is_missing()
    if not records:
        st.info("Nothing has been trained yet. Two trained networks can be compared.", icon=":material/info:")
        _offer_training()
        return ()
    list_runs(records, chosen)
    if not chosen:
        _offer_first(records)
    elif len(chosen) == 1 and len(records) > 1:
        st.caption("Choose a second one to compare it with.")
    elif len(records) == 1:
        st.caption("There is one run so far. Train a second one to compare it with.")
        _offer_training()
    return chosen


def list_runs(records: Sequence[RunRecord], chosen: Sequence[RunRecord]) -> None:
    """Shows the list from which runs are chosen, the same on all pages under Compare.

    Args:
        records: all that can be chosen, the chosen ones among them.
        chosen: those that are chosen now.
    """
    titles = unique_titles(records)
    mirrored(
        st.multiselect,
        "Runs to compare",
        list(titles),
        key="compared_runs",
        value=[record.id for record in chosen],
        on_change=choose_runs,
        format_func=lambda name: titles.get(name, name),
        max_selections=MOST_CHOSEN,
        placeholder="Choose trained networks",
        wrap=True,
        help=f"The newest first, at most {MOST_CHOSEN}. They stay chosen on all pages under Compare.",
    )


def _offer_first(records: Sequence[RunRecord]) -> None:
    """Says what to do while nothing is chosen, with a button that does it."""
    if len(records) > 1:
        st.info("No run is chosen yet.", icon=":material/info:")
        st.button(
            "Compare the last two",
            icon=":material/stacked_line_chart:",
            type="primary",
            key="compare_last_two",
            on_click=lambda: choose_runs(record.id for record in records[:2]),
            help="Chooses the two runs that were started last.",
        )
        return
    st.info("There is one run so far. Two trained networks can be compared.", icon=":material/info:")
    _offer_training()


def _offer_training() -> None:
    if st.button(
        "Train a network",
        icon=":material/model_training:",
        type="primary",
        key="train_a_network",
        help="Opens the page Train.",
    ):
        st.switch_page(_TRAIN)


def _say_what_is_missing() -> None:
    missing, surplus = missing_runs(), surplus_runs()
    if missing:
        named = ", ".join(as_written(name) for name in missing[:_MOST_NAMED])
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        st.warning(
            f"Not there any more, or never: {named}{more}. The other chosen runs are shown.",
            icon=":material/link_off:",
        )
    if surplus:
        st.warning(
            f"The address asks for {MOST_CHOSEN + surplus} runs. The first {MOST_CHOSEN} are shown.",
            icon=":material/link_off:",
        )
