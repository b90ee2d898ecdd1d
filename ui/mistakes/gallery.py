"""The gallery of the page Review mistakes: which images, in which order, and the sheet that shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from model_lib.datasets.loading import Dataset
from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.image_filter import (
    CAPTIONS,
    PAGE_SIZES,
    PUBLISHED,
    SORTS,
    ImageFilter,
    filter_images,
    images_csv,
    on_page,
    page_count,
)
from model_lib.figures.image_grid import ImageGrid, captions_of, image_grid_figure, render_image_grid
from model_lib.figures.text.description import describe_images
from ui.mistakes.evaluations import code_of_shown, source_of_shown
from ui.mistakes.selection import change, choose, current_choice, open_image
from ui.shared.charts import choose_listed_image, clickable_chart
from ui.shared.figure_code import FigureCode
from ui.shared.visit import mirrored

_ALL = "all"
_PUBLISHED_HELP = {
    "All mistakes": "Every test image whose prediction is not its label.",
    "100 images": "Test images 0 to 99, each with its prediction.",
    "25 images": "Test images 0 to 24, each with its label and its prediction.",
}
_ORDER = "Confidence is the largest of the ten probabilities, loss the cross-entropy of the label."
_SORTS = {
    "confidence": "most confident first",
    "doubt": "least confident first",
    "loss": "largest loss first",
    "index": "index in the test set",
}
_CAPTIONS = {
    "mistakes": "prediction (probability) and index",
    "predictions": "prediction",
    "labels": "label=7, predict=7",
}


def show_first_image_button(evaluation: Evaluation) -> None:
    """Opens the first image of the gallery, also for those who have not come down to it."""
    choice = current_choice()
    shown = on_page(filter_images(evaluation, choice), choice)
    st.button(
        "Open the first image",
        type="primary",
        icon=":material/image_search:",
        disabled=not len(shown),
        on_click=open_image,
        args=(int(shown[0]) if len(shown) else 0,),
    )


def show_gallery(evaluation: Evaluation, data: Dataset, stamp: str) -> None:
    """Shows the chosen images as one sheet, with the controls that choose them."""
    choice = current_choice() if evaluation.writers is not None else replace(current_choice(), writer=None)
    names = data.class_names
    indices = filter_images(evaluation, choice)
    st.header(_title(choice, len(indices), names), anchor=False)
    shown = on_page(indices, choice)
    labels, predictions = evaluation.labels, evaluation.predictions
    if len(shown):
        # Before the filters: few tab stops from the top of the page.
        choose_listed_image(
            "Open an image of this page",
            {
                int(each): f"Test image {each}: {names[labels[each]]} predicted as {names[predictions[each]]}"
                for each in shown
            },
            f"sheet-{stamp}-{choice}",
            open_image,
        )
    _filters(choice, evaluation, names)
    if not len(shown):
        is_perfect = choice.mistakes_only and not evaluation.is_mistake.any()
        if is_perfect:
            st.success("This network predicts every test image correctly: there is no mistake to look at.")
        else:
            st.info("No test image fits this choice. Take a filter away.", icon=":material/filter_alt_off:")
        return
    _pages(choice, len(indices))
    sheet, figure, details = _sheet(stamp, choice, evaluation, data)
    clickable_chart(
        figure,
        f"sheet-{stamp}-{choice}",
        describe_images(details),
        open_image,
        "gallery",
        code=_code(choice, len(indices)),
    )
    st.caption("Click an image to look at it closely, or choose it from the list.")
    with st.container(horizontal=True):
        st.download_button(
            f"All {len(indices):,} as CSV",
            lambda: images_csv(evaluation, indices, names),
            "images.csv",
            "text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key="gallery_csv",
        )
        st.download_button(
            "Sheet as PNG",
            sheet.png,
            "images.png",
            "image/png",
            icon=":material/image:",
            type="tertiary",
            on_click="ignore",
            key="gallery_png",
        )


def _code(choice: ImageFilter, images: int) -> FigureCode:
    is_any = (choice.least, choice.most) == (0, 100)
    return code_of_shown(
        "mistakes/gallery",
        source_of_shown(),
        MISTAKES_ONLY=choice.mistakes_only,
        LABEL=choice.label,
        PREDICTION=choice.prediction,
        WRITER=choice.writer,
        BETWEEN=None if is_any else (choice.least / 100, choice.most / 100),
        SORT=choice.sort,
        FIRST=(min(choice.page, page_count(images, choice)) - 1) * choice.per_page,
        COUNT=choice.per_page,
    )


# All visitors who look at the same images share a sheet.
@st.cache_resource(max_entries=100, show_spinner=False)
def _sheet(
    stamp: str, choice: ImageFilter, _evaluation: Evaluation, _data: Dataset
) -> tuple[ImageGrid, go.Figure, list[str]]:
    """Draws the images of one page, and says what they are: `stamp` names the answers, which are not compared."""
    shown = on_page(filter_images(_evaluation, choice), choice)
    captions = captions_of(_evaluation, shown, _data.class_names, choice.captions)
    sheet = render_image_grid(_data.test.images[shown], captions)
    details = [caption.detail for caption in captions]
    return sheet, image_grid_figure(sheet, shown.tolist(), details), details


def _title(choice: ImageFilter, count: int, names: Sequence[str]) -> str:
    """Says in words what is shown, e.g. "5 predicted as 3: 12 images"."""
    subject = "mistakes" if choice.mistakes_only else "images"
    if count == 1:
        subject = subject.removesuffix("s")
    label = "Any label" if choice.label is None else names[choice.label]
    whose = "" if choice.writer is None else f" by person {choice.writer}"
    if choice.prediction is not None:
        return f"{label} predicted as {names[choice.prediction]}: {count:,} {subject}{whose}"
    return f"{'All labels' if choice.label is None else f'Label {label}'}: {count:,} {subject}{whose}"


def _filters(choice: ImageFilter, evaluation: Evaluation, names: Sequence[str]) -> None:
    with st.container(horizontal=True):
        for title, published in PUBLISHED.items():
            st.button(title, key=f"preset_{title}", on_click=choose, args=(published,), help=_PUBLISHED_HELP[title])
    classes = [_ALL, *range(len(names))]

    def name(place: int | str) -> str:
        return _ALL if isinstance(place, str) else names[place]

    # With a key the fold stays as the visitor left it.
    with st.expander("Filter, order, captions", key="gallery_filters"):
        label, prediction, images = st.columns(3)
        with label:
            _field("Label", classes, "label", choice, name, "Only images of this class.")
        with prediction:
            _field("Prediction", classes, "prediction", choice, name, "Only images predicted as this class.")
        with images:
            _field(
                "Images",
                [True, False],
                "mistakes_only",
                choice,
                lambda only: "mistakes" if only else "all",
                "Mistakes: the prediction is not the label.",
            )
        if evaluation.writers is not None:
            writers = [_ALL, *np.unique(evaluation.writers).tolist()]
            _field(
                "Drawn by",
                writers,
                "writer",
                choice,
                lambda writer: writer if writer == _ALL else f"person {writer}",
                "Only digits that this person drew.",
            )
        sort, per_page = st.columns([2, 1])
        with sort:
            _field("Order", list(SORTS), "sort", choice, _SORTS.__getitem__, _ORDER)
        with per_page:
            _field("Images a page", list(PAGE_SIZES), "per_page", choice, str, "Fewer are drawn larger.")
        _field("Captions", list(CAPTIONS), "captions", choice, _CAPTIONS.__getitem__, "What stands above each image.")
        mirrored(
            st.slider,
            "Confidence, per cent",
            0,
            100,
            key="gallery_confidence",
            value=(choice.least, choice.most),
            on_change=lambda ends: change(least=ends[0], most=ends[1]),
            help="Only images whose largest probability lies between the two.",
        )


def _field(
    title: str,
    options: Sequence[object],
    field: str,
    choice: ImageFilter,
    format_func: Callable[[Any], str],
    help: str,
) -> None:
    """Shows one field of the choice."""
    value = getattr(choice, field)
    mirrored(
        st.selectbox,
        title,
        options,
        key=f"gallery_{field}",
        value=_ALL if value is None else value,
        on_change=lambda value: change(**{field: None if value == _ALL else value}),
        format_func=format_func,
        help=help,
    )


def _pages(choice: ImageFilter, images: int) -> None:
    pages = page_count(images, choice)
    if choice.page > pages:
        st.warning(f"There are only {pages} pages: the last one is shown.", icon=":material/info:")
    if pages == 1:
        return
    page = min(choice.page, pages)
    mirrored(
        st.pagination, pages, key="gallery_page", value=page, on_change=lambda page: change(page=page), width="stretch"
    )
    st.markdown(f"Page {page} of {pages}")
