"""Small classifiers of the screens, trained on real images when somebody first asks, and then kept for all visitors."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.concepts.classifiers import Classifier, Settings, flat_pixels, train
from ui.shared.loaders import dataset

# No model of these screens is trained on the last training images. The test set stays for the last look.
HELD_OUT: Final = 5_000
_IMAGES: Final = 10_000


def training_images(count: int, is_scaled: bool = True) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Returns the first training images of MNIST, (count, 784), and their labels (count,)."""
    images = dataset("mnist").train
    return flat_pixels(images.images[:count], is_scaled), images.labels[:count]


def held_out_images(count: int = HELD_OUT, is_scaled: bool = True) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Returns the first of the held-out training images, (count, 784), and their labels (count,)."""
    images = dataset("mnist").train
    start = len(images.labels) - HELD_OUT
    return flat_pixels(images.images[start : start + count], is_scaled), images.labels[start : start + count]


@st.cache_resource(show_spinner="Training ten neurons")
def softmax_regression() -> Classifier:
    """Returns ten neurons, softmax regression, trained on 10,000 images: a fifth of a second."""
    return train(*training_images(_IMAGES), Settings()).classifier


@st.cache_resource(show_spinner="Training a hidden layer")
def small_dense_network() -> Classifier:
    """Returns a network with one hidden layer of 32 units, trained on 10,000 images: a third of a second."""
    return train(*training_images(_IMAGES), Settings(hidden=(32,))).classifier
