"""Nearest neighbours: the training images most similar to a test image in the space of the penultimate features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import Dataset, ProgressCallback

if TYPE_CHECKING:
    from model_lib.interpretability.layer_outputs import FeatureReader

# Wider features are projected to this dimension, so that 70,000 images fit into 72 MB.
MAX_WIDTH: Final = 256


@dataclass(frozen=True)
class NeighborIndex:
    """Penultimate features of a data set, for brute-force search.

    Args:
        train: (n, width) float32, of the training images that the network was trained on.
        test: (m, width) float32, of the test images.
        is_projected: whether the features are randomly projected.
    """

    train: NDArray[np.float32]
    test: NDArray[np.float32]
    is_projected: bool

    def nearest_to_test_image(self, index: int, count: int = 10) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Returns the training images nearest to a test image, in order of increasing distance.

        Returns:
            Their indices in the training set (count,), and their Euclidean distances (count,).
        """
        squares = np.square(self.train - self.test[index]).sum(axis=1)
        nearest = np.argpartition(squares, min(count, len(squares) - 1))[:count]
        nearest = nearest[np.argsort(squares[nearest], kind="stable")]
        return nearest, np.sqrt(squares[nearest])


def neighbor_index(
    reader: FeatureReader, dataset: Dataset, training_images: int, progress: ProgressCallback | None = None
) -> NeighborIndex:
    """Computes the penultimate features of all images. Takes seconds.

    Features wider than `MAX_WIDTH` are randomly projected, which nearly preserves distances.

    Args:
        reader: the network's reader.
        dataset: its data set.
        training_images: size of the training split, the first images of the training set.
        progress: called with 0 to 1.

    Source: W. Johnson, J. Lindenstrauss, "Extensions of Lipschitz mappings into a Hilbert space", 1984.
    """
    # Here, not above: loading TensorFlow takes seconds.
    from model_lib.interpretability.penultimate import penultimate_features

    width = int(np.prod(reader.views[-1].input_shape))
    projection = None
    if width > MAX_WIDTH:
        projection = np.random.default_rng(1).normal(0, MAX_WIDTH**-0.5, (width, MAX_WIDTH)).astype(np.float32)
    images = np.concatenate([dataset.train.images[:training_images], dataset.test.images])
    values = penultimate_features(reader, images, progress, projection).values
    count = len(images) - len(dataset.test.images)
    return NeighborIndex(values[:count], values[count:], projection is not None)
