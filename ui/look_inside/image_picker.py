"""A sheet of test images to choose from by a click."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from model_lib.figures.array_image import ColourScale
from model_lib.figures.style import INK
from model_lib.figures.tile_grid import TileGrid, tile_grid_figure
from ui.shared.charts import clickable_chart
from ui.shared.figure_code import code_of_data, test_images
from ui.shared.loaders import chosen_image, dataset_of
from ui.shared.selection import select_test_image, selected_run
from ui.shared.visit import Once, state_of

_IMAGES_PER_SHEET = 60


@dataclass
class _Clicked:
    image: Once[bool] = field(default_factory=Once)


@st.fragment
def show() -> None:
    """Shows the sheet when it is wished. A click on an image makes it the chosen one, on all pages."""
    if not st.toggle(
        "Choose from a sheet",
        key="sheet-is-open",
        help="Shows 60 test images at once; a click chooses one for all pages.",
    ):
        return
    run = selected_run()
    test = dataset_of(run).test
    chosen = chosen_image(run).index
    last = (len(test.labels) - 1) // _IMAGES_PER_SHEET
    number = st.number_input(
        f"Sheet, 0 to {last}",
        0,
        last,
        (chosen or 0) // _IMAGES_PER_SHEET,
        key="image-sheet",
        step=1,
        help="60 test images a sheet, in the order of the test set.",
    )
    first = (number or 0) * _IMAGES_PER_SHEET
    tiles = test.images[first : first + _IMAGES_PER_SHEET]
    places = range(first, first + len(tiles))
    hovers = [f"test image {place}, label {test.labels[place]}" for place in places]
    grid = TileGrid(
        tiles.astype(np.float32),
        [str(place) for place in places],
        "Click an image",
        hovers,
        list(places),
        columns=12,
        width_px=900,
        chosen=None if chosen is None else chosen - first,
    )
    figure = tile_grid_figure(grid, ColourScale(INK, 0.0, 255.0))
    code = code_of_data("data/sheet", test_images(run), FIRST=first, COUNT=_IMAGES_PER_SHEET)
    clickable_chart(figure, f"image-sheet-{first}", f"Test images {first} to {places[-1]}", _take, code=code)
    if state_of(_Clicked).image.take():
        st.rerun()


def _take(index: int) -> None:
    select_test_image(index)
    # The whole page speaks of the image, not only this part of it.
    state_of(_Clicked).image.put(True)
