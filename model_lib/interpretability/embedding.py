"""Where the images lie: the last hidden layer's numbers of many images, brought down to two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from model_lib.interpretability.layer_info import last_hidden_layer
from model_lib.interpretability.layer_outputs import FeatureReader, as_float, in_batches

Progress = Callable[[float], None]

_ROUNDS: Final = 4
_ROUND_ITERATIONS: Final = 250  # scikit-learn does not run fewer
_EXAGGERATION: Final = 12.0


@dataclass(frozen=True)
class HiddenValues:
    """What a network's last hidden layer says of images, and what the network reads in them.

    Args:
        layer: the layer's name.
        values: (n, units) float32.
        predictions: (n,), the digits read.
    """

    layer: str
    values: NDArray[np.float32]
    predictions: NDArray[np.intp]


def hidden_values(reader: FeatureReader, images: NDArray[np.uint8], progress: Progress | None = None) -> HiddenValues:
    """Computes the last hidden layer's numbers, dropout left out, for images (n, 28, 28) uint8.

    Args:
        reader: the network's reader.
        images: (n, 28, 28) uint8.
        progress: is called with 0 to 1.

    Returns:
        One row of numbers an image. Feature maps are laid out as one row.
    """
    end = len(reader.views) - 1

    def read(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # Dropout changes nothing in an answer, so that what the last layer reads is what the layer before it says.
        values = reader.forward(reader.as_input(batch), 0, end)
        return values, tf.argmax(reader.logits(values, end), axis=1)

    function = reader.compiled("hidden", read, tf.TensorSpec((None, 28, 28), tf.float32))
    rows, predictions = [], []
    done = 0
    for batch in in_batches(images):
        values, digits = function(as_float(batch))
        rows.append(values.numpy())
        predictions.append(digits.numpy())
        done += len(batch)
        if progress is not None:
            progress(done / len(images))
    return HiddenValues(last_hidden_layer(reader.views).name, np.concatenate(rows), np.concatenate(predictions))


def principal_plane(values: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lays points on the plane in which they differ most (PCA).

    Args:
        values: (n, units), at least two images and two units.

    Returns:
        Places (n, 2), and the share of all differences that each of the two directions holds, 0 to 1.
    """
    pca = PCA(n_components=2, random_state=0)
    places = pca.fit_transform(values.astype(np.float64))
    # Where all points are the same there is nothing to share: 0 of 0.
    return places, np.nan_to_num(pca.explained_variance_ratio_)


def neighbour_map(values: NDArray[np.float32], progress: Progress | None = None) -> NDArray[np.float64]:
    """Lays points so that neighbours stay neighbours (t-SNE).

    It runs in four rounds, each from where the one before ended, so that it can tell how far it has come.

    Args:
        values: (n, units), at least 100 images: each one looks at 30 neighbours.
        progress: is called with 0 to 1.

    Returns:
        Places (n, 2). Distances between far groups mean nothing.

    Source: L. van der Maaten and G. Hinton, "Visualizing data using t-SNE", 2008; begun from PCA, and the learning
    rate, as D. Kobak and P. Berens, "The art of using t-SNE", 2019, advise.
    """
    places = PCA(n_components=min(50, *values.shape), random_state=0).fit_transform(values.astype(np.float64))
    start = (places[:, :2] / places[:, 0].std() * 1e-4).astype(np.float32)
    for done in range(_ROUNDS):
        rounds = TSNE(
            init=start,
            early_exaggeration=_EXAGGERATION if done == 0 else 1.0,
            learning_rate=max(len(values) / _EXAGGERATION, 50.0),
            max_iter=_ROUND_ITERATIONS,
            random_state=0,
        )
        start = rounds.fit_transform(places)
        if progress is not None:
            progress((done + 1) / _ROUNDS)
    points: NDArray[np.float64] = start.astype(np.float64)
    return points
