"""What the compute worker computes of a network: attribution, feature visualization, ablation, embedding, evaluation.

Each imports what it needs when it is computed: the web process names these classes and loads no TensorFlow. Images are
the bytes of (28, 28) float32, 0 to 1, since a computation is hashable.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from model_lib.compute.messages import Computation
from model_lib.compute.networks import NetworkReference, kept_features, open_reader
from model_lib.datasets.loading import IMAGE_SIDE, ProgressCallback, cached_dataset
from model_lib.storage.run import Run

if TYPE_CHECKING:
    from model_lib.evaluation.evaluation import Evaluation
    from model_lib.interpretability.nearest_neighbors import NeighborIndex
    from model_lib.interpretability.penultimate import PenultimateFeatures
    from model_lib.interpretability.results import ClassAccuracy, TopActivations


@dataclass(frozen=True)
class Saliency(Computation[NDArray[np.float32]]):
    """See `attribution.saliency`."""

    network: NetworkReference
    image: bytes
    digit: int

    def compute(self, report: ProgressCallback) -> NDArray[np.float32]:
        """Returns the map, (28, 28)."""
        from model_lib.interpretability.attribution import saliency

        return saliency(open_reader(self.network), _pixels(self.image), self.digit)


@dataclass(frozen=True)
class GradCam(Computation[NDArray[np.float32]]):
    """See `attribution.grad_cam`."""

    network: NetworkReference
    image: bytes
    digit: int
    layer: str

    def compute(self, report: ProgressCallback) -> NDArray[np.float32]:
        """Returns the map, (height, width) of the layer."""
        from model_lib.interpretability.attribution import grad_cam

        return grad_cam(open_reader(self.network), _pixels(self.image), self.digit, self.layer)


@dataclass(frozen=True)
class Occlusion(Computation[NDArray[np.float32]]):
    """See `attribution.occlusion`."""

    # Hundreds of images: thirty visitors' would keep each other's Grad-CAM and saliency waiting.
    is_batch: ClassVar[bool] = True

    network: NetworkReference
    image: bytes
    digit: int
    side_px: int

    def compute(self, report: ProgressCallback) -> NDArray[np.float32]:
        """Returns the map, (28, 28)."""
        from model_lib.interpretability.attribution import occlusion

        return occlusion(open_reader(self.network), _pixels(self.image), self.digit, self.side_px)


@dataclass(frozen=True)
class ActivationMaximization(Computation[NDArray[np.float32]]):
    """See `feature_visualization.maximize_activation`."""

    network: NetworkReference
    layer: str
    unit: int
    steps: int

    def compute(self, report: ProgressCallback) -> NDArray[np.float32]:
        """Returns the image after the last step, cropped to the receptive field of the layer's central output."""
        from model_lib.interpretability.feature_visualization import center_receptive_field, maximize_activation

        reader = open_reader(self.network)
        for done, made in maximize_activation(reader, self.layer, self.unit, self.steps):
            report(done)
            image = made
        box = center_receptive_field(reader, self.layer)
        return image[box.top : box.bottom, box.left : box.right]


@dataclass(frozen=True)
class TopImages(Computation["tuple[TopActivations, NDArray[np.uint8]]"]):
    """The test images of maximal activation, see `feature_visualization.top_activating_images`."""

    is_batch: ClassVar[bool] = True

    network: NetworkReference
    layer: str

    def compute(self, report: ProgressCallback) -> tuple[TopActivations, NDArray[np.uint8]]:
        """Returns them for each filter, and the patches of the strongest, see `results.top_patches`."""
        from model_lib.interpretability.feature_visualization import top_activating_images
        from model_lib.interpretability.results import top_patches

        images = self.network.dataset.test.images
        top = top_activating_images(open_reader(self.network), self.layer, images, report)
        return top, top_patches(top, images)


@dataclass(frozen=True)
class Ablation(Computation["ClassAccuracy"]):
    """See `ablation.ablate`."""

    is_batch: ClassVar[bool] = True

    network: NetworkReference
    layer: str
    ablated: tuple[int, ...]

    def compute(self, report: ProgressCallback) -> ClassAccuracy:
        """Returns the accuracy on the test set."""
        from model_lib.interpretability.ablation import ablate

        return ablate(open_reader(self.network), self.layer, self.ablated, self.network.dataset.test, report)


