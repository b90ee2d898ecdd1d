"""Draw: a digit drawn by hand is read the moment the pen is lifted."""

import streamlit as st

from ui.draw.live import show_canvas_and_answer
from ui.shared.selection import selected_run

st.title("Draw")
show_canvas_and_answer(selected_run())
