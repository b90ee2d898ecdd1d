"""Max pooling: the largest of each block of a real feature map, and how little a small shift then changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from model_lib.concepts.windows import pool, relative_difference, shifted
from model_lib.figures.concepts.bars import shares_figure
from model_lib.figures.concepts.tables import number_table, window_picture
from model_lib.layers.receptive_field import Box
from ui.how_it_works.example import choose_example
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.place_boxes import choose_place
from ui.how_it_works.ready_made import first_feature_maps
from ui.how_it_works.texts import ScreenText
from ui.shared.charts import clickable_chart, show_chart
from ui.shared.visit import state_of

_PIECE: Final = 4
_BLOCK: Final = 2
_SHIFTS: Final = (0, 1, 2)
_UNITS: Final = 128
_FIRST_FILTER: Final = 4


@dataclass
class _Chosen:
    """Row and column of the block with the frame."""

    block: tuple[int, int] = (0, 0)


def show(text: ScreenText) -> None:
    """Shows a piece of a feature map with its blocks, the whole map before and after, and what a shift changes."""
    words = text.words
    row, column = state_of(_Chosen).block
    controls, picture = controls_beside_picture("pooling")
    with controls:
        example = choose_example()
        channels = first_feature_maps(example.pixels).shape[-1]
        chosen = st.slider(
            words["filter"], 0, channels - 1, _FIRST_FILTER, help=words["filter_help"], key="pooling_filter"
        )
        shift = st.select_slider(words["shift"], _SHIFTS, 1, key="pooling_shift", help=words["shift_help"])
        with st.container(horizontal=True, vertical_alignment="bottom"):
            choose_place("pooling", words, "block_help", (row, column), 1, _choose)
            st.button(words["next"], icon=":material/navigate_next:", on_click=_next, key="pooling_next")
    before = first_feature_maps(example.pixels)[..., chosen]
    maps = first_feature_maps(shifted(example.pixels, shift))
    feature_map = maps[..., chosen]
    pooled = pool(feature_map)
    # An even place, so that the blocks of the piece are those of the map.
    peak = np.unravel_index(int(feature_map.argmax()), feature_map.shape)
    top, left = (int(np.clip(place // _BLOCK * _BLOCK - _BLOCK, 0, len(feature_map) - _PIECE)) for place in peak)
    piece = feature_map[top : top + _PIECE, left : left + _PIECE]
    block = piece[row * _BLOCK : (row + 1) * _BLOCK, column * _BLOCK : (column + 1) * _BLOCK]
    changes = {
        "map_change": relative_difference(before, feature_map),
        "mean_change": relative_difference(pool(before, kind="mean"), pool(feature_map, kind="mean")),
        "max_change": relative_difference(pool(before), pooled),
    }
    numbers = {name: f"{value:.2f}" for name, value in changes.items()} | {
        "filter": chosen,
        "index": example.index,
        "shift": shift,
        "row": row,
        "column": column,
        "block": ", ".join(f"{number:.2f}" for number in block.ravel().tolist()),
        "largest": f"{block.max():.2f}",
        "before": feature_map.size,
        "after": pooled.size,
        "dense_before": maps.size * _UNITS,
        "dense_after": maps.size // _BLOCK**2 * _UNITS,
    }
    with picture:
        with st.container(horizontal=True, gap="small"):
            frame = Box(row * _BLOCK, column * _BLOCK, (row + 1) * _BLOCK, (column + 1) * _BLOCK)
            show_chart(
                number_table(piece, words["piece"], frame, is_signed=True),
                "pooling_piece",
                words["alt_piece"].format(**numbers),
            )
            clickable_chart(
                number_table(pool(piece), words["pooled"], Box(row, column, row + 1, column + 1), is_signed=True),
                f"pooling_pooled_{example.index}_{chosen}_{shift}_{row}_{column}",
                words["alt_pooled"].format(**numbers),
                _choose,
            )
            figure = shares_figure(
                words["names"].split("|")[::-1], list(changes.values())[::-1], words["change"], words["change_axis"]
            )
            show_chart(figure, "pooling_change", words["alt_change"].format(**numbers))
        st.markdown(words["largest"].format(**numbers))
        with st.container(horizontal=True, gap="small"):
            place = Box(top, left, top + _PIECE, left + _PIECE)
            show_chart(
                window_picture(feature_map, words["map"], place), "pooling_map", words["alt_map"].format(**numbers)
            )
            half = Box(top // _BLOCK, left // _BLOCK, top // _BLOCK + _BLOCK, left // _BLOCK + _BLOCK)
            show_chart(window_picture(pooled, words["pooled_map"], half), "pooling_small", words["alt_pooled_map"])


def _choose(place: Sequence[int]) -> None:
    state_of(_Chosen).block = (int(place[0]), int(place[1]))


def _next() -> None:
    row, column = state_of(_Chosen).block
    _choose(divmod((2 * row + column + 1) % 4, 2))
