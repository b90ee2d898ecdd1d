"""Ablation: accuracy on the test set with some filters set to zero."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import tensorflow as tf

from model_lib.datasets.loading import ProgressCallback, Split
from model_lib.interpretability.layer_outputs import BATCH, FeatureReader, as_float, in_batches
from model_lib.interpretability.results import ClassAccuracy, class_accuracy
from model_lib.layers.layer_info import block_of


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
