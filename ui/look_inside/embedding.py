"""Where the images lie: a map of the test images by what the last hidden layer says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import streamlit as st

from model_lib.figures.embedding import projection_figure
from model_lib.figures.layer_outputs import receptive_field_figure
from model_lib.layers.layer_info import last_hidden_layer
from ui.look_inside.network import InspectedNetwork
from ui.shared.charts import clickable_chart, show_chart
from ui.shared.jobs import Report, wait_for
from ui.shared.loaders import chosen_image, dataset_of
from ui.shared.selection import select_test_image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model_lib.interpretability.penultimate import PenultimateFeatures

    # Of each image its two coordinates, and what the two axes are.
    _Projection: TypeAlias = tuple[NDArray[np.float64], tuple[str, str]]

_PCA, _TSNE = "PCA, at once", "t-SNE, on request"
_COUNTS = (1000, 2000, 5000, 10_000)
# Numbers to hold at once: a network without a dense layer has thousands an image.
_MOST_NUMBERS = 20_000_000


def show_places(opened: InspectedNetwork) -> None:
    """Shows the map, and the image that was clicked in it."""
    units = last_hidden_layer(opened.reader.views).shape
    most = _MOST_NUMBERS // max(1, units[0] if len(units) == 1 else 10_000)
    counts = [count for count in _COUNTS if count <= most] or [500]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.segmented_control("Laid out by", [_PCA, _TSNE], default=_PCA, key="places-method", required=True)
        count = st.segmented_control(
            "Test images",
            counts,
            default=2000 if 2000 in counts else counts[0],
            key=f"places-count-{len(counts)}",
            format_func=lambda number: f"{number:,}",
            required=True,
        )
    hidden = _hidden(opened, counts[-1])
    if hidden is None:
        return
    if hidden.values.shape[1] < 2:
        st.info("The last hidden layer has one unit only: there is nothing to lay out.", icon=":material/info:")
        return
    laid = _laid_out(opened, hidden, count, method)
    if laid is not None:
        _map(opened, hidden, laid, method)


@st.fragment
def _map(opened: InspectedNetwork, hidden: PenultimateFeatures, laid: _Projection, method: str) -> None:
    places, axes = laid
    data = dataset_of(opened.run)
    labels, predictions = data.test.labels[: len(places)], hidden.predictions[: len(places)]
    image = chosen_image(opened.run)
    layer = opened.reader.view(hidden.layer)
    mistakes = int((labels != predictions).sum())
    title = f"{len(places):,} test images, {mistakes} mistakes"
    chosen = image.index if image.index is not None and image.index < len(places) else None
    words = f"Each image as the {hidden.values.shape[1]:,} numbers of {layer.title}, laid out in two directions."
    st.markdown(f"{words} Click a point to see its image.")
    figure = projection_figure(places, labels, predictions, data.class_names, title, axes, chosen)
    clickable_chart(figure, f"places-{method}-{len(places)}", f"{title}. A click shows the image.", select_test_image)
    words = "" if image.label is None else f", label {data.class_names[image.label]}"
    if image.index is not None and image.index < len(hidden.predictions):
        words += f", read as {data.class_names[hidden.predictions[image.index]]}"
    figure = receptive_field_figure(image.pixels, None, image.title + words, 460)
    show_chart(figure, "places-image", image.title + words)


def _hidden(opened: InspectedNetwork, most: int) -> PenultimateFeatures | None:
    images = dataset_of(opened.run).test.images[:most]

    def read(report: Report) -> PenultimateFeatures:
        from model_lib.interpretability.penultimate import penultimate_features

        return penultimate_features(opened.reader, images, report)

    return wait_for(("hidden", opened.reader.cache_key), read, f"Reading {len(images):,} test images")


def _laid_out(opened: InspectedNetwork, hidden: PenultimateFeatures, count: int, method: str) -> _Projection | None:
    def lay_out(report: Report) -> _Projection:
        from model_lib.interpretability.embedding import project_pca, project_tsne

        values = hidden.values[:count]
        if method == _TSNE:
            return project_tsne(values, report), ("t-SNE, first direction", "t-SNE, second direction")
        places, shares = project_pca(values)
        first, second = (f"direction {place + 1}: {share:.0%} of all differences" for place, share in enumerate(shares))
        return places, (first, second)

    key = ("places", opened.reader.cache_key, count, method)
    return wait_for(key, lay_out, f"Laying out {count:,} images", slot="places")
