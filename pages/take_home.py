"""Take it home: scripts, notebooks, files and reports of a finished run, to download."""

import streamlit as st

from ui.take_home.files import show_files
from ui.take_home.network import chosen_network
from ui.take_home.numbers import show_numbers
from ui.take_home.programs import show_programs
from ui.take_home.report import show_report
from ui.take_home.run_zip import show_run_zip

st.title("Take it home", anchor=False)
network = chosen_network()
if network is None:
    st.stop()
# Each part is a function of its own.
for show_part in (show_programs, show_report, show_files, show_numbers):
    show_part(network)
show_run_zip()
