"""Above the form: the run whose weights the training goes on from, and after which of its epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from model_lib.pretrained.training_start import pretrained_start
from model_lib.storage.lineage import Start, best_epoch, start_from, stored_start
from model_lib.storage.run import Run
from ui.shared.histories import history_of
from ui.shared.wording import in_markdown
from ui.train.repeated_run import repeated_run

_EPOCH_HELP: Final = (
    "The newest weights are those that all pages show. Those of the lowest validation loss come from before "
    "overfitting, if there was any."
)
_EXPLANATION: Final = (
    "The training goes on from its weights (fine-tuning); the optimizer starts afresh. The learning rate below is a "
    "tenth of the one before, so that a few steps do not undo what was learnt."
)


def choose_start(name: str) -> Callable[[], Start | None] | None:
    """Names the trained weights that the training begins with, if any, and offers the epochs that they can be of.

    Args:
        name: from `choose_network`.

    Returns:
        What loads them, which may raise a `RunError` or, for the network that comes with the app, a `PredictionError`;
        None for random weights.
    """
    repeated = repeated_run(name)
    if repeated is None or not repeated.has_weights:
        return None
    run = repeated.run
    if run is None:
        st.markdown(f"**Train on from {repeated.title}.** {_EXPLANATION}")
        return pretrained_start
    if not repeated.is_trained_on:
        st.markdown(
            f"**{in_markdown(repeated.title)} again**, from the same trained weights: those of "
            f"{in_markdown(repeated.ancestors[-1].title)}."
        )
        return lambda: stored_start(run)
    st.markdown(f"**Train on from {in_markdown(repeated.title)}.** {_EXPLANATION}")
    epoch = _choose_epoch(run, name)
    return lambda: start_from(run, epoch)


def _choose_epoch(run: Run, name: str) -> int | None:
    """Returns the epoch after which the weights are taken; None for the newest."""
    newest = max(run.epochs_done, default=0)
    best = best_epoch(run, history_of(run))
    titles: dict[int | None, str] = {None: f"the last epoch, {newest}"}
    if best is None or best == newest:
        st.caption(f"Weights after {titles[None]}{'' if best is None else ', which has the lowest validation loss'}.")
        return None
    titles[best] = f"epoch {best}, which has the lowest validation loss"
    return st.selectbox(
        "Weights after",
        titles,
        format_func=titles.__getitem__,
        key=f"{name}-weights",
        help=_EPOCH_HELP,
        width=320,
    )
