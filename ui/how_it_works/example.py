"""The real image whose numbers the screens show: one of MNIST's test images, the same on all screens."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.how_it_works.texts import frame_words
from ui.shared.loaders import dataset
from ui.shared.url_state import UrlState
from ui.shared.visit import mirrored

_FIRST: Final = 0  # a clear 7, also the first image of most tutorials
_MOST_DIGITS: Final = 5
_PICTURE_PX: Final = 64
_ENLARGED: Final = 6


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


def _parse(parameters: Mapping[str, str]) -> int | None:
    text = parameters.get("example", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


_CHOICE: Final[UrlState[int | None]] = UrlState(
    ("example",), _parse, lambda index: {} if index is None else {"example": str(index)}
)


def _current_example(first: int) -> Example:
    """Returns the chosen image; before any choice, or where it does not exist, the first."""
    _CHOICE.write()
    test, chosen = dataset("mnist").test, _CHOICE.value
    index = first if chosen is None or chosen >= len(test.labels) else chosen
    return Example(index, test.images[index], int(test.labels[index]))


def choose_example(first: int = _FIRST) -> Example:
    """Lets the visitor choose the image, by its number or by chance, beside its picture, and returns it.

    Args:
        first: the image of this screen as long as none is chosen.
    """
    words = frame_words()
    example = _current_example(first)
    count = len(dataset("mnist").test.labels)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        # By its own means the browser would blur so small a picture.
        st.image(
            example.pixels.repeat(_ENLARGED, axis=0).repeat(_ENLARGED, axis=1),
            caption=words["example_caption"].format(label=example.label),
            alt=words["example_alt"].format(index=example.index, label=example.label),
            width=_PICTURE_PX,
        )
        mirrored(
            st.number_input,
            words["example"],
            0,
            count - 1,
            key="example_number",
            value=example.index,
            on_change=_CHOICE.set,
            help=words["example_help"],
            width=132,
        )
        st.button(
            words["another"],
            icon=":material/casino:",
            key="another_example",
            on_click=lambda: _CHOICE.set(random.randrange(count)),
        )
    return example
