"""The images of a set at a glance: how many of each label, their means, and all of them, a hundred at a time."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.datasets.browsing import IMAGES_PER_SHEET, class_counts, mean_images, sheet_count
from model_lib.datasets.loading import DIGIT_NAMES, Split
from model_lib.figures.data.statistics import class_counts_figure, mean_images_figure, sheet_figure
from model_lib.figures.text.data_description import describe_class_counts, describe_mean_images
from model_lib.figures.text.description import describe_images
from ui.shared.charts import show_chart


def show_images(split: Split, stamp: str) -> None:
    """Shows the images of a set.

    Args:
        split: at least one image.
        stamp: names them, for what is kept of them.
    """
    counts, means = _statistics(stamp, split)
    if missing := [name for name, count in zip(DIGIT_NAMES, counts.tolist(), strict=True) if not count]:
        st.caption(f"No image has the label {', '.join(missing)}.")
    pages = sheet_count(len(split.labels))
    page = 1
    if pages > 1:
        page = st.pagination(pages, key=f"own-sheets-{stamp}", width="stretch")
    indices = range((page - 1) * IMAGES_PER_SHEET, min(page * IMAGES_PER_SHEET, len(split.labels)))
    labels = split.labels[indices.start : indices.stop].tolist()
    with st.container(horizontal=True):
        show_chart(
            sheet_figure(
                split.images[indices.start : indices.stop],
                list(indices),
                labels,
                -1,
                f"Images {indices.start:,} to {indices.stop - 1:,}, with their labels",
            ),
            f"own-sheet-{stamp}-{page}",
            describe_images([f"image {index}, label {label}" for index, label in zip(indices, labels, strict=True)]),
        )
        with st.container(width="content"):
            show_chart(
                class_counts_figure(counts, DIGIT_NAMES),
                f"own-counts-{stamp}",
                describe_class_counts(counts, DIGIT_NAMES),
            )
            show_chart(
                mean_images_figure(means, DIGIT_NAMES), f"own-means-{stamp}", describe_mean_images(means, DIGIT_NAMES)
            )


@st.cache_data(max_entries=20, show_spinner=False)
def _statistics(stamp: str, _split: Split) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Returns the counts of the classes and their mean images."""
    return class_counts(_split.labels), mean_images(_split)
