"""The images behind a cell of two networks' 2 x 2 table, and one of them with both answers."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from model_lib.comparison.paired_predictions import Cell, PairedPredictions
from model_lib.comparison.record import RunRecord
from model_lib.datasets.loading import Dataset, DatasetError
from model_lib.evaluation.evaluation import Evaluation
from model_lib.figures.image_grid import Caption, image_grid_figure, render_image_grid
from model_lib.figures.predictions import large_image, probability_bars
from model_lib.figures.text.description import describe_images, describe_probabilities
from model_lib.number_format import probability_text
from model_lib.storage.run import RunError
from ui.compare.chance.evaluations import other_name
from ui.compare.chance.selection import change, current_choice, open_image
from ui.shared.charts import choose_listed_image, clickable_chart, show_chart
from ui.shared.figure_code import code_of_data, code_of_evaluation, test_images
from ui.shared.loaders import dataset_of
from ui.shared.selection import select_run, select_test_image
from ui.shared.visit import mirrored

_PER_SHEET: Final = 25
# Names of classes are cut to this on the sheet; the hover text has all of them.
_SHORT: Final = 5
_TITLES: Final[dict[Cell, str]] = {
    "both": "Read by both",
    "first": "Read by A, not by B",
    "second": "Read by B, not by A",
    "neither": "Read by neither",
}
_CARD_PX: Final = 280
_PICTURE_PX: Final = 300


@dataclass(frozen=True)
class PairShown:
    """Two networks on the same test images.

    Args:
        pair: the runs A and B.
        answers: theirs.
        paired: both together.
        test_set: name of the test set.
        cell: whose images are shown.
    """

    pair: tuple[RunRecord, RunRecord]
    answers: tuple[Evaluation, Evaluation]
    paired: PairedPredictions
    test_set: str
    cell: Cell

    @property
    def indices(self) -> NDArray[np.int64]:
        """The images of the cell, (k,), ascending."""
        return self.paired.indices[self.cell]

    @property
    def stamp(self) -> str:
        """Names what is shown, for what is kept of it; other answers of the same runs are something else."""
        told = "-".join(f"{zlib.crc32(each.predictions.tobytes()):08x}" for each in self.answers)
        return f"{self.pair[0].id}-{self.pair[1].id}-{self.test_set}-{self.cell}-{told}"


def show_images(shown: PairShown) -> None:
    """Shows the images of the chosen cell as one sheet, or the chosen one of them."""
    try:
        data = dataset_of(shown.pair[0].run, other_name(shown.pair[0], shown.test_set))
    except (DatasetError, RunError) as error:
        st.error(str(error), icon=":material/error:")
        return
    number = current_choice().number
    if number is not None and number < len(shown.answers[0].labels):
        _show_image(shown, data, number)
        return
    if number is not None:
        st.warning(f"The address asks for image {number}; there are {shown.paired.images:,}, from 0. Here are all.")
    _show_sheet(shown, data)


def _show_sheet(shown: PairShown, data: Dataset) -> None:
    indices = shown.indices
    sheets = max(1, -(-len(indices) // _PER_SHEET))
    sheet = min(current_choice().sheet, sheets)
    st.subheader(f"{_TITLES[shown.cell]}: {len(indices):,} image{'' if len(indices) == 1 else 's'}", anchor=False)
    if not len(indices):
        st.info("There is no such image. Choose another cell.", icon=":material/check_circle:")
        return
    on_sheet = indices[(sheet - 1) * _PER_SHEET : sheet * _PER_SHEET]
    key = f"{shown.stamp}-{sheet}"
    figure, details = _sheet(key, shown, data, on_sheet)
    choose_listed_image(
        "Open an image of this page",
        dict(zip(on_sheet.tolist(), (detail.capitalize() for detail in details), strict=True)),
        f"chance-{key}",
        open_image,
    )
    st.caption("Above each image what A and B answer, in blue its number. Click an image to see how sure they are.")
    if sheets > 1:
        mirrored(
            st.pagination,
            sheets,
            key=f"chance-sheets-{sheets}",
            value=sheet,
            on_change=lambda chosen: change(sheet=chosen),
            width="stretch",
        )
    # The last thing: on a narrow page it leaves room free below.
    clickable_chart(figure, f"chance-sheet-{key}", describe_images(details), open_image, "images")


@st.cache_resource(max_entries=50, show_spinner=False)
def _sheet(key: str, _shown: PairShown, _data: Dataset, _indices: NDArray[np.int64]) -> tuple[go.Figure, list[str]]:
    """Draws the images of one page, and says what they are: `key` names them."""
    captions = [_caption(_shown, _data, index) for index in _indices.tolist()]
    details = [caption.detail for caption in captions]
    grid = render_image_grid(_data.test.images[_indices], captions)
    return image_grid_figure(grid, _indices.tolist(), details), details


def _caption(shown: PairShown, data: Dataset, index: int) -> Caption:
    names = data.class_names
    first, second = (names[int(answer.predictions[index])] for answer in shown.answers)
    label = names[int(shown.answers[0].labels[index])]
    detail = f"test image {index}: label {label}, A answers {first}, B answers {second}"
    return Caption(f"A {first[:_SHORT]}, B {second[:_SHORT]}", False, str(index), detail)


def _show_image(shown: PairShown, data: Dataset, index: int) -> None:
    names, label = data.class_names, int(shown.answers[0].labels[index])
    _steps(shown, index)
    st.subheader(f"Test image {index}: label {names[label]}", anchor=False)
    with st.container(horizontal=True):
        with st.container(width=_PICTURE_PX):
            record = shown.pair[0]
            show_chart(
                large_image(data.test.images[index], _PICTURE_PX),
                f"chance-image-{shown.test_set}-{index}",
                f"Test image {index}, label {names[label]}",
                "none",
                code=code_of_data(
                    "data/picture", test_images(record.run, other_name(record, shown.test_set)), IMAGE=index
                ),
            )
        for letter, each, answers in zip("AB", shown.pair, shown.answers, strict=True):
            with st.container(width=_CARD_PX):
                _show_answer(letter, each, answers, shown.test_set, names, index)


def _show_answer(
    letter: str, record: RunRecord, answers: Evaluation, test_set: str, names: tuple[str, ...], index: int
) -> None:
    label, answer = int(answers.labels[index]), int(answers.predictions[index])
    words = f"**{letter}** answers **{names[answer]}** ({probability_text(answers.confidences[index])} sure)"
    st.markdown(words if answer == label else f":red[{words}], which is wrong")
    other = other_name(record, test_set)
    _offer_inside(letter, record, index, other)
    show_chart(
        probability_bars(answers.probabilities[index], names, label),
        f"chance-bars-{letter}-{record.id}-{index}",
        f"{letter}: {describe_probabilities(answers.probabilities[index], names)}",
        "none",
        code=code_of_evaluation("mistakes/probabilities", record.run, other, IMAGE=index),
    )


def _offer_inside(letter: str, record: RunRecord, index: int, other: str | None) -> None:
    if st.button(
        f"Look inside {letter}",
        key=f"chance-inside-{letter}",
        icon=":material/frame_inspect:",
        type="primary",
        help="What each layer of this network computes for this image.",
    ):
        select_run(record.run)
        select_test_image(index, other)
        st.switch_page("pages/look_inside.py")


def _steps(shown: PairShown, index: int) -> None:
    """Leads back to the sheet, and to the image's neighbours in the cell."""
    places = np.flatnonzero(shown.indices == index)
    with st.container(horizontal=True):
        st.button(
            "Back to the images",
            key="chance-back",
            icon=":material/grid_view:",
            on_click=change,
            kwargs={"number": None},
            help="All images of this cell.",
        )
        for text, icon, step in (
            ("Previous image", ":material/chevron_left:", -1),
            ("Next image", ":material/chevron_right:", 1),
        ):
            place = int(places[0]) + step if len(places) else -1
            exists = 0 <= place < len(shown.indices)
            st.button(
                text,
                key=f"chance-step-{step}",
                icon=icon,
                disabled=not exists,
                on_click=change,
                kwargs={"number": int(shown.indices[place]) if exists else index},
                help="Another image of this cell.",
            )
