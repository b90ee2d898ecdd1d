"""The answers of the compared networks to test images, as far as they lie in their folders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import streamlit as st

from model_lib.comparison.record import RunRecord
from model_lib.datasets.loading import is_known, title_of_test_set
from model_lib.evaluation.evaluation import Evaluation
from model_lib.storage.run import RunError
from ui.compare.chance.selection import change, current_choice
from ui.compare.stored_answers import stored_answers
from ui.shared.loaders import names_of_test_sets
from ui.shared.url_state import open_address
from ui.shared.visit import mirrored
from ui.shared.wording import in_markdown

_TO_MISTAKES: Final = "Review mistakes lets the network answer these images, and keeps the answers. Then come back."


def common_test_sets(records: Sequence[RunRecord]) -> tuple[str, ...]:
    """Returns the names of the test sets that all of these networks can be tested on, the first one's own first."""
    names = [_test_sets(record) for record in records]
    return tuple(name for name in names[0] if all(name in others for others in names[1:]))


def choose_test_set(names: Sequence[str]) -> str:
    """Shows which test images can be chosen, where there are several, and returns the choice."""
    chosen = current_choice().test_set if current_choice().test_set in names else names[0]
    if len(names) > 1:
        mirrored(
            st.segmented_control,
            "Test images",
            list(names),
            key="chance-on",
            value=chosen,
            on_change=lambda name: change(test_set=name, cell=None, sheet=1, number=None),
            format_func=title_of_test_set,
            required=True,
            help="On which images the networks are compared: neither has been trained on them.",
        )
    return chosen


def other_name(record: RunRecord, test_set: str) -> str | None:
    """Returns the name by which other pages know a test set of a run: None for its own."""
    return None if test_set == _test_sets(record)[0] else test_set


def evaluation_of(record: RunRecord, test_set: str) -> Evaluation | None:
    """Returns a network's answers to the images of a test set; None if they have not been made."""
    if test_set not in _test_sets(record):
        return None
    evaluation = stored_answers(record, other_name(record, test_set))
    return evaluation if evaluation is not None and evaluation.dataset == test_set else None


def offer_evaluation(records: Iterable[RunRecord], test_set: str) -> None:
    """Says which networks have not answered these images, and how they will."""
    for record in records:
        title = in_markdown(record.title)
        with st.container(horizontal=True, vertical_alignment="center"):
            if record.state in ("queued", "running", "paused"):
                st.info(f"{title} is still in training. Its test images come at the end.", icon=":material/hourglass:")
                continue
            st.info(
                f"{title} has not answered the test images of {title_of_test_set(test_set)} yet.",
                icon=":material/quiz:",
            )
            if st.button(
                "Answer them now", key=f"chance-answer-{record.id}", icon=":material/grid_on:", help=_TO_MISTAKES
            ):
                other = other_name(record, test_set)
                open_address("pages/review_mistakes.py", {"run": record.id} | ({"test": other} if other else {}))


def _test_sets(record: RunRecord) -> tuple[str, ...]:
    try:
        names = names_of_test_sets(record.run)
    except RunError:  # deleted meanwhile
        return ()
    return names if is_known(names[0]) else ()
