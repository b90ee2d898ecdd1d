"""Look inside: every layer for one image, and the arithmetic of every number."""

import streamlit as st

from model_lib.figures.layer_outputs import receptive_field_figure
from ui.look_inside.layer import show_layer
from ui.look_inside.network import choose_image, open_network
from ui.look_inside.overview import LAYER_CONTAINER, show_answer, show_network
from ui.look_inside.selection import write_address
from ui.shared import image_picker as image_sheet
from ui.shared.charts import show_chart
from ui.shared.loaders import dataset_of
from ui.shared.scrolling import apply_scroll

st.title("Look inside", anchor=False)
st.markdown("Follow one image through the network. Click a layer, then a feature map, then a single pixel of it.")
write_address()
# What redraws itself keeps its place in the page, whatever comes and goes above it.
image_part, network_part, layer_part = st.container(), st.container(), st.container(key=LAYER_CONTAINER)

with image_part:
    image = choose_image()
    if image is None:
        st.stop()
    image_sheet.show()
    with st.container(horizontal=True):
        truth = "" if image.label is None else f", label {image.label}"
        show_chart(receptive_field_figure(image.pixels, None, image.title + truth), "image", image.title)
        answer = st.container(width=500)
    opened = open_network()
    if opened is None:
        st.stop()
views, maps = opened.layers.views, opened.layers.read(image.pixels)
with answer:
    show_answer(views, maps, dataset_of(opened.run).class_names, image.label)

with network_part:
    st.header("The network", anchor=False)
    show_network(opened, image, maps)
    if not any(view.kind == "Conv2D" for view in views):
        st.info(
            "This network has no convolutions, so there are no filters and no feature maps. Its dense layers are "
            "shown as bars: each unit is a weighted sum of all its inputs.",
            icon=":material/info:",
        )
with layer_part:
    st.header("One layer", anchor=False)
    show_layer(opened, maps, image)
apply_scroll(LAYER_CONTAINER, is_at_top=True)
