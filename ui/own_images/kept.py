"""The visitor's image sets: a network's accuracy on each, its predictions as a file, and what else can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from model_lib.compute.computations import NetworkEvaluation
from model_lib.datasets.image_sets import FEWEST_TO_TRAIN, ImageSet, ImageSetError, sweep_image_sets
from model_lib.datasets.loading import DIGIT_NAMES, DatasetError, class_names
from model_lib.evaluation.evaluation import Evaluation, accuracy_interval
from model_lib.evaluation.predictions_csv import predictions_csv
from model_lib.number_format import accuracy_text
from model_lib.storage.run import Run, RunError
from model_lib.storage.run_folders import datasets_in_use
from ui.own_images.preview import show_images
from ui.own_images.shown import choose_set, chosen_set
from ui.shared.jobs import compute
from ui.shared.loaders import dataset, network_reference
from ui.shared.user_digits import own_image_sets, title_in_markdown
from ui.shared.visit import Once, mirrored, state_of

_MOST_DELETIONS: Final = 20


@dataclass
class _Changes:
    """What was deleted in this visit.

    Args:
        problem: why a deletion or its undoing failed.
        deletions: the names of the sets that were deleted, the newest last.
    """

    problem: Once[str] = field(default_factory=Once)
    deletions: list[str] = field(default_factory=list)


def show_deletion() -> None:
    """Says that a set was deleted, with the button that brings it back, in sight however far one has scrolled."""
    changes = state_of(_Changes)
    if problem := changes.problem.take():
        st.error(problem, icon=":material/error:")
    if changes.deletions:
        with st.bottom.container(horizontal=True, vertical_alignment="center", key="deletion"):
            st.markdown(":material/delete: Image set deleted.", width="content")
            st.button("Undo", icon=":material/undo:", key="undo_set", on_click=_undo, help="Brings the image set back.")


def show_sets(run: Run | None, on_review: Callable[[str], None]) -> None:
    """Shows the visitor's sets, and one of them closely.

    Args:
        run: the chosen network; None for the ready-made one.
        on_review: makes a set the one that Review mistakes tests the network on.
    """
    sets, shown = own_image_sets().sets(), chosen_set()
    if shown is None:
        return
    st.header("Your sets", anchor=False)
    if len(sets) > 1:
        mirrored(
            st.segmented_control,
            "Image set",
            [each.name for each in sets],
            key="own_set",
            value=shown.name,
            on_change=choose_set,
            format_func=title_in_markdown,
            required=True,
            wrap=True,
            help="The sets that you have kept, the oldest first.",
        )
    else:
        # As plain text: a name may look like Markdown, HTML or a formula.
        st.text(shown.title)
    try:
        data = dataset(shown.name)
    except DatasetError as error:
        st.error(str(error), icon=":material/error:")
        _delete_button(shown)
        return
    evaluation = _evaluated(run, shown)
    if evaluation is not None:
        _show_numbers(evaluation)
    with st.container(horizontal=True):
        if st.button(
            "Review its mistakes",
            type="primary",
            icon=":material/grid_on:",
            key="review_set",
            disabled=evaluation is None,
            help="Confusion matrix, gallery, calibration and classes of the chosen network on this set.",
        ):
            on_review(shown.name)
            st.switch_page("pages/review_mistakes.py")
        _predictions_button(evaluation, shown)
        if st.button(
            "Train on it",
            icon=":material/play_circle:",
            key="train_on_set",
            disabled=shown.images < FEWEST_TO_TRAIN,
            help=f"Takes {FEWEST_TO_TRAIN} images or more. On Train a network, choose the set as Data set under More "
            "settings: a fifth of each label is held out for the test. Everybody on this server who opens such a run "
            "sees these images.",
        ):
            st.switch_page("pages/train.py")
        _delete_button(shown)
    show_images(data.test, shown.name)


def _evaluated(run: Run | None, shown: ImageSet) -> Evaluation | None:
    """Returns a network's predictions on a set, or says how far they are, or why there are none."""
    try:
        if run is not None and class_names(run.config.dataset) != DIGIT_NAMES:
            st.info(
                "The chosen network was trained on clothes. Choose another one in the sidebar to test it on digits."
            )
            return None
        network = network_reference(run)
    except (RunError, KeyError):
        st.info("The chosen network cannot be opened here. Choose another one in the sidebar.")
        return None
    return compute(NetworkEvaluation(network, shown.name), "Predicting your images")


def _show_numbers(evaluation: Evaluation) -> None:
    images, mistakes = len(evaluation.labels), int(evaluation.is_mistake.sum())
    low, high = accuracy_interval(evaluation.accuracy, images)
    columns = st.columns(3)
    columns[0].metric("Images", f"{images:,}", border=True, help="How many images the set has.")
    columns[1].metric(
        "Accuracy",
        accuracy_text(evaluation.accuracy),
        border=True,
        help=f"Share of them that the chosen network predicts correctly; 95 % confidence interval "
        f"{accuracy_text(low)} to {accuracy_text(high)}.",
    )
    columns[2].metric("Mistakes", f"{mistakes:,}", border=True, help="Images whose prediction is not their label.")


def _predictions_button(evaluation: Evaluation | None, shown: ImageSet) -> None:
    collection = own_image_sets()  # the file is made later, where there is no visit to ask

    def content() -> str:
        assert evaluation is not None, "the button is disabled"
        return predictions_csv(evaluation, collection.file_names(shown.name), DIGIT_NAMES)

    st.download_button(
        "Predictions as CSV",
        content,
        "predictions.csv",
        "text/csv",
        icon=":material/download:",
        disabled=evaluation is None,
        on_click="ignore",
        key="predictions_csv",
        help="A line an image: index, file, label, prediction and the ten probabilities.",
    )


def _delete_button(shown: ImageSet) -> None:
    st.button(
        "Delete",
        icon=":material/delete:",
        key=f"delete-{shown.name}",
        on_click=_delete,
        args=(shown.name,),
        help="You can undo it until you leave the app. Runs that were trained on the set keep its images.",
    )


def _delete(name: str) -> None:
    changes = state_of(_Changes)
    try:
        own_image_sets().delete(name)
    except OSError as error:
        changes.problem.put(f"The image set could not be deleted: {error.strerror}.")
        return
    if name not in changes.deletions:  # a second click of a double click
        changes.deletions.append(name)
        del changes.deletions[:-_MOST_DELETIONS]
    sweep_image_sets(datasets_in_use())


def _undo() -> None:
    """Takes the last deletion back; the button then offers the one before it."""
    changes = state_of(_Changes)
    if not changes.deletions:
        return
    name = changes.deletions[-1]
    try:
        is_back = own_image_sets().restore(name)
    except ImageSetError as error:
        changes.problem.put(str(error))
        return
    except OSError as error:
        changes.problem.put(f"The image set could not be brought back: {error.strerror}.")
        return
    changes.deletions.pop()
    if is_back:
        choose_set(name)
    else:
        changes.problem.put("The image set is gone for good. Bring its file again.")
