"""One output number of a layer: what it saw of the image, and its arithmetic, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from model_lib.figures.feature_maps import map_figure, seen_figure
from model_lib.layers import LayerMaps
from model_lib.receptive_fields import receptive_field
from ui.charts import clickable_chart, show_chart
from ui.loaders import ChosenImage
from ui.look_inside_arithmetic import show_arithmetic
from ui.look_inside_choice import choose_number, choose_pixel, current_choice

if TYPE_CHECKING:
    from model_lib.features import FeatureReader


@st.fragment
def show_pixel(reader: FeatureReader, maps: Mapping[str, LayerMaps], image: ChosenImage) -> None:
    """Shows the chosen output number. A click on another pixel redraws only this part."""
    from model_lib.arithmetic import explain_output

    choice = current_choice(reader.views)
    view, unit = choice.view, choice.unit
    after = maps[view.name].after
    st.subheader(f"The arithmetic of one output {'pixel' if view.is_image else 'number'}")
    position: tuple[int, ...] = (unit,)
    if view.is_image:
        # Before the first click: where the map answers most, so that there is something to see.
        strongest = np.unravel_index(int(after[..., unit].argmax()), after.shape[:2])
        row, column = choice.pixel or (int(strongest[0]), int(strongest[1]))
        position = (row, column, unit)
        st.markdown("Click a pixel of the map: below stands how the network worked it out.")
    seen = receptive_field(reader.views, view.name, position)
    pictures, numbers = st.container(), st.container()
    # The numbers first: a browser takes longer over the pictures.
    with numbers:
        show_arithmetic(explain_output(reader, maps, view.name, position), reader, view, position)
    with pictures:
        with st.container(horizontal=True):
            if view.is_image:
                title = f"{view.title}, map {unit}"
                figure = map_figure(after[..., unit], (row, column), title, after)
                alt = f"{title}; the pixel in row {row}, column {column} is framed. A click chooses another."
                clickable_chart(figure, f"map-{view.name}-{unit}", alt, lambda place: choose_pixel(*place))
            title = f"{image.title}: {seen.height} x {seen.width} pixels seen"
            show_chart(seen_figure(image.pixels, seen, title, 400), "seen", f"{title}, framed")
        if view.is_image:
            choose_number("Map", view, unit)
