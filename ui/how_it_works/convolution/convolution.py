"""Convolution: nine products make one number of the feature map, cell by cell, on a piece of a real image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.concepts.windows import convolve
from model_lib.figures.concepts.tables import number_table, window_picture
from model_lib.layers.convolution_demo import CLASSIC_FILTERS
from model_lib.layers.receptive_field import Box
from ui.how_it_works.example import Example, choose_example
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.place_boxes import choose_place
from ui.how_it_works.texts import ScreenText
from ui.shared.charts import clickable_chart, show_chart
from ui.shared.visit import state_of

_PIECE: Final = 5
_SIDE: Final = 3
_CELLS: Final = _PIECE - _SIDE + 1
_FILTERS: Final = tuple(name for name, kernel in CLASSIC_FILTERS.items() if len(kernel) == _SIDE)


@dataclass
class _Cell:
    """Row and column of the cell that is worked out."""

    place: tuple[int, int] = (0, 0)


def show(text: ScreenText) -> None:
    """Shows the piece, the filter and the sums, the nine products in full, and the whole feature map."""
    words = text.words
    cell = state_of(_Cell)
    controls, picture = controls_beside_picture("convolution")
    with controls:
        example = choose_example()
        kernel = _choose_filter(words)
        top, left = _choose_piece(words, example)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            choose_place("convolution", words, "cell_help", cell.place, _CELLS - 1, _choose)
            st.button(words["next"], icon=":material/navigate_next:", on_click=_next, key="convolution_next")
    row, column = cell.place
    pixels = example.pixels / 255
    piece = pixels[top : top + _PIECE, left : left + _PIECE]
    sums, feature_map = convolve(piece, kernel), convolve(pixels, kernel)
    numbers = {
        "index": example.index,
        "row": row,
        "column": column,
        "top": top,
        "left": left,
        "total": f"{sums[row, column]:.3f}",
        "lowest": f"{feature_map.min():.2f}",
        "highest": f"{feature_map.max():.2f}",
    }
    with picture:
        with st.container(horizontal=True, gap="small"):
            window = Box(row, column, row + _SIDE, column + _SIDE)
            show_chart(
                number_table(piece, words["piece"], window), "convolution_piece", words["alt_piece"].format(**numbers)
            )
            show_chart(number_table(kernel, words["kernel"], is_signed=True), "convolution_kernel", words["alt_kernel"])
            clickable_chart(
                number_table(sums, words["result"], Box(row, column, row + 1, column + 1), is_signed=True),
                f"convolution_result_{example.index}_{top}_{left}_{row}_{column}",
                words["alt_result"].format(**numbers),
                _choose,
            )
        st.markdown(words["sum"])
        st.code(written_sum(piece[row : row + _SIDE, column : column + _SIDE], kernel), language=None, wrap_lines=True)
        with st.container(horizontal=True, gap="small"):
            place = Box(top, left, top + _PIECE, left + _PIECE)
            show_chart(
                window_picture(pixels, words["image"], place), "convolution_image", words["alt_image"].format(**numbers)
            )
            sums_there = Box(top, left, top + _CELLS, left + _CELLS)
            show_chart(
                window_picture(feature_map, words["map"], sums_there, is_signed=True),
                "convolution_map",
                words["alt_map"].format(**numbers),
            )


def written_sum(window: NDArray[np.float64], kernel: NDArray[np.float64]) -> str:
    """Returns nine products and their sum as lines, a row of the window each, which fits a phone.

    The products have one decimal more than the sum, to which they add up but for its last one.
    """
    lines = [
        " + ".join(f"{pixel:.3f} x {round(weight, 3):g}" for pixel, weight in zip(pixels, weights, strict=True))
        for pixels, weights in zip(window.tolist(), kernel.tolist(), strict=True)
    ]
    return "\n+ ".join([f"  {lines[0]}", *lines[1:]]) + f"\n= {(window * kernel).sum():.2f}"


def _choose_filter(words: Mapping[str, str]) -> NDArray[np.float64]:
    name = st.selectbox(words["filter"], _FILTERS, key="convolution_filter", help=words["filter_help"])
    st.caption(words["weights"])
    # Any: Streamlit does not declare that it edits an array, whose columns are numbered; place 0 is the hidden index.
    start: Any = np.array(CLASSIC_FILTERS[name], np.float64)
    columns: Any = {place + 1: st.column_config.NumberColumn(str(place), format="%.2f") for place in range(_SIDE)}
    edited = st.data_editor(
        start,
        key=f"convolution_weights_{name}",
        hide_index=True,
        width=90 * _SIDE,
        num_rows="fixed",
        column_config=columns,
    )
    return np.nan_to_num(np.asarray(edited, np.float64))  # an emptied cell counts as nothing


def _choose_piece(words: Mapping[str, str], example: Example) -> tuple[int, int]:
    """Lets the visitor move the piece; of a new image it begins around the middle of the topmost stroke."""
    last = example.pixels.shape[0] - _PIECE
    rows, columns = np.nonzero(example.pixels > 127)
    usual = (
        int(np.clip(rows[len(rows) // 2] - 2, 0, last)) if len(rows) else 0,
        int(np.clip(columns[len(rows) // 2] - 2, 0, last)) if len(rows) else 0,
    )
    found = []
    for name, place in zip(("top", "left"), usual, strict=True):
        key = f"convolution_{name}_{example.index}"
        found.append(st.slider(words[name], 0, last, place, help=words["piece_help"], key=key))
    return found[0], found[1]


def _choose(place: Sequence[int]) -> None:
    state_of(_Cell).place = (int(place[0]), int(place[1]))


def _next() -> None:
    row, column = state_of(_Cell).place
    _choose(divmod((row * _CELLS + column + 1) % _CELLS**2, _CELLS))
