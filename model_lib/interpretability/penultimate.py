"""Features of the penultimate layer: what embeddings and nearest neighbours are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.datasets.loading import ProgressCallback
from model_lib.interpretability.layer_outputs import FeatureReader, as_float, in_batches
from model_lib.layers.layer_info import last_hidden_layer

_BATCH: Final = 500


@dataclass(frozen=True)
class PenultimateFeatures:
    """Features and predictions of images.

    Args:
        layer: name of the penultimate layer.
        values: (n, units) float32; feature maps are flattened.
        predictions: (n,).
    """

    layer: str
    values: NDArray[np.float32]
    predictions: NDArray[np.intp]


def penultimate_features(
    reader: FeatureReader,
    images: NDArray[np.uint8],
    progress: ProgressCallback | None = None,
    projection: NDArray[np.float32] | None = None,
) -> PenultimateFeatures:
    """Computes the input of the output layer, in inference mode.

    Args:
        reader: the network's reader.
        images: (n, 28, 28) uint8.
        progress: called with 0 to 1.
        projection: (units, k), applied to each batch, so that wide features never lie in memory; None for none.

    Returns:
        The features in the order of the images, (n, units), or (n, k) with a projection.
    """
    end = len(reader.views) - 1

    def compute(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # Dropout is the identity here, so the output layer's input is the output of the layer before it.
        values = reader.forward(reader.as_input(batch), 0, end)
        flat = tf.reshape(values, (-1, int(np.prod(values.shape[1:]))))
        return flat, tf.argmax(reader.logits(values, end), axis=1)

    function = reader.network_function("penultimate", compute, tf.TensorSpec((None, 28, 28), tf.float32))
    rows, predictions = [], []
    done = 0
    for batch in in_batches(images, _BATCH):
        values, classes = (each.numpy() for each in function(as_float(batch)))
        rows.append(values if projection is None else values @ projection)
        predictions.append(classes)
        done += len(batch)
        if progress is not None:
            progress(done / len(images))
    return PenultimateFeatures(last_hidden_layer(reader.views).name, np.concatenate(rows), np.concatenate(predictions))
