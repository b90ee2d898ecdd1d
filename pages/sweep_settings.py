"""Sweep: one or two settings take several values, each with several random seeds."""

import streamlit as st

from ui.sweep.earlier import show_earlier
from ui.sweep.form import choose_plan, offer_start
from ui.sweep.selection import selected_sweep
from ui.sweep.view import show_sweep

st.title("Sweep: try many settings", anchor=False)
sweep = selected_sweep()
if sweep is not None:
    show_sweep(sweep)
    st.stop()
st.markdown(
    "Let one or two settings take several values, each with several random seeds, and see what they do to the "
    "accuracy, and whether that is more than chance."
)
offer_start(choose_plan())
show_earlier()
