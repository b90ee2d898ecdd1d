"""Where the images lie: the test images as the last hidden layer sees them."""

import streamlit as st

from ui.look_inside.embedding import show_places
from ui.look_inside.network import open_network

st.title("Where the images lie")
st.markdown(
    "The last hidden layer turns each image into a row of numbers. Images with similar rows lie close together here. "
    "Red crosses are mistakes: look where they lie."
)
opened = open_network()
if opened is not None:
    show_places(opened)
