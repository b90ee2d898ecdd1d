"""Boxes for numbers that return what stands in them, and what such a number must be, in the words of the page."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from ui.shared.streamlit_workarounds import is_reported
from ui.shared.wording import as_written

# JavaScript and Python agree on whole numbers up to here.
_LARGEST_EXACT = 2**53


def number_box(
    label: str,
    value: float | None,
    *,
    key: str,
    is_whole: bool = False,
    step: float = 1,
    placeholder: str | None = None,
    help: str | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> int | float | None:
    """Shows a box for a number and returns what stands in it, in its range or not.

    Streamlit's own box for whole numbers truncates 1.5 to 1, drops numbers above 2^53, and refills an emptied box with
    its initial value. This box is always one for floats without an initial value, so that the number that is checked
    is the number that the visitor sees.

    Args:
        label: what stands above the box.
        value: the number at first; None for an empty box.
        key: of the widget, by which its number is kept as long as the box is shown.
        is_whole: whether the number should be whole; nothing is refused here.
        step: what the arrows add and subtract.
        placeholder: stands in the box while it is empty.
        help: the tooltip of the question mark.
        width: in pixels, or "stretch".

    Returns:
        The number, as an `int` if it should be whole and is; None if the box is empty.
    """
    if key not in st.session_state:
        st.session_state[key] = None if value is None else float(value)
    elif not is_reported(key):
        # Set again: a click breaks the page's run off, and what that run had not sent yet is dropped. The next one
        # would tell the browser of an empty box.
        st.session_state[key] = st.session_state[key]
    entered: float | None = st.number_input(
        label,
        value=None,
        step=float(step),
        format="%g",
        key=key,
        placeholder=placeholder,
        help=help,
        width=width,
    )
    if entered is not None and is_whole and entered.is_integer() and abs(entered) <= _LARGEST_EXACT:
        return int(entered)
    return entered


def needed_number(label: str, allowed: tuple[float, float], is_whole: bool, received: object) -> str:
    """Says which number a box needs and what stands in it, as Markdown.

    Args:
        label: what stands above the box.
        allowed: the lowest and the highest number, both allowed, in the unit of the box.
        is_whole: whether only whole numbers are allowed.
        received: what stands in the box; None if it is empty.
    """
    kind = "a whole number" if is_whole else "a number"
    low, high = (as_written(end) for end in allowed)
    ends = "The box is empty." if received is None else f"Received: {as_written(received)}."
    return f'"{label}" must be {kind} from {low} to {high}. {ends}'
