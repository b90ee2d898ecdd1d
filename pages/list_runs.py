"""All runs: every network trained here in one table, to sort, to filter, to choose from."""

import streamlit as st

from ui.compare.selection import write_selection

write_selection()
st.title("All runs")
