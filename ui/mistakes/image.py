"""One test image: its prediction, its nearest training images, the predictions of other networks, and links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import streamlit as st

from model_lib.compute.computations import NearestImages
from model_lib.config.training import learnt_images
from model_lib.datasets.image_set_names import is_image_set
from model_lib.datasets.label_errors import label_dispute
from model_lib.datasets.loading import Dataset
from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.image_filter import filter_images
from model_lib.evaluation.label_issues import network_predictions
from model_lib.figures.image_grid import Caption, image_grid_figure, render_image_grid
from model_lib.figures.predictions import large_image, probability_bars
from model_lib.figures.text.description import describe_images, describe_probabilities
from model_lib.number_format import probability_text
from model_lib.storage.run import Run
from ui.mistakes.evaluations import Evaluated, all_evaluations, code_of_shown, source_of_shown
from ui.mistakes.selection import current_choice, open_view
from ui.shared.canvas_hand_over import hand_over_to_canvas
from ui.shared.charts import show_chart
from ui.shared.figure_code import FigureCode, code_of_data, code_of_network, training_images
from ui.shared.jobs import compute
from ui.shared.layout import side_by_side
from ui.shared.loaders import network_reference
from ui.shared.selection import OwnImage, TestImage, index_within, select_test_image, selected_image
from ui.shared.user_digits import own_image_sets
from ui.shared.wording import as_written

_NEIGHBOURS_PX: Final = 320
_TO_LOOK_INSIDE = "What each layer of the network computes for this image."
_TO_DRAW = "Opens Draw with this image, where other networks can be asked too."


def show_image(run: Run | None, evaluated: Evaluated, data: Dataset) -> None:
    """Shows the chosen test image, its probabilities, its neighbours and the other networks' predictions."""
    evaluation = evaluated.evaluation
    index = _chosen_index(evaluation, evaluated.other)
    _buttons(evaluation, data, index, evaluated.other)
    label, answer = int(evaluation.labels[index]), int(evaluation.predictions[index])
    names = data.class_names
    writer = "" if evaluation.writers is None else f", drawn by person {evaluation.writers[index]}"
    st.header(f"Test image {index}{writer}")
    confidence = probability_text(evaluation.confidences[index])
    words = f"Label **{names[label]}**, predicted **{names[answer]}** ({confidence})"
    st.markdown(f":red[{words}]" if label != answer else words)
    if is_image_set(evaluated.other):
        # As plain text: a name may look like Markdown, HTML or a formula.
        st.text(f"From {own_image_sets().file_names(str(evaluated.other))[index]}")
    if dispute := label_dispute(evaluation.dataset, index):
        st.warning(dispute, icon=":material/gavel:")
    picture, bars = side_by_side("image")
    with picture:
        title = f"Test image {index}, label {names[label]}"
        code = code_of_data("data/picture", source_of_shown(), IMAGE=index)
        show_chart(large_image(data.test.images[index]), f"image-{index}", title, "none", code=code)
    with bars:
        figure = probability_bars(evaluation.probabilities[index], names, label)
        alt = describe_probabilities(evaluation.probabilities[index], names)
        show_chart(
            figure, f"probabilities-{index}", alt, "none", code=code_of_shown("mistakes/probabilities", IMAGE=index)
        )
    nearest, others = side_by_side("nearest")
    with nearest:
        _neighbours(run, evaluated, data, index)
    with others:
        _other_networks(evaluation.dataset, data.class_names, index)


def _chosen_index(evaluation: Evaluation, other: str | None) -> int:
    """Returns the chosen test image; says so where the choice is none."""
    image, images, names = selected_image(), len(evaluation.labels), (other, evaluation.dataset)
    for name in names:
        index = index_within(image, images, name)
        if index is not None:
            return index
    shown = filter_images(evaluation, current_choice())
    first_shown = int(shown[0]) if len(shown) else 0
    if isinstance(image, OwnImage):
        st.info("Your own image has no label, so it cannot be a mistake. Here is the gallery's first image.")
        return first_shown
    if isinstance(image, TestImage) and image.other not in names:
        st.info("The chosen image is of other test images than these. Here is the gallery's first image.")
        return first_shown
    first, last = TestImage(0, other).to_param(), TestImage(images - 1, other).to_param()
    st.warning(
        f"The address asks for the image {as_written(image.to_param())}; "
        f"test images are {first} to {last}. Here is test image 0."
    )
    return 0


