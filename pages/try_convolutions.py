"""Random filters: what a convolution does, without a trained network."""

import streamlit as st

from ui.look_inside.convolution_demo import show_demo
from ui.look_inside.network import choose_image
from ui.look_inside.next_steps import show_next_steps

st.title("Random filters")
st.markdown(
    "A convolution moves a filter, a small table of weights, over the image. At each place it multiplies the pixels by "
    "the weights and adds the products up: one number of the feature map. No network is needed to see that."
)
image = choose_image()
if image is None:
    st.stop()
show_demo(image)
show_next_steps("pages/try_convolutions.py")
