"""Leaderboard: the best networks of a class, under rules that all share."""

import streamlit as st

from ui.compare.selection import write_selection

write_selection()
st.title("Leaderboard")
