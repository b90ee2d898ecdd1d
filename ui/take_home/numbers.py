"""Its numbers: curves and answers as tables, and for TensorBoard."""

from __future__ import annotations

import streamlit as st

from model_lib.evaluation.evaluation import EvaluationError
from model_lib.export.exported import ExportedNetwork
from model_lib.export.tensorboard import tensorboard_zip
from ui.shared.histories import history_of
from ui.take_home.item import Item, show_missing, show_ready
from ui.take_home.network import answers_of, stamp_of_answers

_NO_CURVES = "The training of this network left no curves here."
_NO_ANSWERS = "There are no answers to the test images yet: they are computed at the end of a training."


def show_numbers(network: ExportedNetwork) -> None:
    """Shows the files with the curves and the answers to the test images."""
    st.header("Its numbers", anchor=False)
    run, stem = network.run, network.stem
    curves = Item(
        "history",
        "Learning curves as CSV",
        "Loss and accuracy after each epoch, a line an epoch: for a spreadsheet.",
        f"{stem}-curves.csv",
        "text/csv",
        ":material/show_chart:",
    )
    board = Item(
        "tensorboard",
        "Learning curves for TensorBoard",
        "A zip of event files: unpack it, then `tensorboard --logdir` with its folder shows the curves.",
        f"{stem}-tensorboard.zip",
        "application/zip",
        ":material/monitoring:",
    )
    answers = Item(
        "answers",
        "Answers to all test images as CSV",
        "A line an image: its label, the prediction and the ten probabilities.",
        f"{stem}-answers.csv",
        "text/csv",
        ":material/table:",
    )
    history = None if run is None else history_of(run)
    if history is None or not history.epochs:
        show_missing(curves, _NO_CURVES)
        show_missing(board, _NO_CURVES)
    else:
        show_ready(curves, history.as_csv().encode())
        show_ready(board, tensorboard_zip(history, network.stem))
    try:
        show_ready(answers, answers_of(network.folder, stamp_of_answers(run)))
    except EvaluationError:
        show_missing(answers, _NO_ANSWERS)
