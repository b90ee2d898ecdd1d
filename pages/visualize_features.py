"""What a filter likes: the test images that excite it most, and an image made for it."""

import streamlit as st

from ui.look_inside.feature_visualization import show_favourites
from ui.look_inside.network import open_network
from ui.look_inside.selection import write_address

st.title("What a filter likes")
st.markdown("The test images that excite a filter most, with the place in each, and an image made for it alone.")
write_address()
opened = open_network()
if opened is not None:
    show_favourites(opened)
