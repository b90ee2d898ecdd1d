"""Six programs: their code, what each line does, its result, and where it lives in the app."""

import streamlit as st

from ui.programs.comparisons import show_changes, show_differences
from ui.programs.part import choose, show_program
from ui.programs.selection import PART_CONTAINER, PROGRAM_CONTAINER, chosen_part
from ui.shared.scrolling import apply_scroll

st.title("Six programs", anchor=False)
st.markdown(
    "Six small programs that many people learn from, in Keras 3. Click a line to see what it does, its result, and "
    "where that is in this app."
)
program, part = chosen_part()
with st.container(key=PROGRAM_CONTAINER):
    choose(program)
    show_program(program, part)
st.header("The same thing, done differently", anchor=False)
show_differences()
st.header("Then and now: Keras 2 and Keras 3", anchor=False)
show_changes()
apply_scroll(PART_CONTAINER)
apply_scroll(PROGRAM_CONTAINER, is_at_top=True)
