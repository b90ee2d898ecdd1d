"""Filters: the weights of the convolutions, at any epoch of the training."""

import streamlit as st

from ui.look_inside.network import open_network
from ui.look_inside.next_steps import show_next_steps
from ui.look_inside.selection import write_address
from ui.look_inside.weights import show_filters

st.title("Filters")
st.markdown(
    "A filter is a small table of weights that moves over its input. Where a weight is positive (blue), ink raises the "
    "output; where it is negative (red), ink lowers it."
)
write_address()
opened = open_network()
if opened is not None:
    show_filters(opened)
show_next_steps("pages/see_filters.py")
