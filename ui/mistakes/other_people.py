"""Tested on other people: which test images are shown, and what the two accuracies of a network teach."""

from __future__ import annotations

from typing import Final

import streamlit as st

from model_lib.datasets.image_set_names import is_image_set
from model_lib.datasets.loading import TEST_WRITERS
from model_lib.evaluation.evaluation import Evaluation
from model_lib.number_format import accuracy_text
from model_lib.predictions import pretrained_writers
from model_lib.storage.run import Run, RunError
from ui.mistakes.evaluations import Evaluated, other_evaluation
from ui.mistakes.matrix import show_further_numbers, show_headline
from ui.mistakes.selection import choose_test_set, other_test_set
from ui.shared.loaders import names_of_test_sets
from ui.shared.user_digits import title_in_markdown
from ui.shared.visit import mirrored

_OWN_IMAGES: Final = (
    "These are images that you brought. The accuracy on them tells how well the network does on images like yours, and "
    "the interval how far that is certain: with few images it is wide."
)


def choose_among_test_sets(run: Run | None) -> None:
    """Offers the test images that a network can be tested on, if there is a choice."""
    try:
        names, other = names_of_test_sets(run), other_test_set()
    except RunError:
        return  # said where the evaluation is opened
    if len(names) > 1:
        mirrored(
            st.segmented_control,
            "Tested on",
            names,
            key="test_set_control",
            value=other or names[0],
            on_change=choose_test_set,
            format_func=title_in_markdown,
            required=True,
            help="Each set of test images has its own results below.",
        )


def show_headline_and_lesson(run: Run | None, shown: Evaluated) -> None:
    """Shows the accuracy on both sets of test images, and why they differ."""
    has_seen_writers = run is None and not pretrained_writers().isdisjoint(TEST_WRITERS)
    is_seen = {"pen_digits"} if has_seen_writers else set()
    evaluation, other = shown.evaluation, other_evaluation(run, shown)
    if other is not None and other.dataset in is_seen:
        other = None
    show_headline(evaluation, evaluation.dataset not in is_seen, other)
    if evaluation.dataset in is_seen:
        st.warning(
            "This network was trained on these people's digits. So this is no test: it does not tell the accuracy on "
            "the digits of other people.",
            icon=":material/visibility:",
        )
    elif other is None and evaluation.dataset == "mnist" and not is_seen:
        st.caption("What is its accuracy on other people's digits? Choose them above.")
    with st.expander("What these numbers tell", icon=":material/school:", key="lesson"):
        evaluations = {each.dataset: each for each in (evaluation, other) if each is not None}
        if evaluations.keys() == {"mnist", "pen_digits"} and evaluation.dataset not in is_seen:
            st.info(_lesson(evaluations, run))
        elif is_image_set(evaluation.dataset):
            st.info(_OWN_IMAGES)
        show_further_numbers(evaluation)


def _lesson(evaluations: dict[str, Evaluation], run: Run | None) -> str:
    """Says, as Markdown, how far the two accuracies of a network differ, and why."""
    mnist, others = evaluations["mnist"], evaluations["pen_digits"]
    pretrained = "mnist_and_pen_digits" if pretrained_writers() else "mnist"
    learnt = pretrained if run is None else run.config.dataset
    people = f"{len(others.labels):,} digits that {len(TEST_WRITERS)} people drew with a pen on a tablet"
    result = (
        f"The accuracy of this network is **{accuracy_text(mnist.accuracy)}** on MNIST's test images, and "
        f"**{accuracy_text(others.accuracy)}** on {people}. It was trained on none of them."
    )
    if learnt == "mnist":
        reason = (
            "MNIST was written around 1990 by Americans; a bar on the seven and a flag on the one are rare in it. A "
            "test accuracy holds for images like those of the test, not for everybody's writing (domain shift). A "
            "network trained on more people's digits does better: choose *MNIST and pen digits* on Train a network."
        )
    elif learnt == "pen_digits":
        reason = "It was trained on 20 other people's pen digits, not on MNIST: there is more than one way to write."
    else:
        reason = "It was trained on MNIST and 20 other people's pen digits. Compare it with one trained on MNIST alone."
    return f"{result} {reason}"
