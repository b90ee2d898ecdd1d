"""Ten examples of the chosen augmentation, which change with its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.config.training import SETTINGS, TrainingConfig
from model_lib.datasets.augmentation import Recipe, augment_with
from model_lib.datasets.loading import CLASSES, IMAGE_SIDE, DatasetError, class_names, is_on_disk
from ui.shared.loaders import dataset
from ui.shared.visit import state_of

_SETTINGS: Final = ("augmentation", "augmentation_strength", "allographs", "broken_strokes", "tremor_px")
_ENLARGED: Final = 3
_COLUMNS: Final = 5
_GAP: Final = 2


@dataclass
class _Examples:
    """Which ten examples the visitor sees."""

    number: int = 5  # of MNIST: all easy to read


@st.fragment
def show_examples(config: TrainingConfig) -> None:
    """Shows an image of each class as it is, and below it as one epoch would see it.

    Nothing is shown without augmentation, beside a setting that is impossible, and of a data set that is not here yet.
    """
    is_possible = all(SETTINGS[name].allows(getattr(config, name)) for name in _SETTINGS)
    if not is_possible or config.augmentation == "none" or not is_on_disk(config.dataset):
        return
    try:
        picture = _picture(config.dataset, config.recipe, state_of(_Examples).number)
    except (DatasetError, ValueError):  # gone, or an image set without any image of a label
        return
    names = ", ".join(class_names(config.dataset))
    st.image(
        picture,
        "Each image as it is, and below it what this augmentation makes of it in one epoch.",
        width="stretch",
        alt=f"Ten pairs of images, one each of {names}: above as it is, below moved and bent by the chosen settings",
    )
    st.button("Other examples", icon=":material/shuffle:", on_click=_show_others)


def _show_others() -> None:
    state_of(_Examples).number += 1


@st.cache_data(max_entries=256, show_spinner=False)
def _picture(name: str, recipe: Recipe, number: int) -> NDArray[np.uint8]:
    """Returns the picture, RGBA; the same number gives the same images and random numbers to every recipe."""
    train = dataset(name).train
    rng = np.random.default_rng(number)
    indices = [rng.choice(np.flatnonzero(train.labels == label)) for label in range(CLASSES)]
    before = train.images[indices]
    after = augment_with(before, rng, recipe, train.labels[indices])
    cell = IMAGE_SIDE + _GAP
    picture = np.zeros((CLASSES // _COLUMNS * (2 * cell + 2 * _GAP), _COLUMNS * cell, 4), np.uint8)
    for place in range(CLASSES):
        row, column = divmod(place, _COLUMNS)
        for line, image in enumerate((before[place], after[place])):
            top, left = row * (2 * cell + 2 * _GAP) + line * cell, column * cell
            tile = picture[top : top + IMAGE_SIDE, left : left + IMAGE_SIDE]
            tile[..., :3], tile[..., 3] = image[..., None], 255
    return picture[: -3 * _GAP, :-_GAP].repeat(_ENLARGED, axis=0).repeat(_ENLARGED, axis=1)
