"""Which runs the page Is it chance? compares, and what it shows of them."""

from __future__ import annotations

from typing import Final

import streamlit as st

from model_lib.comparison.record import RunRecord
from ui.compare.chance.selection import VIEWS, change, current_choice
from ui.compare.records import recorded_runs
from ui.compare.run_choice import list_runs
from ui.compare.selection import choose_runs, chosen_records
from ui.shared.visit import mirrored

_FEWEST: Final = 2


def choose_view() -> str:
    """Shows what can be looked at, and returns which of `VIEWS` is."""
    mirrored(
        st.segmented_control,
        "What is compared",
        list(VIEWS),
        key="chance-view",
        value=current_choice().view,
        on_change=lambda view: change(view=view),
        format_func=lambda view: VIEWS.get(view, view),
        required=True,
        label_visibility="collapsed",
        wrap=True,
        help="Two trained networks and a setting are two things: another random seed gives another network.",
    )
    return current_choice().view


def choose_compared() -> tuple[RunRecord, ...]:
    """Shows the list of runs, and returns the chosen ones; says what is missing where these are fewer than two."""
    records = {record.id: record for record in recorded_runs()}
    if len(records) < _FEWEST:
        _say_what_to_train(len(records))
        return ()
    chosen = chosen_records()
    list_runs(tuple(records.values()), chosen)
    if len(chosen) >= _FEWEST:
        return chosen
    st.info(
        "Choose two runs or more: this page says whether they differ by more than chance.", icon=":material/balance:"
    )
    finished = [*chosen, *(record for record in records.values() if record.state == "finished")]
    comparable = [record.id for record in finished if record.config.dataset == finished[0].config.dataset]
    newest = list(dict.fromkeys(comparable))[:_FEWEST]
    if len(newest) == _FEWEST:
        st.button(
            "Take the two newest" if not chosen else "Take the newest beside it",
            type="primary",
            icon=":material/balance:",
            on_click=choose_runs,
            args=(newest,),
            key="chance-newest",
            help="The runs that have finished last.",
        )
    return ()


def _say_what_to_train(runs: int) -> None:
    st.info(
        "There is no trained network yet. Train two, and this page says whether they differ by more than chance."
        if runs == 0
        else "There is only one trained network. Train another one, and this page says whether they differ by more "
        "than chance.",
        icon=":material/balance:",
    )
    if st.button("Train a network", type="primary", icon=":material/play_circle:", help="Opens the page Train."):
        st.switch_page("pages/train.py")
