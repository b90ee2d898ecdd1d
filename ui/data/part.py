"""What the images of a part are for: which ones are held out for validation, and what is known of their labels."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st

from model_lib.config.presets import PRESET_TABLE
from model_lib.config.splits import held_out_images
from model_lib.config.training import (
    SETTINGS,
    TrainingConfig,
    learnt_images,
    with_dataset,
)
from model_lib.datasets.label_errors import CHECKED_LABELS
from model_lib.datasets.loading import TRAINING_IMAGES
from model_lib.number_format import percent
from ui.data.selection import Shown, has_parts, held_out

_VALIDATION: Final = SETTINGS["validation"]


def show_part(shown: Shown) -> None:
    """Says how many images are shown of how many, what they are for, and whether disputed labels are known."""
    st.markdown(f"{len(shown.indices):,} of {len(shown.part.labels):,} {shown.kind}s")
    if not has_parts(shown.choice.name):
        return
    name = shown.choice.name
    if shown.choice.part == "validation":
        _show_validation(shown, name)
    elif shown.choice.part == "train":
        st.caption(
            f"The last {len(held_out(name)):,} of them are held out where a run validates on them. "
            + _labels_in_words(shown)
        )
    else:
        st.caption("For the final evaluation: no network here is trained on them. " + _labels_in_words(shown))


def _show_validation(shown: Shown, name: str) -> None:
    held = held_out(name)
    st.caption(
        f"These are the last {percent(len(held) / TRAINING_IMAGES[name], 0)} of the training images, {held.start} to "
        f"{held.stop - 1} (held-out images). A run whose setting “{_VALIDATION.label}” is “"
        f"{_VALIDATION.choices['last']}” is not trained on them: after every epoch it measures loss and accuracy on "
        "them. So settings can be chosen without a look at the test images. " + _writers_in_words(shown)
    )
    with st.expander("Which images each network of the list holds out", key="data_held_out"):
        st.table(_splits(name), border="horizontal", hide_index=True)
        st.caption("As the form on Train is filled in at first; there each share can be changed.")


def _writers_in_words(shown: Shown) -> str:
    """Says who drew the validation images, where that is known."""
    writers = shown.split.writers
    if writers is None:
        return ""
    inside, before = np.unique(writers[shown.first :]), np.unique(writers[: shown.first])
    persons = ", ".join(str(writer) for writer in inside.tolist())
    both = np.intersect1d(inside, before).tolist()
    shared = f"; of person {both[0]} some digits are among the others too" if both else ""
    return f"Persons {persons} drew them{shared}."


def _splits(name: str) -> dict[str, list[str]]:
    """Returns, as the columns of a table, how the settings of each preset split the training images of a data set."""
    configs = [with_dataset(preset.config, name) for preset in PRESET_TABLE.values()]
    return {
        "network": [preset.title for preset in PRESET_TABLE.values()],
        "trained on": [f"{learnt_images(config):,} images" for config in configs],
        "validated on": [_validation_in_words(config) for config in configs],
    }


def _validation_in_words(config: TrainingConfig) -> str:
    if config.validation == "last":
        return f"the last {len(held_out_images(config)):,} training images"
    return _VALIDATION.choices[config.validation]


def _labels_in_words(shown: Shown) -> str:
    if len(shown.disputed):
        return (
            f"Five people checked {CHECKED_LABELS} of their labels; {len(shown.disputed)} are disputed, marked with a "
            "question mark."
        )
    return "No disputed label is known among them: no check of their labels by people is part of this app."
