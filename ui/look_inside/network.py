"""The chosen network, opened for looking inside, and what a page says when that is not possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from model_lib.datasets.loading import DatasetError
from model_lib.predictions import PredictionError, predict
from model_lib.storage.run import Run, RunError
from ui.shared.loaders import ChosenImage, chosen_image, dataset_of, network_of
from ui.shared.selection import select_image, selected_image, selected_run

if TYPE_CHECKING:
    from model_lib.interpretability.layer_outputs import FeatureReader


@dataclass(frozen=True)
class Opened:
    """A network whose layers can be read.

    Args:
        run: its run, or None for the one that comes along.
        reader: reads its layers.
    """

    run: Run | None
    reader: FeatureReader


def open_network() -> Opened | None:
    """Opens the chosen network; where it cannot be opened, says why and returns None."""
    run = selected_run()
    try:
        with st.spinner("Opening the network", show_time=False):
            test = dataset_of(run).test
            network = network_of(run)
            from model_lib.interpretability.layer_outputs import reader_of  # here, not above: it loads Keras

            predict(network, test.images[:1])  # a network that diverged is said to have, once for all views
            reader = reader_of(network)
    except (RunError, PredictionError, DatasetError) as error:
        st.warning(str(error), icon=":material/hourglass_top:")
        return None
    if run is not None and run.state == "running":
        st.info(
            "This network is still learning. You see it as it was when this page was last drawn; any click brings "
            "it up to date.",
            icon=":material/model_training:",
        )
    return Opened(run, reader)


def choose_image() -> ChosenImage | None:
    """Shows which image the page speaks of, and ways to another one.

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
    own = [name for name in ("drawing", "upload") if name in st.session_state.get("own_images", {})]
    if own:
        names = {"test": "Test image", "drawing": "My drawing", "upload": "My picture"}
        st.session_state["image-kind"] = selected_image() if selected_image() in own else "test"
        st.segmented_control(
            "Image", ["test", *own], format_func=names.get, key="image-kind", on_change=_take_kind, required=True
        )
    if image.index is not None:
        st.session_state["image-index"] = image.index
        label = f"Test image, 0 to {count - 1:,}"
        st.number_input(label, key="image-index", on_change=_take_index, args=(count,), step=1, width=260)
    if wrong := st.session_state.pop("image-wrong", None):
        st.error(wrong, icon=":material/error:")
    return image


def _take_kind() -> None:
    kind = st.session_state["image-kind"]
    select_image("test-0" if kind == "test" else kind)


def _take_index(count: int) -> None:
    index = st.session_state["image-index"]
    if index is not None and 0 <= index < count:
        select_image(f"test-{index}")
    else:
        received = "nothing" if index is None else f"{index:,}"
        st.session_state["image-wrong"] = f"The test images have the numbers 0 to {count - 1:,}. Received: {received}."
