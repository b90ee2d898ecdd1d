"""Upload a picture: a photograph or a file of digits is preprocessed and classified like a drawing."""

import streamlit as st

from ui.draw.upload import choose_picture, show_picture_answer
from ui.shared.next_steps import LOOK_INSIDE, offer_next_steps
from ui.shared.selection import selected_run

st.title("Upload a picture")
st.markdown(
    "Write a digit on paper and photograph it, or bring a file. Dark on light and light on dark are both recognised. "
    "One digit, or several beside each other that do not touch, with some empty paper around them."
)
content = choose_picture()
if content is not None:
    show_picture_answer(selected_run(), content)
    offer_next_steps([LOOK_INSIDE])
