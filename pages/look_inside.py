"""Look inside: every layer for one image, and the arithmetic of every number."""

import streamlit as st

from ui.look_inside.layer import show_layer
from ui.look_inside.network import choose_image, open_network
from ui.look_inside.network_picture import LAYER_CONTAINER, show_answer, show_network
from ui.look_inside.next_steps import show_next_steps
from ui.look_inside.selection import write_address
from ui.shared.loaders import dataset_of
from ui.shared.scrolling import apply_scroll

# Widened where charts are magnified: ui/shell/theme.css.
_ANSWER_PX = 340

st.title("Look inside", anchor=False)
st.markdown("Follow one image through the network. Click a layer, then a feature map, then a single pixel of it.")
write_address()
# What redraws itself keeps its place in the page, whatever comes and goes above it.
network_part, layer_part = st.container(), st.container(key=LAYER_CONTAINER)

with network_part:
    image = choose_image()
    if image is None:
        st.stop()
    opened = open_network()
    if opened is None:
        st.stop()
    views, maps = opened.layers.views, opened.layers.read(image.pixels)
    row = st.container(horizontal=True)
    with row.container():
        show_network(opened, image, maps)
    with row.container(width=_ANSWER_PX, key="beside_network"):
        show_answer(views, maps, dataset_of(opened.run).class_names, image)
    if not any(view.kind == "Conv2D" for view in views):
        st.info(
            "This network has no convolutions, so there are no filters and no feature maps. Its dense layers are "
            "shown as bars: each unit is a weighted sum of all its inputs.",
            icon=":material/info:",
        )
with layer_part:
    st.header("One layer", anchor=False)
    show_layer(opened, maps, image)
show_next_steps("pages/look_inside.py")
apply_scroll(LAYER_CONTAINER, is_at_top=True)
