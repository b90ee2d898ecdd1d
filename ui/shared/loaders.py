"""Data sets, networks and images, loaded once for all visitors."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.compute.networks import PRETRAINED, NetworkReference
from model_lib.datasets import loading
from model_lib.datasets.image_set_names import unsplit
from model_lib.datasets.loading import DIGIT_NAMES, Dataset, Split, class_names, is_known, load_dataset
from model_lib.inference.session import InferenceNetwork
from model_lib.layers.layer_reader import LayerReader
from model_lib.predictions import load_pretrained
from model_lib.storage.checkpoints import weights_stamp
from model_lib.storage.run import Run
from ui.shared.selection import TestImage, index_within, own_images, selected_image
from ui.shared.user_digits import own_image_sets

# The weights of a network under training are written several times a second. For so long all visitors look at the same,
# and share what is computed of them.
_SNAPSHOT_SECONDS: Final = 5.0


# Visitors bring data sets too: those that were asked for last are kept.
@st.cache_resource(show_spinner="Reading the images", max_entries=12)
def dataset(name: str) -> Dataset:
    """Returns a data set. See `load_dataset` for its errors."""
    return load_dataset(name)


def dataset_of(run: Run | None, other: str | None = None) -> Dataset:
    """Returns the data set that a network was made for; MNIST for the ready-made one.

    Args:
        run: the run, or None for the ready-made network.
        other: name of another test set, in place of the network's own.
    """
    data = dataset("mnist" if run is None else run.config.dataset)
    return data if other is None else replace(data, test=dataset(other).test)


def names_of_test_sets(run: Run | None) -> tuple[str, ...]:
    """Returns the names of the test sets that a network can be tested on, its own first, the visitor's own sets last.

    Raises:
        RunError: if the run's settings are damaged.
    """
    name = "mnist" if run is None else run.config.dataset
    if not is_known(name):
        return (name,)
    names = loading.names_of_test_sets(name)
    if class_names(name) != DIGIT_NAMES:
        return names
    # Of the set that it was trained on, the images held out for the test are enough.
    return (*names, *(each.name for each in own_image_sets().sets() if each.name != unsplit(name)))


def inference_network_of(run: Run | None, is_live: bool = False) -> InferenceNetwork:
    """Returns the network of a run as it is now, or the ready-made one if `run` is None.

    Args:
        run: the run.
        is_live: whether of a network under training the newest weights count, not those that other visitors look at.

    Raises:
        RunError: if the run has no weights yet, or has been deleted.
        PredictionError: if the ready-made one is damaged.
    """
    if run is None:
        return load_pretrained()
    return _inference_network(str(run.folder), weights_stamp(run) if is_live else _stamp(run))


def network_reference(run: Run | None, epoch: int | None = None) -> NetworkReference:
    """Returns the name by which the compute worker opens the same network, as it is now or after an epoch."""
    if run is None:
        return PRETRAINED
    return NetworkReference(str(run.folder), epoch, _stamp(run) if epoch is None else weights_stamp(run, epoch))


def layer_reader_of(run: Run | None) -> LayerReader:
    """Returns the reader of the same network's layers. Its errors are those of `inference_network_of`."""
    return _layer_reader("", 0.0) if run is None else _layer_reader(str(run.folder), _stamp(run))


def _stamp(run: Run) -> float:
    return _recent_stamp(str(run.folder)) if run.state == "running" else weights_stamp(run)


@st.cache_data(ttl=_SNAPSHOT_SECONDS, show_spinner=False)
def _recent_stamp(folder: str) -> float:
    return weights_stamp(Run(Path(folder)))


@st.cache_resource(max_entries=32, show_spinner=False)
def _inference_network(folder: str, stamp: float) -> InferenceNetwork:
    from model_lib.inference.weights import read_run_weights

    run = Run(Path(folder))
    return InferenceNetwork(run.spec, read_run_weights(run))


# Fewer than of the networks for answers alone: with the outputs of all layers a network takes more memory.
@st.cache_resource(max_entries=8, show_spinner=False)
def _layer_reader(folder: str, stamp: float) -> LayerReader:
    network = _inference_network(folder, stamp) if folder else load_pretrained()
    return LayerReader(network.spec, network.weights)


@dataclass(frozen=True)
class ChosenImage:
    """The image that all pages speak of.

    Args:
        pixels: (28, 28) float32, 0 (black) to 1 (white).
        title: what a person calls it, e.g. "Test image 17".
        label: the truth, 0 to 9, or None for a drawing or an upload.
        index: its place in the network's own test set, or None.
    """

    pixels: NDArray[np.float32]
    title: str
    label: int | None = None
    index: int | None = None

    @property
    def digest(self) -> str:
        """Names the pixels, for what is kept of them."""
        return hashlib.blake2b(self.pixels.tobytes(), digest_size=16).hexdigest()


def chosen_image(run: Run | None) -> ChosenImage:
    """Returns the chosen image. An index that does not exist, or a drawing of another session, gives test image 0."""
    for kind, pixels in own_images().items():
        if kind == selected_image():
            return ChosenImage(pixels, kind.title)
    image = selected_image()
    own, *others = names_of_test_sets(run)
    if isinstance(image, TestImage) and image.other in others:
        test = dataset(image.other).test
        if image.index < len(test.labels):
            return ChosenImage(_pixels(test, image.index), image.title, int(test.labels[image.index]))
    test = dataset_of(run).test
    index = index_within(image, len(test.labels)) or index_within(image, len(test.labels), own) or 0
    return ChosenImage(_pixels(test, index), TestImage(index).title, int(test.labels[index]), index)


def _pixels(split: Split, index: int) -> NDArray[np.float32]:
    pixels: NDArray[np.float32] = split.images[index].astype(np.float32) / 255
    return pixels
