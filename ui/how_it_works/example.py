"""The real image whose numbers the screens show: one of MNIST's test images, the same on all screens."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.shared.loaders import dataset
from ui.shared.url_state import UrlState
from ui.shared.visit import mirrored

_FIRST: Final = 0  # a clear 7, also the first image of most tutorials
_MOST_DIGITS: Final = 5


@dataclass(frozen=True)
class Example:
    """One test image of MNIST.

    Args:
        index: its place in the test set.
        pixels: (28, 28) uint8, 0 (black) to 255 (white).
        label: 0 to 9.
    """

    index: int
    pixels: NDArray[np.uint8]
    label: int


def _parse(parameters: Mapping[str, str]) -> int:
    text = parameters.get("example", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else _FIRST


_CHOICE: Final = UrlState(("example",), _parse, lambda index: {} if index == _FIRST else {"example": str(index)})


def current_example() -> Example:
    """Returns the chosen image; one that does not exist gives the first."""
    _CHOICE.write()
    test = dataset("mnist").test
    index = _CHOICE.value if _CHOICE.value < len(test.labels) else _FIRST
    return Example(index, test.images[index], int(test.labels[index]))


def choose_example() -> Example:
    """Lets the visitor choose the image, by its number or by chance, and returns it."""
    count = len(dataset("mnist").test.labels)
    index = current_example().index
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mirrored(
            st.number_input,
            f"Test image, 0 to {count - 1}",
            0,
            count - 1,
            key="example_number",
            value=index,
            on_change=_CHOICE.set,
            width=180,
        )
        st.button(
            "Another image",
            icon=":material/casino:",
            key="another_example",
            on_click=lambda: _CHOICE.set(random.randrange(count)),
        )
    return current_example()
