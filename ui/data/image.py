"""One image of the page Browse the data: a picture, a table of 784 numbers, a label and its one-hot vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from model_lib.datasets.browsing import WINDOW_SIDE, one_hot, pixel_places, window_around
from model_lib.datasets.label_errors import SOURCE, label_votes
from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.figures.data.number_table import number_table
from model_lib.figures.data.pixels import numbers_figure, picture_figure
from model_lib.figures.text.data_description import describe_numbers, describe_pixels
from model_lib.layers.receptive_field import Box
from ui.data.selection import Shown, change, pixels_by_hand
from ui.data.sheet import IMAGE_CONTAINER
from ui.shared.charts import clickable_chart
from ui.shared.figure_code import code_of_data
from ui.shared.scrolling import apply_scroll, scroll_to
from ui.shared.visit import mirrored

_NUMBERS_CONTAINER: Final = "data_numbers"
_NUMBER_PX: Final = 150
# Two of them fit beside each other on a laptop, one on a phone.
_PLACE_PX: Final = 320
_SCALES: Final = {False: "0 to 255", True: "0 to 1"}


def show_image(shown: Shown, index: int) -> None:
    """Shows the chosen image, its label, and its numbers around the chosen pixel."""
    image, label = shown.split.images[index], int(shown.split.labels[index])
    name = shown.class_names[label]
    row, column = shown.choice.pixel
    top, left = window_around(row, column)
    window = Box(top, left, top + WINDOW_SIDE, left + WINDOW_SIDE)
    key = f"{shown.stamp}-{index}-{pixels_by_hand()}"
    title = f"{shown.kind.capitalize()} {index}"
    # The name of a digit is its number.
    meaning = "" if name == str(label) else f" ({name})"
    with st.container(horizontal=True, key=IMAGE_CONTAINER):
        alt = f"{title}, label {label}{meaning}: {describe_pixels(image)}. A click chooses a pixel."
        clickable_chart(
            picture_figure(image, (row, column), window, title),
            f"data-image-{key}",
            alt,
            _open_pixel,
            code=code_of_data("data/picture", shown.source, IMAGE=index),
        )
        with st.container():
            st.markdown(f"**Label {label}**{meaning}")
            _show_dispute(shown, index, label)
            vector = " ".join(str(number) for number in one_hot(label).tolist())
            st.markdown(f"as a one-hot vector  \n`[{vector}]`")
            st.caption(
                "Ten numbers, one for each output of a network: 1 at the place of the label, 0 elsewhere. The loss "
                "compares a network's ten probabilities with them."
            )
    with st.container(horizontal=True, key=_NUMBERS_CONTAINER):
        is_scaled = st.session_state.get("data-scale", False) is True
        value = f"{image[row, column] / 255:.4f}" if is_scaled else str(image[row, column])
        numbers = numbers_figure(image, (row, column), window, is_scaled, f"Its numbers, {_SCALES[is_scaled]}")
        seen = image[window.top : window.bottom, window.left : window.right]
        alt = f"{describe_numbers(seen, row, column, value)}. A click chooses a pixel."
        code = code_of_data(
            "data/numbers", shown.source, IMAGE=index, TOP=top, LEFT=left, LARGEST=1 if is_scaled else 255
        )
        clickable_chart(numbers, f"data-numbers-{key}-{top}-{left}-{is_scaled}", alt, _choose_pixel, code=code)
        with st.container():
            with st.container(horizontal=True):
                for axis, title in enumerate(("Row", "Column")):
                    _choose_coordinate(title, axis, (row, column))
            st.segmented_control(
                "Numbers from",
                list(_SCALES),
                default=False,
                key="data-scale",
                format_func=lambda scaled: _SCALES.get(scaled, ""),
                required=True,
                help="In the file a pixel is a whole number (uint8); a network is given it divided by 255 (float32).",
            )
            st.caption(
                f"The image is {IMAGE_SIDE} x {IMAGE_SIDE} = {image.size} numbers; the table shows the "
                f"{WINDOW_SIDE} x {WINDOW_SIDE} in the large frame."
            )
    apply_scroll(IMAGE_CONTAINER)
    apply_scroll(_NUMBERS_CONTAINER)


def _show_dispute(shown: Shown, index: int, label: int) -> None:
    """Shows how five people judged the label, where it is known to be disputed."""
    votes = label_votes(shown.choice.name, index) if index in shown.disputed else None
    if votes is None:
        return
    st.warning(
        f"This label is disputed. Of five people, {votes.for_given} chose {label}, {votes.for_proposed} chose "
        f"{votes.proposed}, {votes.for_neither} chose neither.",
        icon=":material/gavel:",
    )
    st.caption("Source: C. Northcutt and others, 2021", help=f"{SOURCE}. This app goes on using the label of the file.")


def show_all_numbers(shown: Shown, index: int) -> None:
    """Shows all 784 numbers as a table that scrolls, if the visitor wants it."""
    if st.toggle(
        "All 784 numbers",
        key="data-all-numbers",
        help="The whole image as a table of 28 rows and 28 columns; on a narrow screen it scrolls.",
    ):
        is_scaled = st.session_state.get("data-scale") is True
        image = shown.split.images[index]
        st.html(number_table(image, shown.choice.pixel, is_scaled, f"{shown.kind} {index}, all its numbers"))


def show_places(shown: Shown, index: int) -> None:
    """Shows where the chosen pixel lies in the array, channels last and channels first, with the arithmetic."""
    row, column = shown.choice.pixel
    value = shown.split.images[index][row, column]
    with st.container(horizontal=True, gap="large"):
        for place in pixel_places(row, column):
            with st.container(width=_PLACE_PX):
                st.markdown(
                    f"**{place.order.capitalize()}**  \n"
                    f"`x.shape {place.shape}`  \n"
                    f"`x[{', '.join(map(str, place.index))}]` is `{value}`  \n"
                    f"offset = {place.arithmetic}"
                )
    st.caption(
        f"The offset counts the numbers before it in memory: row x {IMAGE_SIDE} + column. With one channel, grey, both "
        f"orders keep the numbers in the same place; with three colours they would not. {value} of 255 is "
        f"{value / 255:.4f} from 0 to 1."
    )


def _open_pixel(place: Sequence[int]) -> None:
    _choose_pixel(place)
    scroll_to(_NUMBERS_CONTAINER)


def _choose_pixel(place: Sequence[int]) -> None:
    change(is_click=True, pixel=(int(place[0]), int(place[1])))


def _choose_coordinate(name: str, axis: int, pixel: tuple[int, int]) -> None:
    """Shows a box for the row (axis 0) or the column (1) of the pixel: the way to it without a mouse."""

    def choose(number: int | None) -> None:
        if number is not None:
            change(pixel=tuple(number if place == axis else pixel[place] for place in range(2)))

    mirrored(
        st.number_input,
        f"{name}, 0 to {IMAGE_SIDE - 1}",
        0,
        IMAGE_SIDE - 1,
        key=f"data-pixel-{name}",
        value=pixel[axis],
        on_change=choose,
        width=_NUMBER_PX,
        help="Of the pixel in the small frame, counted from 0 at the top left.",
    )
