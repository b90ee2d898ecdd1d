"""Map of images: their embeddings, the outputs of the last hidden layer, projected to two dimensions."""

from __future__ import annotations

from typing import Final

import streamlit as st

from model_lib.compute.computations import Embedding, Projection
from model_lib.figures.embedding import projection_figure
from model_lib.figures.layer_outputs import receptive_field_figure
from model_lib.layers.layer_info import last_hidden_layer
from model_lib.number_format import percent
from ui.look_inside.network import InspectedNetwork
from ui.shared.charts import clickable_chart, show_chart
from ui.shared.figure_code import code_of_network, code_of_picture, test_images
from ui.shared.jobs import compute
from ui.shared.loaders import chosen_image, dataset_of, network_reference
from ui.shared.scrolling import apply_scroll, scroll_to
from ui.shared.selection import select_test_image
from ui.shared.visit import mirrored

_METHODS: Final = {"pca": "PCA (fast)", "tsne": "t-SNE (slow)"}
_COUNTS = (1000, 2000, 5000, 10_000)
# Numbers to hold at once: a network without a dense layer has thousands an image.
_MOST_NUMBERS = 20_000_000
# Widened where charts are magnified: ui/shell/theme.css.
_IMAGE_PX: Final = 340
_IMAGE_CONTAINER: Final = "beside_map"


def show_map(opened: InspectedNetwork) -> None:
    """Shows the map, and the image that was clicked in it."""
    units = last_hidden_layer(opened.layers.views).shape
    most = _MOST_NUMBERS // max(1, units[0] if len(units) == 1 else 10_000)
    counts = [count for count in _COUNTS if count <= most] or [500]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.segmented_control(
            "Projection",
            _METHODS,
            default="pca",
            key="places-method",
            format_func=lambda name: _METHODS[name],
            required=True,
            help="How embeddings become points: PCA keeps the largest variance, t-SNE keeps neighbours together.",
        )
        assert method is not None
        count = st.segmented_control(
            "Test images",
            counts,
            default=2000 if 2000 in counts else counts[0],
            key=f"places-count-{len(counts)}",
            format_func=lambda number: f"{number:,}",
            required=True,
            help="How many are drawn, the first ones of the test set.",
        )
    embedding = Embedding(network_reference(opened.run), method, count, counts[-1])
    projection = compute(
        embedding, f"Computing embeddings of {counts[-1]:,} test images and projecting {count:,} of them", "places"
    )
    if projection is not None:
        _map(opened, projection, method)


@st.fragment
def _map(opened: InspectedNetwork, projection: Projection, method: str) -> None:
    places = projection.points
    if projection.width < 2:
        st.info(
            "The last hidden layer has one unit only: there is nothing to project to two dimensions.",
            icon=":material/info:",
        )
        return
    data = dataset_of(opened.run)
    labels, predictions = data.test.labels[: len(places)], projection.predictions[: len(places)]
    image = chosen_image(opened.run)
    layer = opened.layers.view(projection.layer)
    mistakes = int((labels != predictions).sum())
    title = f"{len(places):,} test images, {mistakes:,} mistakes"
    chosen = image.index if image.index is not None and image.index < len(places) else None
    words = f"Each image is a point: its {projection.width:,} outputs of {layer.title}, projected to two dimensions."
    st.markdown(f"{words} Click a point to see its image, or type its number.")
    mirrored(
        st.number_input,
        f"Test image, 0 to {len(places) - 1}",
        0,
        len(places) - 1,
        key=f"places-index-{len(places)}",
        value=chosen,
        on_change=lambda index: None if index is None else _open_image(index),
        placeholder="Number",
        width=260,
        help="The image's index among the test images.",
    )
    figure = projection_figure(places, labels, predictions, data.class_names, title, _axes(projection), chosen)
    row = st.container(horizontal=True)  # on a narrow screen the image goes below
    with row.container(key="map"):
        code = code_of_network(
            f"further_inside/embedding_{method}", opened.run, test_images(opened.run), COUNT=len(places)
        )
        alt = f"{title}. A click shows the image."
        clickable_chart(figure, f"places-{method}-{len(places)}", alt, _open_image, code=code)
    with row.container(width=_IMAGE_PX, key=_IMAGE_CONTAINER):
        figure = receptive_field_figure(image.pixels, None, image.title, _IMAGE_PX)
        show_chart(figure, "places-image", image.title, code=code_of_picture(opened.run, image))
        # Not in the figure's title, which would lie below the chart's tool bar.
        if image.label is not None:
            words = f"Label {data.class_names[image.label]}"
            if image.index is not None and image.index < len(projection.predictions):
                words += f", predicted {data.class_names[projection.predictions[image.index]]}"
            st.markdown(words)
    apply_scroll(_IMAGE_CONTAINER)


def _open_image(index: int) -> None:
    select_test_image(index)
    scroll_to(_IMAGE_CONTAINER)


def _axes(projection: Projection) -> tuple[str, str]:
    if projection.variance_ratios is None:
        return "t-SNE dimension 1", "t-SNE dimension 2"
    first, second = (f"({percent(ratio, 0)} of the variance)" for ratio in projection.variance_ratios)
    return f"principal component 1 {first}", f"principal component 2 {second}"
