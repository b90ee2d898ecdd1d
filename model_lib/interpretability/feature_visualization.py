"""What a filter likes: the test images that excite it most, and an image made for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.interpretability.layer_info import block_of
from model_lib.interpretability.layer_outputs import BATCH, FeatureReader, as_float, in_batches
from model_lib.interpretability.receptive_field import Box, receptive_field

Progress = Callable[[float], None]

FAVOURITES: Final = 9
_SHIFT_PIXELS: Final = 2
_LEARNING_RATE: Final = 0.05


@dataclass(frozen=True)
class Favourites:
    """For each filter of a layer the images that excite it most.

    Args:
        layer: the layer's name.
        images: (filters, 9), places in the test set, the strongest first.
        values: (filters, 9), the filter's strongest answer in each image.
        boxes: (filters, 9) of boxes: which part of the image caused it.
    """

    layer: str
    images: NDArray[np.intp]
    values: NDArray[np.float32]
    boxes: list[list[Box]]


def find_favourites(
    reader: FeatureReader, layer: str, images: NDArray[np.uint8], progress: Progress | None = None
) -> Favourites:
    """Finds the nine images, and the place in each, that excite each filter of a layer most.

    Args:
        reader: the network's reader.
        layer: a convolution or a dense layer. What counts is its answer behind the activation that follows it.
        images: (n, 28, 28) uint8, at least nine.
        progress: is called with 0 to 1.

    Returns:
        The favourites of all filters, each image once.
    """
    end = block_of(reader.views, layer).stop

    def strongest(batch: tf.Tensor) -> tf.Tensor:
        values = reader.forward(reader.as_input(batch), 0, end)
        return tf.reduce_max(values, axis=(1, 2)) if values.shape.rank == 4 else values

    function = reader.compiled(f"strongest-{layer}", strongest, tf.TensorSpec((None, 28, 28), tf.float32))
    found = []
    for done, batch in enumerate(in_batches(images)):
        found.append(function(as_float(batch)).numpy())
        if progress is not None:
            progress(0.9 * (done + 1) * BATCH / len(images))
    values = np.concatenate(found)
    order = np.argsort(-values, axis=0, kind="stable")[:FAVOURITES].T
    boxes = _boxes(reader, layer, images, order)
    return Favourites(layer, order, np.take_along_axis(values, order.T, axis=0).T, boxes)


def _boxes(reader: FeatureReader, layer: str, images: NDArray[np.uint8], order: NDArray[np.intp]) -> list[list[Box]]:
    """Looks only into the winners for the place: finding it in all images would take several times as long."""
    winners = np.unique(order)
    places: dict[tuple[int, int], Box] = {}
    for batch in in_batches(winners, 100):
        maps = reader.outputs(layer, images[batch])
        for image, outputs in zip(batch, maps, strict=True):
            for unit in np.nonzero((order == image).any(axis=1))[0]:
                position: tuple[int, ...] = (int(unit),)
                if outputs.ndim == 3:
                    row, column = np.unravel_index(int(outputs[..., unit].argmax()), outputs.shape[:2])
                    position = (int(row), int(column), int(unit))
                places[int(unit), int(image)] = receptive_field(reader.views, layer, position)
    return [[places[unit, int(image)] for image in row] for unit, row in enumerate(order)]


def strongest_patches(favourites: Favourites, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cuts out of each filter's most exciting image the part that it saw.

    Returns:
        (filters, height, width) uint8, all as large as the largest part; one at the image's border has black beside it.
    """
    boxes = [row[0] for row in favourites.boxes]
    height, width = max(box.height for box in boxes), max(box.width for box in boxes)
    patches = np.zeros((len(boxes), height, width), np.uint8)
    for patch, box, image in zip(patches, boxes, images[favourites.images[:, 0]], strict=True):
        # What lies beyond the border of the image stays black, on the side where the border is.
        top = height - box.height if box.top == 0 else 0
        left = width - box.width if box.left == 0 else 0
        patch[top : top + box.height, left : left + box.width] = image[box.top : box.bottom, box.left : box.right]
    return patches


def ascend(
    reader: FeatureReader, layer: str, unit: int, steps: int = 200, seed: int = 0
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Makes an image that excites a filter: from faint noise, each pixel moves to where the filter's answer grows.

    Of a convolution it is the answer in the middle of the map, before the activation, since a filter that is cut off
    at zero gives no direction. For a dense unit the image is shifted by up to two pixels at random before each step,
    so that the pattern does not hang on single pixels.

    Args:
        reader: the network's reader.
        layer: a convolution or a dense layer.
        unit: the filter's or unit's number.
        steps: how often the image moves.
        seed: makes the noise.

    Yields:
        The share of steps done, and the image (28, 28) float32 from 0 to 1. What a convolution's middle pixel does not
        see stays noise: `middle_field` says which part it sees.

    Source: D. Erhan et al., "Visualizing higher-layer features of a deep network", 2009; the shifts after
    A. Mordvintsev, C. Olah and M. Tyka, "Inceptionism", 2015.
    """
    shape = reader.view(layer).shape

    def gradient(image: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(image)
            answers = reader.drive(reader.as_input(image), layer)
            if len(shape) == 3:
                answers = answers[:, shape[0] // 2, shape[1] // 2]
            excitement = tf.reduce_sum(answers * wanted)
        return tape.gradient(excitement, image)

    function = reader.compiled(
        f"ascend-{layer}", gradient, tf.TensorSpec((1, 28, 28), tf.float32), tf.TensorSpec((shape[-1],), tf.float32)
    )
    random = np.random.default_rng(seed)
    image = random.uniform(0.4, 0.6, (28, 28)).astype(np.float32)
    wanted = tf.one_hot(unit, shape[-1])
    reach = 0 if len(shape) == 3 else _SHIFT_PIXELS
    for step in range(steps):
        shift = random.integers(-reach, reach + 1, 2)
        shifted = np.roll(image, shift, (0, 1))
        slope = np.roll(function(tf.constant(shifted[np.newaxis]), wanted).numpy()[0], -shift, (0, 1))
        # The largest pixel moves by the same amount each time: slopes differ a thousandfold between layers.
        image = np.clip(image + _LEARNING_RATE * slope / (np.abs(slope).max() + 1e-12), 0.0, 1.0)
        yield (step + 1) / steps, image


def middle_field(reader: FeatureReader, layer: str) -> Box:
    """Returns what the middle pixel of a layer's maps sees of the image; for a dense layer all that it sees."""
    shape = reader.view(layer).shape
    position = (shape[0] // 2, shape[1] // 2, 0) if len(shape) == 3 else (0,)
    return receptive_field(reader.views, layer, position)
