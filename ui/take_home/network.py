"""Which network is taken home, and its files, cached for all visitors."""

from __future__ import annotations

from typing import Final

import streamlit as st

from model_lib.config.network import NetworkError
from model_lib.export.exported import ExportedNetwork
from model_lib.export.keras_script import TrainingProgram, keras_script
from model_lib.export.notebook import notebook_bytes
from model_lib.storage.run import ENDED, Run, RunError
from ui.shared.next_steps import NextStep, offer_next_steps
from ui.shared.selection import PRETRAINED_TITLE, selected_run
from ui.shared.wording import in_markdown

_TRAIN: Final = (NextStep("pages/train.py", "Watch the training", ":material/play_circle:"),)
_TRAIN_FIRST: Final = (NextStep("pages/train.py", "Train a network", ":material/play_circle:"),)


def chosen_network() -> ExportedNetwork | None:
    """Returns the network chosen in the sidebar, said in the page; None if it cannot be read, which is said too."""
    run = selected_run()
    network = ExportedNetwork(None if run is None else str(run.folder))
    try:
        network.spec, network.config  # noqa: B018 - reading them raises with what is damaged
    except RunError as error:
        st.error(f"{error} Choose another network in the sidebar.", icon=":material/error:")
        return None
    title = PRETRAINED_TITLE if run is None else run.title
    st.markdown(
        f"Everything of **{in_markdown(title)}** that works elsewhere, without this app: train it again at home, use "
        "it in another program, look at its numbers. The sidebar has the other networks."
    )
    return network


def has_weights(network: ExportedNetwork) -> bool:
    """Returns whether there are weights to take home, or says in the page when there will be."""
    run = network.run
    if run is None:
        return True
    if run.state not in ENDED:
        st.info(
            "This training is still under way. Its files come here when it has ended; script and notebook are ready.",
            icon=":material/hourglass_top:",
        )
        offer_next_steps(_TRAIN)
        return False
    if not any(run.epochs_done):
        st.info(
            "This training ended before its first whole epoch: there is no trained network to take home.",
            icon=":material/info:",
        )
        offer_next_steps(_TRAIN_FIRST)
        return False
    return True


def program_of(network: ExportedNetwork) -> TrainingProgram | None:
    """Returns what script and notebook are made of, or says why there are none."""
    try:
        return network.program()
    except (RunError, NetworkError) as error:
        st.error(str(error), icon=":material/error:")
        return None


@st.cache_data(max_entries=50, show_spinner=False)
def script_of(program: TrainingProgram) -> bytes:
    """Returns the script as a file. Raises a `NetworkError` if the stack cannot be built."""
    return keras_script(program).encode()


@st.cache_data(max_entries=50, show_spinner=False)
def notebook_of(program: TrainingProgram) -> bytes:
    """Returns the notebook as a file. Raises a `NetworkError` if the stack cannot be built."""
    return notebook_bytes(program)


@st.cache_data(max_entries=20, show_spinner=False)
def onnx_of(folder: str | None, stamp: float) -> bytes:
    """Returns the ONNX file. Its errors are those of `ExportedNetwork.onnx_file`."""
    return ExportedNetwork(folder).onnx_file()


@st.cache_data(max_entries=20, show_spinner=False)
def answers_of(folder: str | None, stamp: float) -> bytes:
    """Returns the answers as CSV. Raises an `EvaluationError` if there are none."""
    return ExportedNetwork(folder).answers_csv().encode()


def accuracy_of(network: ExportedNetwork) -> float | None:
    """Returns the network's accuracy on the test images, 0 to 1; None if there are no answers to them."""
    return _accuracy(network.folder, stamp_of_answers(network.run))


@st.cache_data(max_entries=50, show_spinner=False)
def _accuracy(folder: str | None, stamp: float) -> float | None:
    from model_lib.evaluation.evaluation import EvaluationError

    try:
        return ExportedNetwork(folder).evaluation().accuracy
    except EvaluationError:
        return None


def stamp_of_answers(run: Run | None) -> float:
    """Changes whenever the evaluation of a run does."""
    from model_lib.evaluation.evaluation import evaluation_file

    file = None if run is None else run.folder / evaluation_file()
    return file.stat().st_mtime if file is not None and file.exists() else 0.0
