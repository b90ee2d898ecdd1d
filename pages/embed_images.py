"""Map of images: the test images by their embeddings, the outputs of the last hidden layer."""

import streamlit as st

from ui.look_inside.embedding import show_map
from ui.look_inside.network import open_network
from ui.look_inside.next_steps import show_next_steps

st.title("Map of images (embedding)")
st.markdown(
    "The last hidden layer turns each image into a row of numbers, its embedding. Images with similar embeddings lie "
    "close together on the map. Red crosses are mistakes: most lie between the groups."
)
opened = open_network()
if opened is not None:
    show_map(opened)
show_next_steps("pages/embed_images.py")
