"""Results of computations, as plain data: the web process reads them without TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES
from model_lib.layers.receptive_field import Box


@dataclass(frozen=True)
class ClassAccuracy:
    """Accuracy, overall and by class.

    Args:
        overall: 0 to 1.
        by_class: (10,), recall of each class; NaN for classes without images.
        predictions: (n,).
    """

    overall: float
    by_class: NDArray[np.float64]
    predictions: NDArray[np.intp]


def class_accuracy(predictions: NDArray[np.intp], labels: NDArray[np.uint8]) -> ClassAccuracy:
    """Computes the accuracy of predictions (n,), overall and by class."""
    is_right = predictions == labels
    images = np.bincount(labels, minlength=CLASSES)
    with np.errstate(invalid="ignore"):
        by_class = np.bincount(labels, weights=is_right, minlength=CLASSES) / images
    return ClassAccuracy(float(is_right.mean()), by_class, predictions)


@dataclass(frozen=True)
class TopActivations:
    """The images of maximal activation for each filter of a layer.

    Args:
        layer: name of the layer.
        images: (filters, 9), indices in the test set, in order of decreasing activation.
        values: (filters, 9), maximal activation in each image.
        boxes: (filters, 9), receptive field of that maximum.
    """

    layer: str
    images: NDArray[np.intp]
    values: NDArray[np.float32]
    boxes: list[list[Box]]


def top_patches(top: TopActivations, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Crops the receptive field of each filter's maximal activation.

    Returns:
        (filters, height, width) uint8, all of the largest size; patches at the border are zero-padded.
    """
    boxes = [row[0] for row in top.boxes]
    height, width = max(box.height for box in boxes), max(box.width for box in boxes)
    patches = np.zeros((len(boxes), height, width), np.uint8)
    for patch, box, image in zip(patches, boxes, images[top.images[:, 0]], strict=True):
        # Zero-padded on the side of the border.
        upper = height - box.height if box.top == 0 else 0
        left = width - box.width if box.left == 0 else 0
        patch[upper : upper + box.height, left : left + box.width] = image[box.top : box.bottom, box.left : box.right]
    return patches
