"""Sweep: one or two settings take several values, each with several random seeds."""

import streamlit as st

from ui.sweep.earlier import show_earlier
from ui.sweep.form import show_form
from ui.sweep.selection import selected_sweep
from ui.sweep.view import show_sweep

st.title("Sweep: try many settings", anchor=False)
sweep = selected_sweep()
if sweep is not None:
    show_sweep(sweep)
    st.stop()
st.markdown("Train with several values of one or two settings. Which are best, and is that more than chance?")
show_form()
show_earlier()
