"""What stands beside every page: the network that all pages speak of, and how its training is going."""

from __future__ import annotations

import streamlit as st

from model_lib.run import Run
from model_lib.runs import list_runs, queue_place, runs_root
from ui.histories import history_of
from ui.selection import PRETRAINED, select_run, selected_run, write_address

_WIDGET_KEY = "sidebar_run"
_MOST_RUNS = 200


def show() -> None:
    """Shows the sidebar."""
    runs = list_runs()[:_MOST_RUNS]
    chosen = selected_run()
    # A link may name a run that is older than the list.
    listed = runs if chosen is None or chosen in runs else [chosen, *runs]
    titles = {PRETRAINED: "The one that comes along"} | {run.id: run.title for run in listed}
    # The selection is kept by `selection`; the widget only mirrors it, also when a page has changed it.
    st.session_state[_WIDGET_KEY] = PRETRAINED if chosen is None else chosen.id
    with st.sidebar:
        st.selectbox(
            "Network",
            titles,
            format_func=titles.get,
            key=_WIDGET_KEY,
            on_change=_choose,
            help="All pages speak of this network.",
        )
        st.fragment(_progress, run_every=1.0 if _under_way(runs) else None)()
    write_address()


def _choose() -> None:
    name = st.session_state[_WIDGET_KEY]
    select_run(None if name == PRETRAINED else Run(runs_root() / name))


def _under_way(runs: list[Run]) -> list[Run]:
    return [run for run in runs[:20] if run.state in ("queued", "running")]


def _progress() -> None:
    for run in _under_way(list_runs()):
        history = history_of(run)
        if run.state == "queued":
            st.progress(0.0, f"{run.title}: waiting, place {queue_place(run)}")
            continue
        accuracy = history.curve("accuracy")[1]
        share = f", {accuracy[-1]:.1%}" if len(accuracy) else ""
        st.progress(min(1.0, history.steps_done / history.total_steps), f"{run.title}{share}")
