"""Attribution: Grad-CAM, saliency and occlusion maps of a class score."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES
from model_lib.interpretability.layer_outputs import FeatureReader, in_batches
from model_lib.layers.layer_info import activated_block

_IMAGE = tf.TensorSpec((1, 28, 28), tf.float32)
_ONE_HOT = tf.TensorSpec((CLASSES,), tf.float32)


def grad_cam(reader: FeatureReader, image: NDArray[np.float32], digit: int, layer: str) -> NDArray[np.float32]:
    """Computes a Grad-CAM map: feature maps weighted by the mean gradient of a class score.

    Args:
        reader: the network's reader.
        image: (28, 28), 0 to 1.
        digit: class whose logit is explained.
        layer: a convolution; its output after its activation is used, pooled where a pooling stands between the two:
            maps with negative values would often weigh up to no positive evidence at all.

    Returns:
        (height, width) of these maps, non-negative: only positive evidence.

    Source: R. Selvaraju et al., "Grad-CAM", 2017, equations 1 and 2.
    """
    end = activated_block(reader.views, layer).stop

    def maps_and_gradients(images: tf.Tensor, one_hot: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        maps = reader.forward(reader.as_input(images), 0, end)
        with tf.GradientTape() as tape:
            tape.watch(maps)
            score = tf.reduce_sum(reader.logits(maps, end) * one_hot)
        return maps[0], tape.gradient(score, maps)[0]

    function = reader.network_function(f"grad_cam-{layer}", maps_and_gradients, _IMAGE, _ONE_HOT)
    maps, gradients = function(tf.constant(image[np.newaxis], tf.float32), tf.one_hot(digit, CLASSES))
    return weight_feature_maps(maps.numpy(), gradients.numpy())


def weight_feature_maps(maps: NDArray[np.float32], gradients: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums feature maps weighted by their mean gradients, followed by ReLU.

    Args:
        maps: (height, width, channels).
        gradients: of the score with respect to the maps, same shape.

    Returns:
        (height, width), non-negative.
    """
    heat: NDArray[np.float32] = np.maximum(maps @ gradients.mean(axis=(0, 1)), 0.0)
    return heat


def saliency(reader: FeatureReader, image: NDArray[np.float32], digit: int) -> NDArray[np.float32]:
    """Computes a saliency map: the absolute gradient of a logit with respect to the pixels.

    Args:
        reader: the network's reader.
        image: (28, 28), 0 to 1.
        digit: class whose logit is explained.

    Returns:
        (28, 28), non-negative.

    Source: K. Simonyan, A. Vedaldi and A. Zisserman, "Deep inside convolutional networks", 2013.
    """

    def gradient(images: tf.Tensor, one_hot: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.reduce_sum(reader.logits(reader.as_input(images)) * one_hot)
        return tape.gradient(score, images)[0]

    function = reader.network_function("saliency", gradient, _IMAGE, _ONE_HOT)
    gradients: NDArray[np.float32] = function(
        tf.constant(image[np.newaxis], tf.float32), tf.one_hot(digit, CLASSES)
    ).numpy()
    return np.abs(np.asarray(gradients))


def occlusion(reader: FeatureReader, image: NDArray[np.float32], digit: int, side_px: int = 5) -> NDArray[np.float32]:
    """Computes an occlusion map: the drop of a class probability under a sliding black square.

    Args:
        reader: the network's reader.
        image: (28, 28), 0 to 1.
        digit: class whose probability is measured.
        side_px: side of the square, odd.

    Returns:
        (28, 28): drop with the square centred on that pixel, -1 to 1; negative where occlusion helps.

    Raises:
        ValueError: if `side_px` is even or not positive.

    Source: M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", 2014.
    """
    occluded = occlude_each_pixel(image, side_px)
    is_changed = (occluded != image).any(axis=(1, 2))  # a square on black hides nothing
    probabilities = predict_probabilities(reader, np.concatenate([image[np.newaxis], occluded[is_changed]]))[:, digit]
    drops = np.zeros(image.size, np.float32)
    drops[is_changed] = probabilities[0] - probabilities[1:]
    return drops.reshape(image.shape)


def occlude_each_pixel(image: NDArray[np.float32], side_px: int) -> NDArray[np.float32]:
    """Returns the image once for each pixel, with a black square around that pixel, (height * width, height, width).

    Raises:
        ValueError: if `side_px` is even or not positive.
    """
    if side_px < 1 or side_px % 2 == 0:
        raise ValueError(f"`side_px` must be an odd number from 1. Received: {side_px}.")
    height, width = image.shape
    reach = side_px // 2
    rows, columns = (np.abs(np.arange(side)[:, None] - np.arange(side)) <= reach for side in (height, width))
    is_occluded = rows[:, None, :, None] & columns[None, :, None, :]
    return np.where(is_occluded, np.float32(0.0), image).reshape(-1, height, width)


def predict_probabilities(reader: FeatureReader, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Computes the network's probabilities, (n, 10), for images (n, 28, 28) from 0 to 1."""
    end = len(reader.views)
    function = reader.network_function(
        "probabilities",
        lambda batch: reader.forward(reader.as_input(batch), 0, end),
        tf.TensorSpec((None, 28, 28), tf.float32),
    )
    return np.concatenate([function(tf.constant(batch, tf.float32)).numpy() for batch in in_batches(images)])
