"""Browse the data: the images and labels that networks learn from, before any training."""

import streamlit as st

from model_lib.datasets.loading import DatasetError
from ui.data.augmentation import show_variants
from ui.data.image import show_all_numbers, show_image, show_places
from ui.data.next_steps import show_next_steps
from ui.data.overview import show_nearest, show_overview
from ui.data.part import show_part
from ui.data.preprocessing import show_preprocessing
from ui.data.selection import current_choice, shown_images
from ui.data.sheet import choose_images, choose_set, choose_view, show_sheet, view_title
from ui.mistakes.selection import open_doubtful_labels

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
show_part(shown)
if shown.index is None:
    st.info("No image fits this choice. Take a filter away.", icon=":material/filter_alt_off:")
    st.stop()
row = st.container(horizontal=True)
with row.container(width="content"):
    show_sheet(shown)
with row.container():
    show_image(shown, shown.index)
show_all_numbers(shown, shown.index)
view = choose_view(shown)
st.header(view_title(shown), anchor=False)
if view == "memory":
    show_places(shown, shown.index)
elif view == "augmentation":
    show_variants(shown, shown.index)
elif view == "preprocessing":
    show_preprocessing(shown, shown.index)
elif view == "nearest":
    show_nearest(shown, shown.index)
else:
    show_overview(shown)
show_next_steps(shown, shown.index, open_doubtful_labels)
