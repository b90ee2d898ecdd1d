"""A run that goes on from another one: which one, its curves, and what was gained and lost since."""

from __future__ import annotations

from typing import Final

import streamlit as st

from model_lib.config.fine_tuning import OWN_DIGITS, trained_on
from model_lib.datasets.image_set_names import is_image_set
from model_lib.datasets.loading import TEST_SET_TITLES, title_of_test_set
from model_lib.evaluation.before_after import BeforeAfter, before_and_after
from model_lib.number_format import accuracy_text
from model_lib.pretrained.training_start import PRETRAINED_ID
from model_lib.storage.lineage import Ancestor, EarlierCurves, ancestors_of, load_earlier
from model_lib.storage.run import Run, RunError
from ui.shared.histories import history_of
from ui.shared.selection import find_run, select_run
from ui.shared.wording import in_markdown

_TITLES: Final = {
    **TEST_SET_TITLES,
    OWN_DIGITS: "Own digits, held out",
    f"{OWN_DIGITS}_trained": "Own digits, trained on",
}
# By whether such images were trained on before, and whether they are now.
_TRAINED: Final = {
    (True, True): "trained on such images before and now",
    (True, False): "trained on such images before only",
    (False, True): "trained on such images now only",
    (False, False): "never trained on such images",
}
_FEW_IMAGES: Final = 1_000
_MOST_SHOWN: Final = 5


@st.cache_resource(max_entries=50, show_spinner=False)
def _earlier(folder: str) -> EarlierCurves:
    from pathlib import Path

    return load_earlier(Path(folder))


def earlier_curves(run: Run | None) -> EarlierCurves | None:
    """Returns the curves of the trainings that a run goes on from; None if there are none."""
    curves = None if run is None else _earlier(str(run.folder))
    return curves if curves is not None and len(curves.ends) else None


def show_ancestors(run: Run) -> None:
    """Names the trainings that a run goes on from, the newest first, each as a button that leads to it."""
    try:
        ancestors = ancestors_of(run)
    except RunError:
        return  # said where its settings are read
    if not ancestors:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for place, ancestor in enumerate(reversed(ancestors[-_MOST_SHOWN:])):
            _show_ancestor(ancestor, "Trained on from" if place == 0 else "and that from")
        if len(ancestors) > _MOST_SHOWN:
            st.markdown(f"and {len(ancestors) - _MOST_SHOWN} more before", width="content")


def _show_ancestor(ancestor: Ancestor, words: str) -> None:
    target = None if ancestor.id == PRETRAINED_ID else find_run(ancestor.id)
    epochs = f", after {ancestor.epochs} {'epoch' if ancestor.epochs == 1 else 'epochs'}" if ancestor.epochs else ""
    title = in_markdown(ancestor.title) if ancestor.id != PRETRAINED_ID else ancestor.title
    if target is None and ancestor.id != PRETRAINED_ID:
        st.markdown(f"{words} {title}{epochs} (deleted since)", width="content")
        return
    st.markdown(words, width="content")
    st.button(
        f"{title}{epochs}",
        type="tertiary",
        icon=":material/arrow_back:",
        key=f"ancestor-{ancestor.id}",
        help="Shows this network, on all pages.",
        on_click=select_run,
        args=(target,),
    )


def show_before_and_after(run: Run) -> None:
    """Shows the accuracies before and after a training that goes on from another; nothing for any other run."""
    try:
        ancestors, config = ancestors_of(run), run.config
    except RunError:
        return
    before = {data for ancestor in ancestors for data in ancestor.trained_on}
    rows = before_and_after(history_of(run).measures, before, trained_on(config))
    if not ancestors or not rows:
        return
    st.subheader("Before and after")
    st.table(
        {
            "accuracy on": [_what(row) for row in rows],
            "before": [_accuracy(row.first, row.images) for row in rows],
            "after": [_accuracy(row.last, row.images) for row in rows],
            "change": ["" if row.change is None else f"{100 * row.change:+.2f} points" for row in rows],
        },
        border="horizontal",
        hide_index=True,
    )
    for row in rows:
        if row.is_forgotten:
            _say_forgotten(row)
    _explain_own_digits(rows, ancestors)


def _what(row: BeforeAfter) -> str:
    """Returns what was measured on, in one cell: on a phone there is no room for more columns."""
    return f"**{_title(row)}** ({row.images:,}), {_TRAINED[row.was_trained_on, row.is_trained_on]}"


def _title(row: BeforeAfter) -> str:
    return title_of_test_set(row.on) if is_image_set(row.on) else _TITLES.get(row.on, row.on)


def _accuracy(accuracy: float | None, images: int) -> str:
    """Returns an accuracy, with the number of correct answers where there are so few that a percentage says little."""
    if accuracy is None:
        return ""
    count = f" ({round(accuracy * images)} of {images})" if images < _FEW_IMAGES else ""
    return accuracy_text(accuracy) + count


def _say_forgotten(row: BeforeAfter) -> None:
    assert row.first is not None and row.last is not None
    st.warning(
        f"{_title(row)}: {accuracy_text(row.first)} before, {accuracy_text(row.last)} now. The network "
        "was trained on such images before and not any more, and has lost part of what it could (catastrophic "
        "forgetting). Images of the earlier data among the new ones (replay), a smaller learning rate or fewer epochs "
        "keep more of it.",
        icon=":material/trending_down:",
    )


def _explain_own_digits(rows: list[BeforeAfter], ancestors: tuple[Ancestor, ...]) -> None:
    names = {row.on for row in rows}
    if f"{OWN_DIGITS}_trained" in names:
        st.caption(
            "None of the own digits was held out: this accuracy is measured on the very digits that the network was "
            "trained on, and says nothing about new ones. With more digits a quarter is held out."
        )
    elif OWN_DIGITS in names and any(each.has_seen_own_digits for each in ancestors):
        st.caption(
            "A training before had all own digits among its images, those that are held out now too: they are not new "
            "to this network, so that both accuracies are too high."
        )
    elif OWN_DIGITS in names:
        st.caption("Own digits, held out: a quarter of them, always the same ones, which no training here has seen.")
