"""The chosen network, opened for looking inside, and what a page says when that is not possible."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from model_lib.datasets.loading import DatasetError
from model_lib.layers.layer_reader import LayerReader
from model_lib.predictions import PredictionError, predict
from model_lib.storage.run import Run, RunError
from ui.look_inside import image_picker as image_sheet
from ui.shared.loaders import ChosenImage, chosen_image, dataset_of, inference_network_of, layer_reader_of
from ui.shared.selection import (
    OWN_IMAGES,
    ImageChoice,
    TestImage,
    own_images,
    select_image,
    select_test_image,
    selected_image,
    selected_run,
)
from ui.shared.visit import Once, mirrored, state_of


@dataclass(frozen=True)
class InspectedNetwork:
    """A network whose layers can be read.

    Args:
        run: its run, or None for the ready-made one.
        layers: reads its layers.
    """

    run: Run | None
    layers: LayerReader


def open_network() -> InspectedNetwork | None:
    """Opens the chosen network; where it cannot be opened, says why and returns None."""
    run = selected_run()
    try:
        with st.spinner("Opening the network", show_time=False):
            test = dataset_of(run).test
            predict(inference_network_of(run), test.images[:1])  # one that diverged is said to have, for all views
            layers = layer_reader_of(run)
    except (RunError, PredictionError, DatasetError) as error:
        st.warning(str(error), icon=":material/hourglass_top:")
        return None
    if run is not None and run.state == "running":
        st.info(
            "This network is still in training. You see it as it was some seconds ago; a click brings it up to date.",
            icon=":material/model_training:",
        )
    return InspectedNetwork(run, layers)


def choose_image() -> ChosenImage | None:
    """Shows in one line which image the page speaks of, and ways to another one.

    Returns:
        The image, or None when the run was deleted meanwhile or its data set is missing, which is then said.
    """
    run = selected_run()
    try:
        image = chosen_image(run)
        count = len(dataset_of(run).test.labels)
    except (RunError, DatasetError) as error:
        st.warning(str(error), icon=":material/error:")
        return None
    first = TestImage(0)
    others: list[ImageChoice] = [each for each in OWN_IMAGES if each in own_images()]
    if image.label is not None and image.index is None:  # of another test set
        others.append(selected_image())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if others:
            mirrored(
                st.segmented_control,
                "Image",
                [first, *others],
                key="image-kind",
                value=next((each for each in others if each == selected_image()), first),
                on_change=select_image,
                format_func=lambda each: "Test image" if each == first else each.title,
                required=True,
                help="The image that all pages of Look inside show.",
            )
        if image.index is not None:
            mirrored(
                st.number_input,
                f"Test image, 0 to {count - 1}",
                key="image-index",
                value=image.index,
                on_change=lambda index: _choose_index(index, count),
                step=1,
                width=260,
                help="Its place in the test set. The network was not trained on these images.",
            )
        image_sheet.show()
    if message := state_of(_Refused).message.take():
        st.error(message, icon=":material/error:")
    return image


@dataclass
class _Refused:
    """Why the last number that was typed names no image."""

    message: Once[str] = field(default_factory=Once)


def _choose_index(index: int | None, count: int) -> None:
    if index is not None and 0 <= index < count:
        select_test_image(index)
    else:
        received = "nothing" if index is None else str(index)
        numbers = f"The test images have the numbers 0 to {count - 1}."
        state_of(_Refused).message.put(f"{numbers} Received: {received}.")
