"""The head of the page Review mistakes and its confusion matrix, whose cells open the gallery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.datasets.label_errors import disputed_images
from model_lib.datasets.loading import title_of_test_set
from model_lib.evaluation.confusion import confusion_counts, confusion_csv
from model_lib.evaluation.evaluation import Evaluation, accuracy_interval
from model_lib.figures.confusion import confusion_matrix
from model_lib.figures.text.description import describe_confusion
from model_lib.number_format import accuracy_text
from ui.mistakes.evaluations import code_of_shown
from ui.mistakes.selection import choose_cell, current_choice
from ui.shared.charts import clickable_chart
from ui.shared.visit import mirrored

_TABLE: Final = "plain table"
# Wide enough for the longest label, narrow enough for two on a phone.
_NUMBER_PX: Final = 164
_LOSS: Final = "Low where the probability of the label is high; 2.30 is that of guessing among ten classes."
_UNITS: Final[tuple[Literal["images", "per cent", "plain table"], ...]] = ("images", "per cent", _TABLE)


def show_headline(evaluation: Evaluation, is_test: bool, other: Evaluation | None) -> None:
    """Shows the accuracy on the test images, with its confidence interval.

    Args:
        evaluation: the answers to them.
        is_test: whether the network was trained on nobody who drew them.
        other: its answers to the other test images, if those are known and a test.
    """
    images = len(evaluation.labels)
    low, high = accuracy_interval(evaluation.accuracy, images)
    with st.grid(3, min_column_width=_NUMBER_PX):  # two beside each other on a phone
        _number(
            "Test accuracy" if is_test else "Accuracy on people it was trained on",
            accuracy_text(evaluation.accuracy),
            f"{accuracy_text(low)} to {accuracy_text(high)}",
            "Share of the test images that are predicted correctly. Below it the 95 % confidence interval: where the "
            "accuracy on very many images of this kind would lie.",
        )
        if other is not None:
            _number(
                title_of_test_set(other.dataset),
                accuracy_text(other.accuracy),
                f"accuracy on {len(other.labels):,} images",
                "The same network on other test images. Choose them above.",
            )
        _number(
            "Mistakes",
            f"{int(evaluation.is_mistake.sum()):,}",
            f"of {images:,} test images",
            "Images whose prediction is not their label.",
        )


def show_further_numbers(evaluation: Evaluation) -> None:
    """Shows the loss, and the accuracy without the labels that people dispute."""
    disputed = disputed_images(evaluation.dataset)
    with st.container(horizontal=True):
        _number("Test loss", f"{evaluation.loss:.4f}", "cross-entropy, mean", _LOSS)
        if len(disputed):
            _number(
                "Without disputed labels",
                accuracy_text(evaluation.without(disputed).accuracy),
                f"{len(disputed):,} images left out",
                "Five people looked at the most doubtful labels of the test set. These images are left out because "
                "most of the five saw another digit, no clear digit, or could not agree (Northcutt and others, 2021).",
            )


def _number(label: str, value: str, note: str, explanation: str | None = None) -> None:
    st.metric(label, value, note, delta_color="off", delta_arrow="off", help=explanation)


def show_matrix(evaluation: Evaluation, names: Sequence[str], stamp: str) -> None:
    """Shows the confusion matrix, as a picture whose cells can be clicked or as a plain table."""
    counts = confusion_counts(evaluation)
    unit = st.segmented_control(
        "In the cells",
        _UNITS,
        default="images",
        key="matrix_unit",
        required=True,
        help="The number of images, or their share of all images with the same label (the row).",
    )
    choice = current_choice()
    cell = None
    if choice.label is not None and choice.prediction is not None:
        cell = (choice.label, choice.prediction)
    _choose_cell_from_list(counts, names, cell)
    if unit == _TABLE:
        rows = {"label": list(names)} | {name: counts[:, place].tolist() for place, name in enumerate(names)}
        count = st.column_config.NumberColumn(format="localized")
        st.dataframe(
            rows,
            hide_index=True,
            width="stretch",
            height="content",
            column_config=dict.fromkeys(names, count),
        )
        st.caption("Rows are labels, columns predictions.")
    else:
        figure = confusion_matrix(counts, names, unit or "images", cell)
        clickable_chart(
            figure,
            f"matrix-{stamp}-{unit}-{choice.label}-{choice.prediction}",
            f"Confusion matrix, labels by predictions: {describe_confusion(counts, names)}",
            lambda cell: choose_cell(*cell),
            "confusion-matrix",
            code=code_of_shown("mistakes/confusion_matrix", PER_CENT=unit == "per cent"),
        )
        st.caption(
            "Click a cell to see its images, or choose it above. "
            "Correct predictions are blue; mistakes are red, on a scale of their own."
        )
    st.download_button(
        "Matrix as CSV",
        confusion_csv(counts, names),
        "confusion.csv",
        "text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key="matrix_csv",
    )


def _choose_cell_from_list(counts: NDArray[np.int64], names: Sequence[str], cell: tuple[int, int] | None) -> None:
    """Shows a list of the cells that hold images, confusions first: the way to them without a mouse."""
    cells = [(label, prediction) for label, prediction in np.argwhere(counts).tolist()]
    cells.sort(key=lambda each: (each[0] == each[1], -counts[each]))

    def choose(chosen: tuple[int, int] | None) -> None:
        if chosen is not None:
            choose_cell(*chosen)

    mirrored(
        st.selectbox,
        "Show a cell",
        cells,
        key="matrix_cell",
        value=cell if cell in cells else None,
        on_change=choose,
        index=None,
        format_func=lambda each: f"{names[each[0]]} predicted as {names[each[1]]}: {counts[each]:,}",
        placeholder="Label and prediction",
        help="A cell of the matrix: its label, what was predicted, and how many images that are.",
    )
