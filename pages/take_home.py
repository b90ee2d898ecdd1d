"""Take it home: scripts, notebooks, files and reports of a finished run, to download."""

import streamlit as st

from ui.take_home.run_zip import show_run_zip

st.title("Take it home", anchor=False)
show_run_zip()
