"""Browse the data: the images and labels that networks learn from, before any training."""

import streamlit as st

from model_lib.datasets.loading import DatasetError
from ui.data.image import show_all_numbers, show_image, show_places
from ui.data.next_steps import show_next_steps
from ui.data.overview import show_nearest, show_overview
from ui.data.selection import current_choice, shown_images
from ui.data.sheet import choose_images, choose_set, show_sheet

st.title("Browse the data", anchor=False)
st.markdown(
    "All that a network learns from: images, each a table of 784 numbers, and their labels. Click an image, then one "
    "of its pixels."
)
controls = st.container(horizontal=True, vertical_alignment="bottom")
with controls:
    choice = choose_set(current_choice())
try:
    shown = shown_images(choice)
except DatasetError as error:
    st.error(str(error), icon=":material/error:")
    st.stop()
if shown is None:
    st.stop()
with controls:
    choose_images(shown)
st.markdown(f"{len(shown.indices):,} of {len(shown.split.labels):,} {shown.kind}s")
if shown.index is None:
    st.info("No image fits this choice. Take a filter away.", icon=":material/filter_alt_off:")
    st.stop()
row = st.container(horizontal=True)
with row.container(width="content"):
    show_sheet(shown)
with row.container():
    show_image(shown, shown.index)
show_all_numbers(shown, shown.index)
st.header("The pixel in memory", anchor=False)
show_places(shown, shown.index)
st.header("Images like it", anchor=False)
show_nearest(shown, shown.index)
st.header(f"All {shown.kind}s together", anchor=False)
show_overview(shown)
show_next_steps(shown, shown.index)
