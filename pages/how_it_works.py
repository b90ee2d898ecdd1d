"""How it works: one idea a screen, with a picture to move, real numbers and a question."""

import streamlit as st

from model_lib.datasets.loading import DatasetError
from ui.how_it_works.frame import show_screen
from ui.how_it_works.screens import current_screen

# The title stands in the frame, in one line with the list of ideas.
try:
    show_screen(current_screen())
except DatasetError as error:
    st.error(str(error), icon=":material/error:")
