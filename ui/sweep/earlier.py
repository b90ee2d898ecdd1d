"""The list of earlier sweeps."""

from __future__ import annotations

from typing import Final

import streamlit as st

from model_lib.sweeps.plan import SweepError
from model_lib.sweeps.sweep import Sweep, list_sweeps
from ui.shared.wording import in_markdown
from ui.sweep.selection import select_sweep
from ui.sweep.wording import title_of, when

_MOST: Final = 20
_STATES: Final = {
    "running": "under way",
    "paused": "paused",
    "stopping": "is being stopped",
    "stopped": "stopped",
    "finished": "finished",
}


def show_earlier() -> None:
    """Shows the newest sweeps, each with a button that opens it."""
    sweeps = list_sweeps()
    if not sweeps:
        return
    st.header("Earlier sweeps", anchor=False)
    for sweep in sweeps[:_MOST]:
        _show(sweep)
    if len(sweeps) > _MOST:
        st.caption(f"and {len(sweeps) - _MOST} older ones")


def _show(sweep: Sweep) -> None:
    try:
        plan = sweep.plan
        text = f"{title_of(plan)} · {plan.runs} runs · {_STATES[sweep.state]} · {when(sweep)}"
    except SweepError:
        text = f"{sweep.id}: cannot be read"
    st.button(
        in_markdown(text),
        type="tertiary",
        icon=":material/tune:",
        key=f"open-{sweep.id}",
        on_click=select_sweep,
        args=(sweep,),
    )
