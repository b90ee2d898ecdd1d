"""The visitor's own digits as training data: a tick, what stands beside them, and how many there must be."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from model_lib.config.training import SETTINGS, TrainingConfig
from model_lib.datasets.loading import CLASSES
from model_lib.datasets.own_split import split_own_digits, too_few_digits
from model_lib.datasets.user_digits import UserDigitSet
from ui.shared.user_digits import own_collection

_REPLAY: Final = SETTINGS["replay"]


def choose_own_digits(usual: TrainingConfig, key: str, is_trained_on: bool) -> dict[str, Any]:
    """Offers the visitor's own digits, once there are some, and what of the data set stands beside them.

    Args:
        usual: the settings that the form starts from.
        key: of the tick.
        is_trained_on: whether the form goes on from a run, and says also to a visitor without digits where they are
            drawn.

    Returns:
        The settings `own_digits` and `replay`.
    """
    own = own_collection()
    if not len(own):
        if is_trained_on:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(str(too_few_digits(0)), width="content")
                st.page_link("pages/draw.py", label="Draw digits", icon=":material/draw:")
        return {"own_digits": "", "replay": "all"}
    is_mixed = st.checkbox(
        f"Mix in my own digits ({len(own):,})",
        usual.own_digits == own.folder.name,
        key=key,
        help=SETTINGS["own_digits"].help,
    )
    if not is_mixed:
        return {"own_digits": "", "replay": "all"}
    replay = st.selectbox(
        _REPLAY.label,
        options := list(_REPLAY.choices),
        options.index(usual.replay if usual.own_digits else "all"),
        format_func=_REPLAY.choices.__getitem__,
        key=f"{key}-replay",
        help=_REPLAY.help,
    )
    if (is_trained_on or replay != "all") and not (replay != "all" and too_few_digits(len(own))):
        st.caption(_split_in_words(own))
    return {"own_digits": own.folder.name, "replay": replay}


def show_problem_of_own_digits(config: TrainingConfig) -> bool:
    """Says if the visitor has too few digits for these settings, and where to get more; returns whether that is so."""
    if not config.own_digits or config.replay == "all":
        return False
    problem = too_few_digits(len(own_collection()))
    if problem is None:
        return False
    st.error(
        f'{problem} Draw and label more, or choose "{_REPLAY.choices["all"]}" as "{_REPLAY.label}".',
        icon=":material/error:",
    )
    with st.container(horizontal=True):
        st.page_link("pages/draw.py", label="Draw digits", icon=":material/draw:")
        st.page_link("pages/my_digits.py", label="My digits", icon=":material/folder_shared:")
    return True


def _split_in_words(own: UserDigitSet) -> str:
    """Says how many digits are held out, and which classes have none."""
    split = split_own_digits(own.digits())
    held_out, missing = len(split.held_out.labels), sorted(set(range(CLASSES)) - set(split.training.labels.tolist()))
    text = f"Trained on {len(split.training.labels):,} of them; "
    text += f"{held_out:,} are held out to test it." if held_out else "none is held out to test it."
    if missing:
        text += f" None of the former is a {', '.join(map(str, missing))}: the network may forget what it is not shown."
    return text
