"""Sweep: one or two settings take several values, each with several random seeds."""

import streamlit as st

st.title("Sweep: try many settings")
