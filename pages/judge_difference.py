"""Is it chance?: whether two networks, or two values of a setting, differ by more than chance."""

import streamlit as st

from ui.compare.selection import write_selection

write_selection()
st.title("Is it chance?")