@dataclass(frozen=True)
class Projection:
    """The penultimate features of the first test images, projected to two dimensions.

    Args:
        layer: name of the penultimate layer.
        width: its number of units.
        points: (n, 2); none if the layer has a single unit.
        variance_ratios: explained by the two components, 0 to 1; None for t-SNE.
        predictions: (m,), of all images whose features were computed, m >= n.
    """

    layer: str
    width: int
    points: NDArray[np.float64]
    variance_ratios: tuple[float, float] | None
    predictions: NDArray[np.intp]


@dataclass(frozen=True)
class Embedding(Computation[Projection]):
    """See `embedding.project_pca` and `embedding.project_tsne`.

    Args:
        network: the network.
        method: "pca" or "tsne".
        images: how many are projected, the first of the test set.
        most_images: of how many features are computed and kept, so that another number of them is projected at once.
    """

    is_batch: ClassVar[bool] = True

    network: NetworkReference
    method: str
    images: int
    most_images: int

    def compute(self, report: ProgressCallback) -> Projection:
        """Returns the projection, without points if the layer has a single unit."""
        from model_lib.interpretability.embedding import project_pca, project_tsne

        features = self._features(report)
        width = features.values.shape[1]
        values, ratios = features.values[: self.images], None
        if width < 2:
            points = np.empty((0, 2))
        elif self.method == "tsne":
            points = project_tsne(values, lambda share: report(0.2 + 0.8 * share))
        else:
            points, (first, second) = project_pca(values)
            ratios = (float(first), float(second))
        return Projection(features.layer, width, points, ratios, features.predictions)

    def _features(self, report: ProgressCallback) -> PenultimateFeatures:
        from model_lib.interpretability.penultimate import penultimate_features

        images = self.network.dataset.test.images[: self.most_images]
        reader, share = open_reader(self.network), 0.2 if self.method == "tsne" else 1.0
        features: PenultimateFeatures = kept_features(
            ("penultimate", self.network, self.most_images),
            lambda: penultimate_features(reader, images, lambda done: report(share * done)),
        )
        return features


@dataclass(frozen=True)
class Neighbors:
    """The training images nearest to a test image, in order of increasing distance.

    Args:
        indices: (n,), in the training set.
        distances: (n,), Euclidean.
        is_projected: whether the features are randomly projected.
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float32]
    is_projected: bool


@dataclass(frozen=True)
class NearestImages(Computation[Neighbors]):
    """See `nearest_neighbors`. The features of all images are computed at the first test image, and kept.

    Args:
        network: the network.
        test_image: index in the test set.
        other: name of another test set than the network's own; None for that one.
    """

    is_batch: ClassVar[bool] = True

    network: NetworkReference
    test_image: int
    other: str | None = None

    def compute(self, report: ProgressCallback) -> Neighbors:
        """Returns the ten nearest of the images that the network was trained on."""
        from model_lib.config.training import learnt_images
        from model_lib.interpretability.nearest_neighbors import neighbor_index

        run, data = self.network.run, self.network.dataset
        learnt = len(data.train.images) if run is None else learnt_images(run.config)
        test = data.test if self.other is None else cached_dataset(self.other).test
        index: NeighborIndex = kept_features(
            ("neighbors", self.network, self.other),
            lambda: neighbor_index(open_reader(self.network), replace(data, test=test), learnt, report),
        )
        return Neighbors(*index.nearest_to_test_image(self.test_image), index.is_projected)


@dataclass(frozen=True)
class NetworkEvaluation(Computation["Evaluation"]):
    """See `evaluate.evaluate_run` and `evaluate.evaluate_pretrained`.

    Args:
        network: the network.
        other: name of another test set than the network's own; None for that one.
    """

    is_batch: ClassVar[bool] = True

    network: NetworkReference
    other: str | None = None

    def compute(self, report: ProgressCallback) -> Evaluation:
        """Returns the answers to all test images."""
        from model_lib.evaluation.evaluate import evaluate_pretrained, evaluate_run

        run = self.network.run
        if run is None:
            return evaluate_pretrained(self.other, report)
        return evaluate_run(run, self.network.epoch, self.other, report)


@dataclass(frozen=True)
class WriteKerasFile(Computation[bool]):
    """Writes `network.keras` into a run's folder, from its spec and its newest weights.

    Args:
        folder: the run's.
    """

    folder: str

    def compute(self, report: ProgressCallback) -> bool:
        """Returns whether it is written."""
        from model_lib.storage.checkpoints import load_network, save_network

        run = Run(self.folder)
        save_network(run.folder, load_network(run))
        return True


def _pixels(image: bytes) -> NDArray[np.float32]:
    return np.frombuffer(image, np.float32).reshape(IMAGE_SIDE, IMAGE_SIDE)
