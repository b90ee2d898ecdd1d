"""All images of a part at once: shapes, counts, means, pixel values; and the nearest ones to one of them."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.datasets.browsing import class_counts, mean_images, nearest_images, pixel_counts, shape_line
from model_lib.datasets.loading import Split
from model_lib.figures.array_image import ColourScale
from model_lib.figures.data.statistics import class_counts_figure, mean_images_figure, pixel_histogram_figure
from model_lib.figures.style import INK
from model_lib.figures.text.data_description import (
    describe_class_counts,
    describe_mean_images,
    describe_pixel_values,
)
from model_lib.figures.tile_grid import TileGrid, tile_grid_figure
from ui.data.selection import Shown, change, choose_image, has_parts
from ui.shared.charts import clickable_chart, show_chart
from ui.shared.figure_code import code_of_data
from ui.shared.jobs import Report, wait_for

_NEAREST: Final = 5
# The arrays that hold the images of a part: the validation images are training images.
_SUFFIXES: Final = {"train": "_train", "validation": "_train", "test": "_test"}


def show_nearest(shown: Shown, index: int) -> None:
    """Shows the images of the same part whose pixels are most alike, with their labels."""
    found = _nearest(shown, index)
    if found is None:
        return
    nearest, distances = found
    if not len(nearest):
        st.info("There is no other image to compare it with.", icon=":material/info:")
        return
    labels = shown.split.labels[nearest].tolist()
    hovers = [
        f"{shown.kind} {number}, label {label}, distance {distance:,.0f}"
        for number, label, distance in zip(nearest.tolist(), labels, distances.tolist(), strict=True)
    ]
    grid = TileGrid(
        shown.split.images[nearest],
        [str(label) for label in labels],
        "Nearest images, with their labels",
        hovers,
        nearest.tolist(),
        columns=_NEAREST,
    )
    own = int(shown.split.labels[index])
    same = sum(label == own for label in labels)
    alt = f"{same} of the {len(labels)} nearest images have label {own} too; the nearest: {hovers[0]}"
    clickable_chart(
        tile_grid_figure(grid, ColourScale(INK, 0.0, 255.0)),
        f"data-nearest-{shown.stamp}-{index}",
        alt,
        lambda number: choose_image(shown, number),
        code=code_of_data("data/nearest_images", shown.part_source, IMAGE=index - shown.first),
    )
    st.caption(
        f"{same} of the {len(labels)} have the same label. Near means: the square root of the sum of all 784 squared "
        "differences of the pixels (Euclidean distance) is small. No network is needed for that."
    )


def show_overview(shown: Shown) -> None:
    """Shows what all images of the part have in common, whatever the filters leave."""
    split, names = shown.part, shown.class_names
    suffix = _SUFFIXES.get(shown.choice.part, "") if has_parts(shown.choice.name) else ""
    taken = f"[{shown.first}:]" if shown.first else ""
    st.markdown(
        f"`{shape_line(f'x{suffix}{taken}', split.images)}`  \n`{shape_line(f'y{suffix}{taken}', split.labels)}`",
        help="Shape and type of the two arrays, as NumPy prints them: the images, x, and their labels, y.",
    )
    found = statistics(shown.stamp, split)
    if found is None:
        return
    counts, means, values = found
    st.markdown(f"{describe_pixel_values(values).capitalize()}.")
    with st.container(horizontal=True):
        show_chart(
            class_counts_figure(counts, names),
            f"data-counts-{shown.stamp}",
            describe_class_counts(counts, names),
            code=code_of_data("data/class_counts", shown.part_source),
        )
        show_chart(
            pixel_histogram_figure(values),
            f"data-pixels-{shown.stamp}",
            describe_pixel_values(values),
            code=code_of_data("data/pixel_histogram", shown.part_source),
        )
    clickable_chart(
        mean_images_figure(means, names),
        f"data-means-{shown.stamp}-{shown.choice.label}",
        f"{describe_mean_images(means, names)}. A click shows the images of a label.",
        lambda label: change(label=label, sheet=1, number=None),
        code=code_of_data("data/mean_images", shown.part_source),
    )


def statistics(stamp: str, split: Split) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]] | None:
    """Returns the counts of the classes, their mean images, and the counts of the pixel values.

    Args:
        stamp: names the images: all visitors who look at the same share what is counted.
        split: the images.

    Returns:
        None while they are being counted, which is shown.
    """
    return wait_for(
        ("data-statistics", stamp),
        lambda report: (class_counts(split.labels), mean_images(split), pixel_counts(split.images)),
        "Counting pixels",
    )


def _nearest(shown: Shown, index: int) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Returns the indices of the nearest images and their distances; None while all images are being compared."""
    images, first = shown.part.images, shown.first

    def compare(report: Report) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        nearest, distances = nearest_images(images, index - first, _NEAREST)
        return nearest + first, distances

    # In a thread: it takes 40 to 120 ms among 60,000 images, in which all visitors' pages would stand still.
    return wait_for(("data-nearest", shown.stamp, index), compare, "Comparing with all images", "data-nearest")
