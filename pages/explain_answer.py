"""Why this answer: which parts of the image speak for a digit."""

import streamlit as st

from ui.look_inside.attribution import show_reasons
from ui.look_inside.network import choose_image, open_network
from ui.look_inside.selection import write_address
from ui.shared import image_picker as image_sheet

st.title("Why this answer")
st.markdown(
    "Three ways to ask which part of the image counts: **Grad-CAM** adds up the feature maps that speak for the digit, "
    "**saliency** asks how much each pixel could change the score, **occlusion** hides each part and looks again."
)
write_address()
image = choose_image()
if image is None:
    st.stop()
image_sheet.show()
opened = open_network()
if opened is not None:
    show_reasons(opened, image)
