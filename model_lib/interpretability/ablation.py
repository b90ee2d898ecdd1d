"""What a filter is for: the test set read again with some filters switched off."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES, Split
from model_lib.interpretability.layer_info import block_of
from model_lib.interpretability.layer_outputs import BATCH, FeatureReader, as_float, in_batches

Progress = Callable[[float], None]


@dataclass(frozen=True)
class DigitAccuracy:
    """How well images are read.

    Args:
        whole: share of all images that are read right, 0 to 1.
        by_digit: (10,), the share among the images of each label; NaN where there is none.
        predictions: (n,), what was read.
    """

    whole: float
    by_digit: NDArray[np.float64]
    predictions: NDArray[np.intp]


def read_without(
    reader: FeatureReader, layer: str, switched_off: Collection[int], test: Split, progress: Progress | None = None
) -> DigitAccuracy:
    """Reads images with some filters of a layer switched off: their feature maps are zero for the layers behind.

    Args:
        reader: the network's reader.
        layer: a convolution or a dense layer. It is switched off behind the normalisation and activation that follow
            it: zeros before them would not stay zeros.
        switched_off: the numbers of the filters or units; none for the network as it is.
        test: the images.
        progress: is called with 0 to 1.

    Returns:
        The accuracy, as a whole and for each digit.

    Raises:
        ValueError: for a filter that the layer does not have.
    """
    size = reader.view(layer).shape[-1]
    if not all(0 <= unit < size for unit in switched_off):
        raise ValueError(f"`switched_off` must lie from 0 to {size - 1}. Received: {sorted(switched_off)}.")
    end = block_of(reader.views, layer).stop

    def read(images: tf.Tensor, kept: tf.Tensor) -> tf.Tensor:
        values = reader.forward(reader.as_input(images), 0, end) * kept
        return tf.argmax(reader.logits(values, end) if end < len(reader.views) else values, axis=1)

    function = reader.compiled(
        f"ablation-{layer}", read, tf.TensorSpec((None, 28, 28), tf.float32), tf.TensorSpec((size,), tf.float32)
    )
    kept = np.ones(size, np.float32)
    kept[list(switched_off)] = 0.0
    predictions = []
    for done, batch in enumerate(in_batches(test.images)):
        predictions.append(function(as_float(batch), tf.constant(kept)).numpy())
        if progress is not None:
            progress(min(1.0, (done + 1) * BATCH / len(test.images)))
    return digit_accuracy(np.concatenate(predictions), test.labels)


def digit_accuracy(predictions: NDArray[np.intp], labels: NDArray[np.uint8]) -> DigitAccuracy:
    """Counts the share of right predictions (n,), as a whole and for each label."""
    is_right = predictions == labels
    images = np.bincount(labels, minlength=CLASSES)
    with np.errstate(invalid="ignore"):
        by_digit = np.bincount(labels, weights=is_right, minlength=CLASSES) / images
    return DigitAccuracy(float(is_right.mean()), by_digit, predictions)
