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
from ui.shared.figure_code import FigureCode, code_of_data, image_source, show_code
from ui.shared.loaders import ChosenImage
from ui.shared.selection import selected_run
from ui.shared.visit import state_of

_SIDE = 5
_COUNT = 16
# Two of them and a table side by side on a laptop.
_PICTURE_PX = 280


@dataclass
class _Random:
    seed: int = 1


def show_demo(image: ChosenImage) -> None:
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
        _over(image, kernels[0], "random", _code("random_filters", image, SEED=seed, FILTERS=1, POOLED=False))
    with sixteen:
        _show_sixteen(image, kernels, seed)
    with own:
        _show_classic(image)


def _show_sixteen(image: ChosenImage, kernels: NDArray[np.float64], seed: int) -> None:
    st.markdown("Each filter gives another feature map of the same digit: one image becomes sixteen feature maps.")
    maps = np.array([convolve_same(image.pixels, kernel) for kernel in kernels])
    pooled = max_pool(maps)
    with st.container(horizontal=True):
        _sheet(maps, "16 feature maps, 28 x 28", "random-maps")
        _sheet(pooled, "After max pooling: 14 x 14", "random-pooled")
    show_code(_code("random_filters", image, SEED=seed))
    st.markdown(
        f"Max pooling keeps the largest of each block of 2 x 2: **{maps.size:,} numbers become {pooled.size:,}**. "
        "Small shifts of the digit matter less, and a dense layer behind it needs a quarter of the weights."
    )


def _show_classic(image: ChosenImage) -> None:
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
    weights = np.nan_to_num(np.asarray(kernel, np.float64))
    _over(image, weights, "classic", _code("convolution", image, KERNEL=weights.tolist()))


def _code(name: str, image: ChosenImage, **values: Any) -> FigureCode:
    source, index = image_source(selected_run(), image)
    return code_of_data(f"further_inside/{name}", source, IMAGE=index, **values)


def _over(image: ChosenImage, kernel: NDArray[np.float64], key: str, code: FigureCode) -> None:
    result = convolve_same(image.pixels, kernel)
    reach = float(np.abs(result).max()) or 1.0
    with st.container(horizontal=True):
        picture = _picture(image.pixels, image.title, ColourScale(INK, 0.0, 1.0))
        show_chart(picture, f"{key}-image", image.title)
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
    show_code(code)


def _picture(pixels: NDArray[Any], title: str, scale: ColourScale) -> go.Figure:
    return tile_grid_figure(TileGrid(pixels[np.newaxis], [""], title, columns=1, width_px=_PICTURE_PX), scale)


def _sheet(maps: NDArray[np.float64], title: str, key: str) -> None:
    reach = float(np.abs(maps).max()) or 1.0
    sheet = TileGrid(maps, [str(place) for place in range(len(maps))], title, columns=4)
    show_chart(tile_grid_figure(sheet, ColourScale(DIVERGING, -reach, reach)), key, f"{title}: {describe_maps(maps)}")


def _new_seed() -> None:
    state_of(_Random).seed += 1
