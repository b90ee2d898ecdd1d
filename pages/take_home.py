"""Take it home: scripts, notebooks, files and reports of a finished run, to download."""

import streamlit as st

st.title("Take it home")
