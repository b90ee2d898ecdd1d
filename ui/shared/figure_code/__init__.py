"""The code of a figure: a short program that a visitor opens below it, copies and runs without this app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import streamlit as st

from model_lib.evaluation.evaluation import evaluation_file
from model_lib.figure_code.image_source import ImageSource, dataset_source, path_in_project, single_image
from model_lib.figure_code.programs import figure_program
from model_lib.predictions import PRETRAINED_FOLDER
from model_lib.runs import runs_root
from model_lib.storage.run import Run
from ui.shared.loaders import ChosenImage
from ui.shared.selection import TestImage, selected_image

LABEL: Final = "The code of this picture"
_NETWORK_FILE: Final = "network.keras"
_EVENTS_FILE: Final = "events.jsonl"


@dataclass(frozen=True)
class FigureCode:
    """What is shown below a figure.

    Args:
        program: Python.
        note: what is to be known before it is run, as Markdown of this app alone; "" for nothing.
    """

    program: str
    note: str = ""


def show_code(code: FigureCode) -> None:
    """Shows a program in a closed fold, with a button that copies it."""
    with st.popover(LABEL, icon=":material/code:", type="tertiary"):
        if code.note:
            st.caption(code.note)
        st.code(code.program, language="python", wrap_lines=True)
        st.caption("To run it, save it as a file in the folder of this app and start it with Python.")


def code_of_data(name: str, *sources: ImageSource, **values: Any) -> FigureCode:
    """Returns the code of a figure that needs no network; see `figure_program`."""
    return FigureCode(figure_program(name, *sources, **values))


def code_of_run(name: str, run: Run, **values: Any) -> FigureCode:
    """Returns the code of a figure of a training, which may be under way; see `figure_program`."""
    return FigureCode(figure_program(name, RUN=path_in_project(run.folder), **values), _note(run.folder / _EVENTS_FILE))


def code_of_network(name: str, run: Run | None, *sources: ImageSource, **values: Any) -> FigureCode:
    """Returns the code of a figure of a network; see `figure_program`.

    Args:
        name: of the program, whose constant RUN becomes the run's folder.
        run: its run; None for the ready-made network.
        sources: of the images.
        values: of the other constants.
    """
    note = _note(_folder(run) / _NETWORK_FILE)
    return FigureCode(figure_program(name, *sources, RUN=path_in_project(_folder(run)), **values), note)


def code_of_image(name: str, run: Run | None, image: ChosenImage, **values: Any) -> FigureCode:
    """Returns the code of a figure of the chosen image and a network, as `code_of_network` does."""
    source, index = image_source(run, image)
    return code_of_network(name, run, source, IMAGE=index, **values)


def code_of_picture(run: Run | None, image: ChosenImage) -> FigureCode:
    """Returns the code of a picture of the chosen image alone; the run says which test set it is of."""
    source, index = image_source(run, image)
    return code_of_data("data/picture", source, IMAGE=index)


def code_of_evaluation(
    name: str, run: Run | None, other: str | None, *sources: ImageSource, **values: Any
) -> FigureCode:
    """Returns the code of a figure of a network's predictions; see `figure_program`.

    Args:
        name: of the program, whose constant FILE becomes the file of the predictions.
        run: the network's run; None for the ready-made network.
        other: name of the test set; None for the network's own.
        sources: of the images.
        values: of the other constants.
    """
    file = _folder(run) / evaluation_file(other)
    return FigureCode(figure_program(name, *sources, FILE=path_in_project(file), **values), _note(file))


def image_source(run: Run | None, image: ChosenImage) -> tuple[ImageSource, int]:
    """Returns how a program reads the chosen image, and its index there; a drawing stands in the program itself."""
    if image.index is not None:
        return test_images(run), image.index
    chosen = selected_image()
    if image.label is not None and isinstance(chosen, TestImage) and chosen.other is not None:
        return dataset_source(chosen.other), chosen.index
    return single_image(image.pixels), 0


def test_images(run: Run | None, other: str | None = None) -> ImageSource:
    """Returns how a program reads a network's test images, its own or those of another test set."""
    return dataset_source(other or _dataset_name(run))


def training_images(run: Run | None) -> ImageSource:
    """Returns how a program reads the training images of a network's data set."""
    return dataset_source(_dataset_name(run), "train")


def runs_text() -> str:
    """Returns the folder of the runs as a program names it."""
    return path_in_project(runs_root())


def _note(file: Path) -> str:
    words = f"It reads `{file.name}` of this run, which is not there yet: it is written when the training gets so far."
    return "" if file.exists() else words


def _dataset_name(run: Run | None) -> str:
    return "mnist" if run is None else run.config.dataset


def _folder(run: Run | None) -> Path:
    return PRETRAINED_FOLDER if run is None else run.folder
