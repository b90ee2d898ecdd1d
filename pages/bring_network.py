"""Bring a network: a .keras file trained elsewhere is read carefully and used on all pages."""

import streamlit as st

from ui.own_networks.run_zip import bring_run_zip

st.title("Bring a network", anchor=False)
bring_run_zip()
