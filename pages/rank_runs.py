"""Leaderboard: the best networks of a class, under rules that all share."""

import streamlit as st

from ui.compare.board import show_board
from ui.compare.board_rules import choose_rules, write_rules
from ui.compare.selection import write_selection

write_selection()
write_rules()
st.title("Leaderboard", anchor=False)
st.markdown("Whose network is the best? Validation images decide: images that it was not trained on.")
show_board(choose_rules())
