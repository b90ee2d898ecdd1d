"""Feature visualization: top activating images, and activation maximization."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE, ProgressCallback
from model_lib.interpretability.layer_outputs import BATCH, FeatureReader, as_float, in_batches
from model_lib.interpretability.results import TopActivations
from model_lib.layers.layer_info import block_of
from model_lib.layers.receptive_field import Box, receptive_field

TOP_IMAGES: Final = 9
_SHIFT_PIXELS: Final = 2
_LEARNING_RATE: Final = 0.05


def top_activating_images(
    reader: FeatureReader, layer: str, images: NDArray[np.uint8], progress: ProgressCallback | None = None
) -> TopActivations:
    """Finds the nine images of maximal activation for each filter of a layer, and the position in each.

    Args:
        reader: the network's reader.
        layer: a convolution or dense layer; its output after the fused normalisation and activation is used.
        images: (n, 28, 28) uint8, at least nine.
        progress: called with 0 to 1.

    Returns:
        The top images of all filters, each image at most once a filter.
    """
    end = block_of(reader.views, layer).stop

    def maxima(batch: tf.Tensor) -> tf.Tensor:
        values = reader.forward(reader.as_input(batch), 0, end)
        return tf.reduce_max(values, axis=(1, 2)) if values.shape.rank == 4 else values

    function = reader.network_function(f"maxima-{layer}", maxima, tf.TensorSpec((None, 28, 28), tf.float32))
    found = []
    for done, batch in enumerate(in_batches(images)):
        found.append(function(as_float(batch)).numpy())
        if progress is not None:
            progress(0.9 * (done + 1) * BATCH / len(images))
    values = np.concatenate(found)
    order = np.argsort(-values, axis=0, kind="stable")[:TOP_IMAGES].T
    boxes = _boxes(reader, layer, images, order)
    return TopActivations(layer, order, np.take_along_axis(values, order.T, axis=0).T, boxes)


def _boxes(reader: FeatureReader, layer: str, images: NDArray[np.uint8], order: NDArray[np.intp]) -> list[list[Box]]:
    """Locates the maxima in the top images only; the feature maps of all images would take several times as long."""
    top_images = np.unique(order)
    boxes: dict[tuple[int, int], Box] = {}
    for batch in in_batches(top_images, 100):
        maps = reader.outputs(layer, images[batch])
        for image, outputs in zip(batch, maps, strict=True):
            for unit in np.nonzero((order == image).any(axis=1))[0]:
                position: tuple[int, ...] = (int(unit),)
                if outputs.ndim == 3:
                    row, column = np.unravel_index(int(outputs[..., unit].argmax()), outputs.shape[:2])
                    position = (int(row), int(column), int(unit))
                boxes[int(unit), int(image)] = receptive_field(reader.views, layer, position)
    return [[boxes[unit, int(image)] for image in row] for unit, row in enumerate(order)]


def maximize_activation(
    reader: FeatureReader, layer: str, unit: int, steps: int = 200, seed: int = 0
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Activation maximization: gradient ascent on the image, from uniform noise.

    The objective is the pre-activation, since ReLU has no gradient below zero; of a convolution, that of the central
    pixel of the feature map. For a dense unit the image is jittered by up to two pixels before each step.

    Args:
        reader: the network's reader.
        layer: a convolution or dense layer.
        unit: index of the filter or unit.
        steps: gradient steps.
        seed: of the initial noise and the jitter.

    Yields:
        The fraction of steps done, and the image (28, 28) float32, 0 to 1. Pixels outside the receptive field of the
        central output stay noise, see `center_receptive_field`.

    Source: D. Erhan et al., "Visualizing higher-layer features of a deep network", 2009; the jitter after
    A. Mordvintsev, C. Olah and M. Tyka, "Inceptionism", 2015.
    """
    shape = reader.view(layer).shape

    def gradient(image: tf.Tensor, one_hot: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(image)
            values = reader.pre_activations(reader.as_input(image), layer)
            if len(shape) == 3:
                values = values[:, shape[0] // 2, shape[1] // 2]
            objective = tf.reduce_sum(values * one_hot)
        return tape.gradient(objective, image)

    function = reader.network_function(
        f"maximize-{layer}", gradient, tf.TensorSpec((1, 28, 28), tf.float32), tf.TensorSpec((shape[-1],), tf.float32)
    )
    rng = np.random.default_rng(seed)
    image = rng.uniform(0.4, 0.6, (IMAGE_SIDE, IMAGE_SIDE)).astype(np.float32)
    one_hot = tf.one_hot(unit, shape[-1])
    jitter = 0 if len(shape) == 3 else _SHIFT_PIXELS
    for step in range(steps):
        shift = rng.integers(-jitter, jitter + 1, 2)
        shifted = np.roll(image, shift, (0, 1))
        direction = np.roll(function(tf.constant(shifted[np.newaxis]), one_hot).numpy()[0], -shift, (0, 1))
        # Normalised by the maximum: gradients differ a thousandfold between layers.
        image = np.clip(image + _LEARNING_RATE * direction / (np.abs(direction).max() + 1e-12), 0.0, 1.0)
        yield (step + 1) / steps, image


def center_receptive_field(reader: FeatureReader, layer: str) -> Box:
    """Returns the receptive field of the central output pixel of a layer, or of a dense unit."""
    shape = reader.view(layer).shape
    position = (shape[0] // 2, shape[1] // 2, 0) if len(shape) == 3 else (0,)
    return receptive_field(reader.views, layer, position)
