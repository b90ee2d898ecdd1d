"""What activates a filter: the test images with its strongest activations, and an image that maximises it."""

import streamlit as st

from ui.look_inside.feature_visualization import show_strongest_activations
from ui.look_inside.network import open_network
from ui.look_inside.next_steps import show_next_steps
from ui.look_inside.selection import write_address

st.title("What activates a filter")
st.markdown(
    "The test images with the strongest activations of a filter, the place in each framed, and an image that maximises "
    "the filter."
)
write_address()
opened = open_network()
if opened is not None:
    show_strongest_activations(opened)
show_next_steps("pages/visualize_features.py")
