"""Train it again elsewhere: the script, the notebook, and the images where Keras does not have them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from model_lib.config.network import NetworkError
from model_lib.datasets.loading import ProgressCallback
from model_lib.export.cells import KERAS_DATASETS
from model_lib.export.child import MadeFile
from model_lib.export.exported import ExportedNetwork, images_npz
from ui.take_home.item import Item, show_made, show_ready
from ui.take_home.network import notebook_of, program_of, script_of


def show_programs(network: ExportedNetwork) -> None:
    """Shows the script and the notebook, and what they do otherwise than the training did."""
    st.header("Train it again", anchor=False)
    program = program_of(network)
    if program is None:
        return
    try:
        script, notebook = script_of(program), notebook_of(program)
    except NetworkError as error:
        st.error(str(error), icon=":material/error:")
        return
    show_ready(
        Item(
            "script",
            "Keras script",
            "A Python program that trains the same network anew, with TensorFlow alone and with comments: for an "
            "editor or a terminal. The trained weights are not in it; they are in the Keras file below.",
            f"train-{network.stem}.py",
            "text/x-python",
            ":material/code:",
        ),
        script,
        is_first=True,
    )
    show_ready(
        Item(
            "notebook",
            "Notebook",
            "The same program in steps, explained, with its pictures: for Jupyter or Colab.",
            f"train-{network.stem}.ipynb",
            "application/x-ipynb+json",
            ":material/menu_book:",
        ),
        notebook,
    )
    dataset = program.config.dataset
    if dataset not in KERAS_DATASETS:
        show_made(
            Item(
                "images",
                "The images that it learnt from",
                "Keras does not have them. The script takes this file: `python train.py images.npz`.",
                "images.npz",
                "application/zip",
                ":material/dataset:",
            ),
            dataset,
            partial(_images, dataset),
            "Packing the images",
        )
    run = network.run
    if run is not None and run.has_no_training:
        st.info(
            "This network was brought as a file, and how it was trained is not known here. Script and notebook train "
            "its layers with the usual settings.",
            icon=":material/info:",
        )
    for sentence in program.not_repeated():
        st.info(sentence, icon=":material/info:")
    with st.expander("Read the script"):
        st.code(script.decode(), "python")


def _images(dataset: str, report: ProgressCallback) -> MadeFile:
    return MadeFile(images_npz(dataset))
