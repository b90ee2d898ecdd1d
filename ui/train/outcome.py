"""What follows from a training that has ended: its results, the next steps, its network, and how it is deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from model_lib.datasets.loading import TEST_SET_TITLES, title_of_test_set
from model_lib.diagnostics.remedies import what_to_try
from model_lib.divergence import NOT_A_NUMBER, diverged
from model_lib.networks import as_keras_script
from model_lib.number_format import accuracy_text
from model_lib.storage.bin import KEPT_DAYS, delete_run
from model_lib.storage.run import ENDED, Run, RunError
from ui.shared.histories import history_of
from ui.shared.loaders import names_of_test_sets
from ui.shared.next_steps import NextStep, offer_next_steps
from ui.shared.run_list import forget_listed_runs
from ui.shared.selection import select_run
from ui.train.ancestors import show_before_and_after
from ui.train.inside import show_inside
from ui.train.network_form import show_table, train_again
from ui.train.repeated_run import read_for_repetition
from ui.train.start import see_again, start_with_another_seed

_NEXT: Final = (
    NextStep("pages/draw.py", "Draw a digit for it", ":material/draw:"),
    NextStep("pages/look_inside.py", "Look inside it", ":material/search:"),
    NextStep("pages/review_mistakes.py", "See its mistakes", ":material/grid_on:"),
    NextStep("pages/take_home.py", "Take it home", ":material/download:"),
)
_CHANGE: Final = (
    "Fills the form above with this network and all its settings. Change one and press Start: what differs then comes "
    "from that change."
)
_SEED: Final = (
    "Starts this training once more at once, with the next random seed: other first weights, another order of the "
    "images. How far the results lie apart is chance; a change that makes less of a difference shows nothing."
)
_TRAIN_ON: Final = (
    "Fills the form above with these settings, for a training that goes on from this network's weights (fine-tuning): "
    "more epochs, another learning rate, other data such as your own digits."
)
_PRETRAINED: Final = (
    "Fills the form above for a training that goes on from the weights of the ready-made network (fine-tuning), for "
    "example on your own digits."
)
_NO_EPOCH: Final = "Not possible: the training ended before its first whole epoch."
_NUMBER_PX: Final = 164
_OTHER_PEOPLE: Final = TEST_SET_TITLES["pen_digits"]
_WHO: Final = (
    "Accuracy on 2,498 pen digits by ten people on whom it was not trained. Review mistakes has them one by one."
)

_HELP: Final = {
    "Test accuracy": "Share of the test images, none of them trained on, that are predicted correctly.",
    _OTHER_PEOPLE: _WHO,
    "Other test images": _WHO,
    "Test loss": "Mean cross-entropy on the test images: low where the label has a high probability.",
    "Seconds": "How long the training took, without waiting in the queue.",
    "Images per second": "How fast the training went.",
    "Parameters": "Weights and biases of the network, learnt in training.",
}


def show_outcome(run: Run) -> None:
    """Shows the results of a training that is not under way, and what can be done with its network."""
    history = history_of(run)
    outcome = history.outcome
    if outcome:
        if outcome.test_loss >= NOT_A_NUMBER:  # as an older version has written it
            st.error(diverged("the network's answers are no longer numbers (NaN)"), icon=":material/error:")
        elif outcome.advice:
            st.warning(outcome.advice, icon=":material/trending_down:")
        if outcome.why:
            st.success(f"Training ended after {outcome.epochs} epochs because {outcome.why}.")
        parameters = history.started.parameters if history.started else 0
        figures = {"Test accuracy": accuracy_text(outcome.test_accuracy)}
        if outcome.other_test_accuracy is not None:
            figures[_other_test_set(run)] = accuracy_text(outcome.other_test_accuracy)
        figures |= {
            "Test loss": f"{outcome.test_loss:.4f}",
            "Seconds": f"{outcome.seconds:,.1f}",
            "Parameters": f"{parameters:,}",
        }
        if run.has_no_training:
            del figures["Seconds"]
        if history.images_per_second:  # an older version did not write it
            figures["Images per second"] = f"{history.images_per_second:,.0f}"
        with st.grid(3, min_column_width=_NUMBER_PX):  # two beside each other on a phone
            for name, value in figures.items():
                st.metric(name, value, help=_HELP.get(name))
        show_before_and_after(run)
        offer_next_steps(_NEXT)
    if run.has_diverged:
        _advise(run)
    if run.state in ENDED:
        _offer_repetition(run)
    if history.epochs:
        st.download_button(
            "Learning curves as CSV",
            history.as_csv(),
            f"{run.id}.csv",
            "text/csv",
            type="tertiary",
            icon=":material/download:",
            key="csv",
        )
    try:
        spec = run.spec
    except RunError as error:
        if run.state != "failed":  # that one shows it above
            st.error(str(error), icon=":material/error:")
        return
    show_inside(run)
    with st.expander("The network as a table"):
        show_table(spec)
    with st.expander("The network as a Keras script"):
        st.code(as_keras_script(spec), "python")
    with st.popover("Delete this run", icon=":material/delete:"):
        st.write(
            "The network, its curves and its evaluation are removed for everybody. For "
            f"{KEPT_DAYS} days All runs brings them back, under Deleted runs."
        )
        if st.button("Delete", key="delete", help="Moves the run into the bin."):
            apply_to_run(lambda: _delete(run))


def _advise(run: Run) -> None:
    """Says what to try after a training that diverged; nothing for a run that cannot be read."""
    try:
        lines = what_to_try(run.spec, run.config)
    except RunError:
        return  # said below
    st.markdown("**What to try.** “Again with one change” below fills the form with this training.")
    st.markdown("\n".join(f"- {line}" for line in lines))


def _offer_repetition(run: Run) -> None:
    """Offers to begin the next training from this one; nothing for a run that cannot be read."""
    try:
        left_out = read_for_repetition(run).left_out
    except RunError:
        return  # said below
    with st.container(horizontal=True):
        has_weights = any(run.epochs_done)
        st.button(
            "Train on",
            icon=":material/fast_forward:",
            key="train-on",
            help=_TRAIN_ON if has_weights else _NO_EPOCH,
            disabled=not has_weights,
            on_click=train_again,
            args=(run, True),
        )
        st.button(
            "Again with one change",
            icon=":material/tune:",
            key="again-change",
            help=_CHANGE,
            on_click=train_again,
            args=(run,),
        )
        is_clicked = st.button(
            "Again with another seed",
            icon=":material/casino:",
            key="again-seed",
            help=f"Not possible here. {' '.join(left_out)}" if left_out else _SEED,
            disabled=bool(left_out),
        )
    if not is_clicked:
        see_again(run)
        return
    failure = start_with_another_seed(run)
    if failure is None:
        st.rerun()
    st.error(failure, icon=":material/error:")


def offer_pretrained() -> None:
    """Offers to train on from the network that comes with the app."""
    st.button(
        "Train on from the ready-made network",
        icon=":material/fast_forward:",
        key="train-on",
        help=_PRETRAINED,
        on_click=train_again,
        args=(None, True),
    )


def _other_test_set(run: Run) -> str:
    """Returns what the page calls the other test images; the log of a run tells more than its damaged settings."""
    try:
        return title_of_test_set(names_of_test_sets(run)[1])
    except (RunError, IndexError):
        return "Other test images"


def _delete(run: Run) -> None:
    delete_run(run)
    select_run(None)


def apply_to_run(action: Callable[[], None]) -> None:
    """Does what a button of a run is for, and shows the page anew; or says why it cannot be done.

    Args:
        action: may raise a `RunError`.
    """
    try:
        action()
    except RunError as error:
        st.error(str(error))
    else:
        forget_listed_runs()
        st.rerun()
