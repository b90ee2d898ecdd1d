"""Vote: several networks answer together."""

import streamlit as st

from ui.compare.selection import write_selection

write_selection()
st.title("Vote (ensemble)")
