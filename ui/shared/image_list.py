"""A list of the images of a sheet: the way to one of them without a mouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st


def choose_listed_image(label: str, titles: Mapping[int, str], key: str, on_choose: Callable[[int], None]) -> None:
    """Shows a list beside a sheet whose images can be clicked; a choice does the same as a click.

    Args:
        label: of the list.
        titles: what a visitor calls each image, by its index in the test set, in the order of the sheet.
        key: a stable name; another one for other images.
        on_choose: is given the index, before the page (or its fragment) runs again.
    """
    list_key = f"list-{key}"

    def choose() -> None:
        index = st.session_state[list_key]
        if index is not None:
            on_choose(index)

    st.selectbox(
        label,
        list(titles),
        index=None,
        format_func=lambda index: titles.get(index, str(index)),
        key=list_key,
        on_change=choose,
        placeholder="Choose or type a number",
        width=400,
    )
