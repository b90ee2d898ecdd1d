"""One output number of a layer: what it saw of the image, and its arithmetic, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import streamlit as st

from model_lib.figures.layer_outputs import feature_map_figure, receptive_field_figure
from model_lib.figures.text.description import describe_map
from model_lib.layers.layer_info import LayerOutput, LayerView
from model_lib.layers.layer_reader import LayerReader
from model_lib.layers.receptive_field import Box, receptive_field
from ui.look_inside.selection import choose_pixel, current_choice
from ui.look_inside.trace import show_trace
from ui.shared.charts import clickable_chart, clicked, show_chart
from ui.shared.figure_code import FigureCode, code_of_image, code_of_picture, show_code
from ui.shared.loaders import ChosenImage
from ui.shared.scrolling import apply_scroll, scroll_to
from ui.shared.selection import selected_run
from ui.shared.visit import mirrored, state_of

# Key of the container in which one output number stands, with its pictures, and of its arithmetic alone.
OUTPUT_CONTAINER: Final = "one_output"
_NUMBERS_CONTAINER: Final = "arithmetic"


@st.fragment
def show_pixel(reader: LayerReader, maps: Mapping[str, LayerOutput], image: ChosenImage) -> None:
    """Shows the chosen output number. A click on another pixel redraws only this part."""
    from model_lib.layers.output_trace import explain_output

    choice = current_choice(reader.views)
    view, unit = choice.view, choice.unit
    after = maps[view.name].activation
    position: tuple[int, ...] = (unit,)
    if view.is_image:
        # Before the first click: where the map answers most, so that there is something to see.
        strongest = np.unravel_index(int(after[..., unit].argmax()), after.shape[:2])
        row, column = choice.pixel or (int(strongest[0]), int(strongest[1]))
        position = (row, column, unit)
        st.markdown("Click a pixel of the map: how it was computed stands below.")
    seen = receptive_field(reader.views, view.name, position)
    pictures, numbers = st.container(), st.container(key=_NUMBERS_CONTAINER)
    # The numbers first: a browser takes longer over the pictures.
    with numbers:
        trace = explain_output(reader, maps, view.name, position)
        channel = show_trace(trace, reader.views, view, position)
        if (code := _code_of_arithmetic(view, position, channel, image)) is not None:
            show_code(code)
    with pictures:
        with st.container(horizontal=True):
            if view.is_image:
                title = f"{view.title}, map {unit}"
                key = f"map-{view.name}-{unit}"
                framed = _framed_pixel(key, (row, column), image)
                figure = feature_map_figure(after[..., unit], framed, title, after)
                alt = f"{title}, {describe_map(after[..., unit])}. A click chooses a pixel."
                choice_of_map = {"LAYER": view.name, "FILTER": unit, "ROW": row, "COLUMN": column}
                code = code_of_image("look_inside/feature_map", selected_run(), image, **choice_of_map)
                clickable_chart(figure, key, alt, _open_pixel, code=code)
            title = f"{seen.height} x {seen.width} pixels seen"
            alt = f"{image.title}: {title}, framed"
            code = _code_of_seen(view, position, seen, image)
            show_chart(receptive_field_figure(image.pixels, seen, title), "seen", alt, code=code)
        if view.is_image:
            with st.container(horizontal=True):
                for axis, name in enumerate(("Row", "Column")):
                    _choose_coordinate(name, axis, (row, column), view)
    apply_scroll(OUTPUT_CONTAINER)
    apply_scroll(_NUMBERS_CONTAINER)


def _code_of_arithmetic(
    view: LayerView, position: tuple[int, ...], channel: int, image: ChosenImage
) -> FigureCode | None:
    """Returns the code of the arithmetic; None where it has no picture.

    Args:
        view: the layer.
        position: of the output number.
        channel: the input map whose products are shown, of a convolution.
        image: the chosen one.
    """
    program = {
        "Conv2D": "convolution_output",
        "Dense": "dense_output",
        "MaxPooling2D": "pooling_output",
        "AveragePooling2D": "pooling_output",
        "GlobalAveragePooling2D": "mean_output",
    }.get(view.kind)
    if program is None:
        return None
    values: dict[str, Any] = {"LAYER": view.name}
    if view.kind == "Dense":
        values["POSITION"] = position
    else:
        values |= zip(("FILTER", "COLUMN", "ROW"), reversed(position), strict=False)
    if view.kind == "Conv2D":
        values["CHANNEL"] = channel
    return code_of_image(f"look_inside/{program}", selected_run(), image, **values)


def _code_of_seen(view: LayerView, position: tuple[int, ...], seen: Box, image: ChosenImage) -> FigureCode | None:
    """Returns the code of the receptive field; of a unit only where it is the whole image."""
    if view.is_image:
        values = {"LAYER": view.name, "ROW": position[0], "COLUMN": position[1]}
        return code_of_image("look_inside/receptive_field", selected_run(), image, **values)
    return code_of_picture(selected_run(), image) if (seen.height, seen.width) == image.pixels.shape else None


def _open_pixel(place: Sequence[int]) -> None:
    row, column = place
    choose_pixel(row, column)
    scroll_to(_NUMBERS_CONTAINER)


def _choose_coordinate(name: str, axis: int, pixel: tuple[int, int], view: LayerView) -> None:
    """Shows a box for the row (axis 0) or the column (1) of the pixel: the way to it without a mouse."""

    def choose(number: int | None) -> None:
        if number is not None:
            choose_pixel(*(number if place == axis else pixel[place] for place in range(2)))
            state_of(_Framed).by_chart.clear()  # the last click, which stays the chart's selection, is outdated

    last = view.shape[axis] - 1
    mirrored(
        st.number_input,
        f"{name}, 0 to {last}",
        0,
        last,
        key=f"look-inside-pixel-{name}",
        value=pixel[axis],
        on_change=choose,
        width=150,
        help="Of the output number whose arithmetic is shown, counted from 0.",
    )


def _framed_pixel(key: str, pixel: tuple[int, int], image: ChosenImage) -> tuple[int, int]:
    """Returns the pixel that the figure is to frame: another one only where the browser has not framed it already.

    A figure that stays the same is not sent and not drawn again, which is a third of the wait after a click.
    """
    framed = state_of(_Framed).by_chart
    is_framed_by_the_click = clicked(key) == list(pixel)
    if key not in framed or framed[key].image != image.title or not is_framed_by_the_click:
        framed[key] = _Frame(image.title, pixel)
    return framed[key].pixel


@dataclass(frozen=True)
class _Frame:
    image: str
    pixel: tuple[int, int]


@dataclass
class _Framed:
    """The frame in each chart of this visit as it was sent last."""

    by_chart: dict[str, _Frame] = field(default_factory=dict)
