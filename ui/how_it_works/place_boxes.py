"""Boxes for the row and the column of a number in a picture: the way to it without a mouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from ui.shared.visit import mirrored


def choose_place(
    key: str,
    words: Mapping[str, str],
    help_name: str,
    place: tuple[int, int],
    last: int,
    choose: Callable[[Sequence[int]], None],
    width_px: int = 100,
) -> None:
    """Shows two boxes beside each other.

    Args:
        key: begins the keys of both.
        words: of the screen, with the labels "row" and "column".
        help_name: which of them explains both.
        place: row and column, from 0.
        last: the largest row, and the largest column.
        choose: is given the new row and column.
        width_px: of each box.
    """

    def change(axis: int) -> Callable[[int | None], None]:
        def on_change(number: int | None) -> None:
            if number is not None:
                choose([number if each == axis else place[each] for each in range(2)])

        return on_change

    for axis, name in enumerate(("row", "column")):
        mirrored(
            st.number_input,
            words[name],
            0,
            last,
            key=f"{key}_{name}",
            value=place[axis],
            on_change=change(axis),
            help=words[help_name],
            width=width_px,
        )
