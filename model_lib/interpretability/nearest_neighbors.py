"""The training images that look to a network most like a given one: often the answer to "why did it say that?"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import Dataset

if TYPE_CHECKING:
    import keras

Report = Callable[[float], None]

# Wider layers are projected to this many numbers, so that 70,000 images fit into 72 MB.
MAX_WIDTH: Final = 256
_BATCH: Final = 1000


@dataclass(frozen=True)
class HiddenLayer:
    """What a network's last hidden layer says of the images of a data set.

    Args:
        train: (n, width) float32, of the training images that the network learnt from.
        test: (m, width) float32, of the test images.
        is_projected: whether the layer was too wide and has been projected.
    """

    train: NDArray[np.float32]
    test: NDArray[np.float32]
    is_projected: bool

    def nearest_to_test_image(self, index: int, count: int = 10) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Returns the training images nearest to a test image, the nearest first.

        Returns:
            Their indices in the training set (count,), and their Euclidean distances in the layer's values (count,).
        """
        squares = np.square(self.train - self.test[index]).sum(axis=1)
        nearest = np.argpartition(squares, min(count, len(squares) - 1))[:count]
        nearest = nearest[np.argsort(squares[nearest], kind="stable")]
        return nearest, np.sqrt(squares[nearest])


def hidden_layer(
    network: keras.Model, dataset: Dataset, training_images: int, report: Report | None = None
) -> HiddenLayer:
    """Computes the last hidden layer, the input of the last Dense(10), for all images. Takes seconds.

    Layers wider than `MAX_WIDTH` are projected at random, which keeps distances nearly as they are.

    Args:
        network: a network of `build_network`, or any functional one that ends in a dense layer.
        dataset: its data set.
        training_images: how many of the training images it learnt from, the first ones.
        report: is given the share done, 0 to 1.

    Source: W. Johnson, J. Lindenstrauss, "Extensions of Lipschitz mappings into a Hilbert space", 1984.
    """
    import tensorflow as tf  # here, not above: loading it takes seconds

    source = network.layers[-1].input
    width = int(np.prod(source.shape[1:]))
    keys = np.random.default_rng(1).normal(0, MAX_WIDTH**-0.5, (width, MAX_WIDTH)).astype(np.float32)
    projection = tf.constant(keys) if width > MAX_WIDTH else None
    inner = type(network)(network.inputs, source)

    @tf.function(reduce_retracing=True)
    def compute(images: Any) -> Any:
        values = inner(tf.cast(images, tf.float32)[..., tf.newaxis] / 255.0, training=False)
        values = tf.cast(tf.reshape(values, [-1, width]), tf.float32)
        return values if projection is None else values @ projection

    parts = []
    stacks = [dataset.train.images[:training_images], dataset.test.images]
    total = sum(map(len, stacks))
    done = 0
    for images in stacks:
        results = []
        for start in range(0, len(images), _BATCH):
            results.append(compute(images[start : start + _BATCH]).numpy())
            done += len(results[-1])
            if report is not None:
                report(done / total)
        parts.append(np.concatenate(results))
    return HiddenLayer(parts[0], parts[1], projection is not None)