def _buttons(evaluation: Evaluation, data: Dataset, index: int, other: str | None) -> None:
    """Leads on to other pages, back to the gallery and to the image's neighbours in it."""
    order = filter_images(evaluation, current_choice())
    places = np.flatnonzero(order == index)
    with st.container(horizontal=True):
        st.button("Back to the gallery", icon=":material/grid_view:", on_click=open_view, args=("gallery",))
        place = int(places[0]) if len(places) else None
        for text, icon, step in (
            ("Previous image", ":material/chevron_left:", -1),
            ("Next image", ":material/chevron_right:", 1),
        ):
            exists = place is not None and 0 <= place + step < len(order)
            target = int(order[place + step]) if place is not None and exists else index
            # Not `open_image`: the page must not move away from the next click.
            st.button(text, icon=icon, disabled=not exists, on_click=select_test_image, args=(target, other))
        _links(data, index, other)


def _links(data: Dataset, index: int, other: str | None) -> None:
    if st.button(
        "Look inside", icon=":material/frame_inspect:", type="primary", key="to_look_inside", help=_TO_LOOK_INSIDE
    ):
        select_test_image(index, other)
        st.switch_page("pages/look_inside.py")
    if st.button("Put it on the canvas", icon=":material/draw:", key="to_draw", help=_TO_DRAW):
        hand_over_to_canvas(data.test.images[index].astype(np.float32) / 255)
        st.switch_page("pages/draw.py")


def _neighbours(run: Run | None, evaluated: Evaluated, data: Dataset, index: int) -> None:
    st.subheader("Nearest training images")
    nearest = compute(
        NearestImages(network_reference(run, evaluated.epoch), index, evaluated.other),
        "Computing the embeddings of all training images",
    )
    if nearest is None:
        st.space(_NEIGHBOURS_PX)  # a page that became shorter would move below the pointer
        return
    names, label = data.class_names, int(evaluated.evaluation.labels[index])
    captions = [
        Caption(
            names[data.train.labels[each]],
            int(data.train.labels[each]) != label,
            str(each),
            f"training image {each}: label {names[data.train.labels[each]]}, distance {distance:.2f}",
        )
        for each, distance in zip(nearest.indices.tolist(), nearest.distances.tolist(), strict=True)
    ]
    grid = render_image_grid(data.train.images[nearest.indices], captions)
    show_chart(
        image_grid_figure(grid, nearest.indices.tolist(), [each.detail for each in captions]),
        f"neighbours-{evaluated.stamp}-{index}",
        f"The nearest training images: {describe_images([each.detail for each in captions])}",
        "none",
        code=_code_of_neighbours(run, data, index),
    )
    projected = " (after a random projection to 256 numbers)" if nearest.is_projected else ""
    st.caption(
        "The training images whose embedding (outputs of the last hidden layer) is nearest to that of this image, "
        f"nearest first{projected}: label, and in blue the index in the training set. "
        "Red are labels other than this image's."
    )


def _code_of_neighbours(run: Run | None, data: Dataset, index: int) -> FigureCode:
    learnt = len(data.train.images) if run is None else learnt_images(run.config)
    sources = (training_images(run), source_of_shown())
    return code_of_network("mistakes/nearest_training_images", run, *sources, IMAGE=index, TRAINED=learnt)


def _other_networks(test_set: str, names: Sequence[str], index: int) -> None:
    st.subheader("Predictions of all networks")
    rows = network_predictions(all_evaluations(test_set), index)
    if not rows:
        st.caption("No finished network has been tested on this image yet.")
        return
    st.dataframe(
        {
            "network": [row.network for row in rows],
            "prediction": [names[row.prediction] for row in rows],
            "confidence": [probability_text(row.confidence) for row in rows],
            "correct": [row.is_right for row in rows],
        },
        hide_index=True,
        width="stretch",
    )
