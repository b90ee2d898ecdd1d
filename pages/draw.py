"""Draw: a digit drawn by hand is read the moment the pen is lifted."""

import streamlit as st

from ui.draw.live import show_canvas_and_answer
from ui.shared.next_steps import LOOK_INSIDE, NextStep, offer_next_steps
from ui.shared.selection import selected_run

st.title("Draw")
show_canvas_and_answer(selected_run())
offer_next_steps([LOOK_INSIDE, NextStep("pages/my_digits.py", "My digits", ":material/collections_bookmark:")])
