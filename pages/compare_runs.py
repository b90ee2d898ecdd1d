"""Side by side: the curves, settings and costs of some runs."""

import streamlit as st

from ui.compare.selection import write_selection

write_selection()
st.title("Side by side")
