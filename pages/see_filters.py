"""Filters: what the convolutions look for, and how that came about."""

import streamlit as st

from ui.look_inside.network import open_network
from ui.look_inside.selection import write_address
from ui.look_inside.weights import show_filters

st.title("Filters")
st.markdown(
    "A filter is a small table of numbers that moves over the image. "
    "Blue numbers look for ink, red ones for its absence."
)
write_address()
opened = open_network()
if opened is not None:
    show_filters(opened)
