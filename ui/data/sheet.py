"""The sheet of images of the page Browse the data, and what chooses them: set, part, label, writer, number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import streamlit as st

from model_lib.datasets.browsing import IMAGES_PER_SHEET, sheet_count
from model_lib.datasets.label_errors import CHECKED_LABELS
from model_lib.datasets.loading import CLASSES
from model_lib.figures.data.statistics import sheet_figure
from model_lib.figures.text.description import describe_images
from ui.data.selection import (
    PART_TITLES,
    VIEWS,
    Choice,
    Shown,
    change,
    choose_image,
    has_parts,
    images_by_hand,
    names_of_sets,
    title_of_set,
)
from ui.shared.charts import clickable_chart
from ui.shared.figure_code import FigureCode, code_of_data
from ui.shared.scrolling import scroll_to
from ui.shared.visit import mirrored

# Key of the container with the chosen image.
IMAGE_CONTAINER: Final = "data_image"
_ALL: Final = "all"
_LIST_PX: Final = 220
_FILTER_PX: Final = 160


def choose_set(choice: Choice) -> Choice:
    """Shows the lists of data sets and parts, and returns the choice without what this visitor does not have."""
    names = names_of_sets()
    if choice.name not in names:
        change(name=Choice.name)
        choice = Choice(part=choice.part)
    mirrored(
        st.selectbox,
        "Data set",
        names,
        key="data-set",
        value=choice.name,
        on_change=lambda name: change(name=name, label=None, writer=None, is_disputed=False, sheet=1, number=None),
        format_func=title_of_set,
        width=_LIST_PX,
        help="Which images: digits from forms, articles of clothing, digits drawn on a tablet, or your own.",
    )
    if has_parts(choice.name):
        mirrored(
            st.segmented_control,
            "Images for",
            list(PART_TITLES),
            key="data-part",
            value=choice.part,
            on_change=lambda part: change(part=part, writer=None, is_disputed=False, sheet=1, number=None),
            format_func=lambda part: PART_TITLES.get(part, part),
            required=True,
            help="A network learns from the training images; the last of them are held out for validation while "
            "settings are chosen; the test images only measure it.",
        )
    return choice


def choose_images(shown: Shown) -> None:
    """Shows the filters, by label and by writer, and the box for an image's number."""
    names, writers = shown.class_names, shown.part.writers
    _filter("Label", list(range(CLASSES)), "label", shown.choice, names.__getitem__, "Only images with this label.")
    if writers is not None:
        _filter(
            "Drawn by",
            np.unique(writers).tolist(),
            "writer",
            shown.choice,
            lambda writer: f"person {writer}",
            "Only digits that this person drew. No person has both training and test images.",
        )
    if len(shown.disputed):
        mirrored(
            st.toggle,
            f"Disputed labels only ({len(shown.disputed)})",
            key=f"data-disputed-{shown.stamp}",
            value=shown.choice.is_disputed,
            on_change=lambda is_disputed: change(is_disputed=is_disputed, sheet=1, number=None),
            help=f"Five people each looked at {CHECKED_LABELS} of these labels. For {len(shown.disputed)} images most "
            "of them did not choose the label of the file.",
        )
    last = len(shown.split.labels) - 1
    if last < 0:
        return  # all files of the visitor's digits are damaged
    mirrored(
        st.number_input,
        f"{shown.kind.capitalize()}, {shown.first} to {last}",
        shown.first,
        last,
        key=f"data-number-{shown.stamp}",
        value=shown.index,
        on_change=lambda number: None if number is None else choose_image(shown, number),
        placeholder="Number",
        width=_LIST_PX,
        help="The image's index, its place in the array; a click on the sheet chooses one too.",
    )


def _filter(
    title: str, options: Sequence[int], field: str, choice: Choice, name: Callable[[Any], str], help: str
) -> None:
    value = getattr(choice, field)

    def filter_by(option: str | int) -> None:
        fields: dict[str, Any] = {field: None if option == _ALL else option}
        change(**fields, sheet=1, number=None)

    mirrored(
        st.selectbox,
        title,
        [_ALL, *options],
        key=f"data-{field}-{choice.name}-{choice.part}",
        value=value if value in options else _ALL,
        on_change=filter_by,
        format_func=lambda option: option if option == _ALL else name(option),
        width=_FILTER_PX,
        help=help,
    )


def show_sheet(shown: Shown) -> None:
    """Shows a hundred images at once. A click on one chooses it."""
    labels = shown.split.labels[shown.on_sheet].tolist()
    indices = shown.on_sheet.tolist()
    title = f"Sheet {shown.sheet:,} of {sheet_count(len(shown.indices)):,}"
    chosen = -1 if shown.index is None else shown.index
    disputed = set(shown.disputed.tolist()) & set(indices)
    figure = sheet_figure(shown.split.images[shown.on_sheet], indices, labels, chosen, title, disputed)
    details = [
        f"{shown.kind} {index}, label {label}" + (", disputed" if index in disputed else "")
        for index, label in zip(indices, labels, strict=True)
    ]
    choice = shown.choice
    filters = f"{shown.stamp}-{choice.label}-{choice.writer}-{choice.is_disputed}-{shown.sheet}"

    def choose(index: int) -> None:
        choose_image(shown, index, is_click=True)
        scroll_to(IMAGE_CONTAINER)

    clickable_chart(
        figure, f"data-sheet-{filters}-{images_by_hand()}", describe_images(details), choose, code=_code(shown)
    )
    if disputed:
        st.caption(f"`{shown.split.labels[min(disputed)]}?` means: people dispute this label.")
    pages = sheet_count(len(shown.indices))
    if pages > 1:
        mirrored(
            st.pagination,
            pages,
            key=f"data-sheets-{pages}",
            value=shown.sheet,
            on_change=lambda sheet: change(sheet=sheet, number=None),
            width="stretch",
        )


def choose_view(shown: Shown) -> str:
    """Shows what can be looked at below the image, and returns which of `VIEWS` is."""
    mirrored(
        st.segmented_control,
        "View",
        list(VIEWS),
        key="data-view",
        value=shown.choice.view,
        on_change=lambda view: change(view=view),
        format_func=lambda view: VIEWS.get(view, view),
        required=True,
        label_visibility="collapsed",
        wrap=True,
    )
    return shown.choice.view


def view_title(shown: Shown) -> str:
    """Returns the heading of what is shown below the image."""
    return f"All {shown.kind}s together" if shown.choice.view == "all" else VIEWS[shown.choice.view]


def _code(shown: Shown) -> FigureCode | None:
    choice = shown.choice
    if choice.is_disputed:
        return None  # a list of images by their numbers, which the sheet shows already
    values = {"FIRST": (shown.sheet - 1) * IMAGES_PER_SHEET, "COUNT": IMAGES_PER_SHEET, "LABEL": choice.label}
    if choice.writer is not None:
        return code_of_data("data/sheet_of_writer", shown.part_source, **values, WRITER=choice.writer)
    return code_of_data("data/sheet", shown.part_source, **values)
