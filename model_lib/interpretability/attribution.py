"""Why this answer: which pixels, and which parts of the image, speak for a digit. Three methods."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES
from model_lib.interpretability.layer_info import block_of
from model_lib.interpretability.layer_outputs import FeatureReader, in_batches

_IMAGE = tf.TensorSpec((1, 28, 28), tf.float32)
_WANTED = tf.TensorSpec((CLASSES,), tf.float32)


def grad_cam(reader: FeatureReader, image: NDArray[np.float32], digit: int, layer: str) -> NDArray[np.float32]:
    """Weighs a layer's feature maps by how much each one raises a digit's score, and adds them up.

    Args:
        reader: the network's reader.
        image: (28, 28), 0 to 1.
        digit: whose score, before softmax, is explained.
        layer: a convolution; its maps are taken behind the normalisation and activation that follow it.

    Returns:
        (height, width) of the layer, 0 and up: only what speaks for the digit is kept.

    Source: R. Selvaraju et al., "Grad-CAM", 2017, equations 1 and 2.
    """
    end = block_of(reader.views, layer).stop

    def maps_and_slopes(images: tf.Tensor, wanted: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        maps = reader.forward(reader.as_input(images), 0, end)
        with tf.GradientTape() as tape:
            tape.watch(maps)
            score = tf.reduce_sum(reader.logits(maps, end) * wanted)
        return maps[0], tape.gradient(score, maps)[0]

    function = reader.compiled(f"grad_cam-{layer}", maps_and_slopes, _IMAGE, _WANTED)
    maps, slopes = function(tf.constant(image[np.newaxis], tf.float32), tf.one_hot(digit, CLASSES))
    return combine_maps(maps.numpy(), slopes.numpy())


def combine_maps(maps: NDArray[np.float32], slopes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Adds up feature maps, each weighed by its mean slope, and cuts the sum off at zero.

    Args:
        maps: (height, width, channels).
        slopes: alike: how the score changes with each number of the maps.

    Returns:
        (height, width), 0 and up.
    """
    heat: NDArray[np.float32] = np.maximum(maps @ slopes.mean(axis=(0, 1)), 0.0)
    return heat


def saliency(reader: FeatureReader, image: NDArray[np.float32], digit: int) -> NDArray[np.float32]:
    """Computes how strongly a digit's score, before softmax, hangs on each pixel: the slope without its sign.

    Args:
        reader: the network's reader.
        image: (28, 28), 0 to 1.
        digit: whose score is explained.

    Returns:
        (28, 28), 0 and up.

    Source: K. Simonyan, A. Vedaldi and A. Zisserman, "Deep inside convolutional networks", 2013.
    """

    def slope(images: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.reduce_sum(reader.logits(reader.as_input(images)) * wanted)
        return tape.gradient(score, images)[0]

    function = reader.compiled("saliency", slope, _IMAGE, _WANTED)
    slopes: NDArray[np.float32] = function(
        tf.constant(image[np.newaxis], tf.float32), tf.one_hot(digit, CLASSES)
    ).numpy()
    return np.abs(np.asarray(slopes))


def occlusion(reader: FeatureReader, image: NDArray[np.float32], digit: int, side_px: int = 5) -> NDArray[np.float32]:
    """Hides each part of the image behind a black square and sees how far the digit's probability falls.

    Args:
        reader: the network's reader.
        image: (28, 28), 0 to 1.
        digit: whose probability is watched.
        side_px: side of the square, an odd number of pixels.

    Returns:
        (28, 28): the loss of probability with the square's middle on that pixel, -1 to 1; negative where hiding helps.

    Raises:
        ValueError: if `side_px` is even or not positive.

    Source: M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", 2014.
    """
    hidden = hide_each_part(image, side_px)
    answers = answer_all(reader, np.concatenate([image[np.newaxis], hidden]))[:, digit]
    drops: NDArray[np.float32] = (answers[0] - answers[1:]).reshape(image.shape)
    return drops


def hide_each_part(image: NDArray[np.float32], side_px: int) -> NDArray[np.float32]:
    """Returns the image once for each pixel, with a black square around that pixel, (height * width, height, width).

    Raises:
        ValueError: if `side_px` is even or not positive.
    """
    if side_px < 1 or side_px % 2 == 0:
        raise ValueError(f"`side_px` must be an odd number from 1. Received: {side_px}.")
    height, width = image.shape
    reach = side_px // 2
    rows, columns = (np.abs(np.arange(side)[:, None] - np.arange(side)) <= reach for side in (height, width))
    is_hidden = rows[:, None, :, None] & columns[None, :, None, :]
    return np.where(is_hidden, np.float32(0.0), image).reshape(-1, height, width)


def answer_all(reader: FeatureReader, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Computes the network's probabilities, (n, 10), for images (n, 28, 28) from 0 to 1."""
    end = len(reader.views)
    function = reader.compiled(
        "answer",
        lambda batch: reader.forward(reader.as_input(batch), 0, end),
        tf.TensorSpec((None, 28, 28), tf.float32),
    )
    return np.concatenate([function(tf.constant(batch, tf.float32)).numpy() for batch in in_batches(images)])
