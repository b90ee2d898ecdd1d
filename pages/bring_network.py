"""Bring a network: a .keras file trained elsewhere is read carefully and used on all pages."""

import streamlit as st

from ui.own_networks.kept import show_deletion, show_kept
from ui.own_networks.run_zip import bring_run_zip
from ui.own_networks.upload import show_upload

st.title("Bring a network", anchor=False)
show_deletion()
st.markdown(
    "Use a network that you trained elsewhere, with Keras: draw for it, look inside it, see its mistakes. "
    "It must take images of 28 x 28 pixels and give ten answers. Only its layers and its numbers are read; nothing in "
    "the file is run."
)
show_upload()
show_kept()
bring_run_zip()
