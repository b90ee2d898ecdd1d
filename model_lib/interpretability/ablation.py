"""Ablation: accuracy on the test set with some filters set to zero."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES, ProgressCallback, Split
from model_lib.interpretability.layer_outputs import BATCH, FeatureReader, as_float, in_batches
from model_lib.layers.layer_info import block_of


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


def ablate(
    reader: FeatureReader, layer: str, ablated: Collection[int], test: Split, progress: ProgressCallback | None = None
) -> ClassAccuracy:
    """Evaluates a network with some filters of a layer set to zero.

    Args:
        reader: the network's reader.
        layer: a convolution or dense layer; its output after the fused normalisation and activation is masked, since
            those need not map zero to zero.
        ablated: indices of the filters or units; empty for the baseline.
        test: the images.
        progress: called with 0 to 1.

    Returns:
        The accuracy, overall and by class.

    Raises:
        ValueError: for an index outside the layer.
    """
    size = reader.view(layer).shape[-1]
    if not all(0 <= unit < size for unit in ablated):
        raise ValueError(f"`ablated` must lie from 0 to {size - 1}. Received: {sorted(ablated)}.")
    end = block_of(reader.views, layer).stop

    def predict(images: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        values = reader.forward(reader.as_input(images), 0, end) * mask
        return tf.argmax(reader.logits(values, end) if end < len(reader.views) else values, axis=1)

    function = reader.network_function(
        f"ablation-{layer}", predict, tf.TensorSpec((None, 28, 28), tf.float32), tf.TensorSpec((size,), tf.float32)
    )
    mask = np.ones(size, np.float32)
    mask[list(ablated)] = 0.0
    predictions = []
    for done, batch in enumerate(in_batches(test.images)):
        predictions.append(function(as_float(batch), tf.constant(mask)).numpy())
        if progress is not None:
            progress(min(1.0, (done + 1) * BATCH / len(test.images)))
    return class_accuracy(np.concatenate(predictions), test.labels)


def class_accuracy(predictions: NDArray[np.intp], labels: NDArray[np.uint8]) -> ClassAccuracy:
    """Computes the accuracy of predictions (n,), overall and by class."""
    is_right = predictions == labels
    images = np.bincount(labels, minlength=CLASSES)
    with np.errstate(invalid="ignore"):
        by_class = np.bincount(labels, weights=is_right, minlength=CLASSES) / images
    return ClassAccuracy(float(is_right.mean()), by_class, predictions)
