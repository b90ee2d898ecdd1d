"""Filters moved over an image without any network: random ones, pooling, and classic ones to type over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale
from model_lib.figures.output_trace import table_figure
from model_lib.figures.style import DIVERGING, INK
from model_lib.figures.text.description import describe_map, describe_maps
from model_lib.figures.tile_grid import TileGrid, tile_grid_figure
from model_lib.layers.convolution_demo import CLASSIC_FILTERS, convolve_same, max_pool, random_filters
from ui.shared.charts import show_chart
from ui.shared.visit import state_of

_SIDE = 5
_COUNT = 16
# Two of them and a table side by side on a laptop.
_PICTURE_PX = 280


@dataclass
class _Random:
    seed: int = 1


def show_demo(image: NDArray[np.float32], name: str) -> None:
    """Shows one random filter over the image, sixteen of them with max pooling, and one to type over."""
    seed = state_of(_Random).seed
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "New seed",
            icon=":material/casino:",
            type="primary",
            on_click=_new_seed,
            help="Draws other random filters.",
        )
        st.caption(f"Seed {seed}: the same seed draws the same filters.", width="content")
    kernels = random_filters(_COUNT, _SIDE, seed)
    one, sixteen, own = st.tabs(["One filter", "Sixteen filters", "Your own filter"])
    with one:
        _over(image, kernels[0], name, "random")
    with sixteen:
        _show_sixteen(image, kernels)
    with own:
        _show_classic(image, name)


def _show_sixteen(image: NDArray[np.float32], kernels: NDArray[np.float64]) -> None:
    st.markdown("Each filter gives another feature map of the same digit: one image becomes sixteen feature maps.")
    maps = np.array([convolve_same(image, kernel) for kernel in kernels])
    pooled = max_pool(maps)
    with st.container(horizontal=True):
        _sheet(maps, "16 feature maps, 28 x 28", "random-maps")
        _sheet(pooled, "After max pooling: 14 x 14", "random-pooled")
    st.markdown(
        f"Max pooling keeps the largest of each block of 2 x 2: **{maps.size:,} numbers become {pooled.size:,}**. "
        "Small shifts of the digit matter less, and a dense layer behind it needs a quarter of the weights."
    )


def _show_classic(image: NDArray[np.float32], name: str) -> None:
    chosen = st.selectbox(
        "Begin with",
        CLASSIC_FILTERS,
        key="classic",
        width=300,
        help="A well-known filter, whose weights can be changed below.",
    )
    # Any: Streamlit does not declare that it edits an array, whose columns are numbered.
    start: Any = np.array(CLASSIC_FILTERS[chosen], np.float64)
    columns: Any = {
        # Place 0 is the hidden index.
        place + 1: st.column_config.NumberColumn(str(place), format="%.2f")
        for place in range(len(start))
    }
    st.markdown("Type over any weight: the feature map follows at once.")
    kernel = st.data_editor(
        start,
        key=f"classic-{chosen}",
        hide_index=True,
        width=90 * len(start),
        num_rows="fixed",
        column_config=columns,
    )
    # An emptied cell counts as nothing.
    _over(image, np.nan_to_num(np.asarray(kernel, np.float64)), name, "classic")


def _over(image: NDArray[np.float32], kernel: NDArray[np.float64], name: str, key: str) -> None:
    result = convolve_same(image, kernel)
    reach = float(np.abs(result).max()) or 1.0
    with st.container(horizontal=True):
        show_chart(_picture(image, name, ColourScale(INK, 0.0, 1.0)), f"{key}-image", name)
        show_chart(
            table_figure(kernel, "filter (weights)", True),
            f"{key}-kernel",
            f"The weights of the filter, {describe_map(kernel)}",
        )
        show_chart(
            _picture(result, "feature map", ColourScale(DIVERGING, -reach, reach)),
            f"{key}-result",
            f"The feature map, {describe_map(result)}",
        )


def _picture(pixels: NDArray[Any], title: str, scale: ColourScale) -> go.Figure:
    return tile_grid_figure(TileGrid(pixels[np.newaxis], [""], title, columns=1, width_px=_PICTURE_PX), scale)


def _sheet(maps: NDArray[np.float64], title: str, key: str) -> None:
    reach = float(np.abs(maps).max()) or 1.0
    sheet = TileGrid(maps, [str(place) for place in range(len(maps))], title, columns=4)
    show_chart(tile_grid_figure(sheet, ColourScale(DIVERGING, -reach, reach)), key, f"{title}: {describe_maps(maps)}")


def _new_seed() -> None:
    state_of(_Random).seed += 1
