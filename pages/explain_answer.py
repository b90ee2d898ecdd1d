"""Explain an answer: the pixels that the score of a class depends on, by three methods."""

import streamlit as st

from ui.look_inside.attribution import show_explanations
from ui.look_inside.network import choose_image, open_network
from ui.look_inside.next_steps import show_next_steps
from ui.look_inside.selection import write_address

st.title("Explain an answer (saliency maps)")
st.markdown(
    "Three methods show which part of the image the score of a digit depends on: **Grad-CAM** adds up the feature maps "
    "that raise the score, **saliency** is the gradient of the score with respect to each pixel, **occlusion** hides "
    "each part of the image and measures how far the probability falls."
)
write_address()
image = choose_image()
if image is None:
    st.stop()
opened = open_network()
if opened is not None:
    show_explanations(opened, image)
show_next_steps("pages/explain_answer.py")
