"""Bring a network: a .keras file trained elsewhere is read carefully and used on all pages."""

import streamlit as st

st.title("Bring a network")
