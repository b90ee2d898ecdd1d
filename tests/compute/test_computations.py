"""What the compute worker answers, against the same functions called directly, and that none of it needs TensorFlow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from model_lib.compute.computations import (
    Ablation,
    ActivationMaximization,
    Embedding,
    GradCam,
    NearestImages,
    NetworkEvaluation,
    Occlusion,
    Saliency,
    TopImages,
)
from model_lib.compute.networks import PRETRAINED, NetworkReference
from model_lib.compute.worker import ComputeWorker
from model_lib.datasets.loading import load_dataset
from model_lib.evaluation.evaluation import load_evaluation
from model_lib.predictions import PRETRAINED_FOLDER
from model_lib.storage.checkpoints import load_checkpoint
from model_lib.storage.run import Run, RunError
from tests.support.app_server import PROJECT

if TYPE_CHECKING:
    from model_lib.interpretability.layer_outputs import FeatureReader

_TEST = load_dataset("mnist").test
_SEVEN = _TEST.images[0].astype(np.float32) / 255
_BYTES = _SEVEN.tobytes()


@pytest.fixture(scope="module")
def worker() -> Iterator[ComputeWorker]:
    worker = ComputeWorker()
    worker.wait_until_ready()
    yield worker
    worker.close()


@pytest.fixture(scope="module")
def network(trained_run: Run) -> NetworkReference:
    return NetworkReference(str(trained_run.folder))


@pytest.fixture(scope="module")
def dense(trained_run: Run) -> FeatureReader:
    """The trained network, in this process."""
    from model_lib.interpretability.layer_outputs import FeatureReader
    from model_lib.storage.checkpoints import load_network

    return FeatureReader(load_network(trained_run))


@pytest.fixture(scope="module")
def convolutional() -> FeatureReader:
    """The bundled network, in this process."""
    from model_lib.interpretability.layer_outputs import FeatureReader
    from model_lib.predictions import load_pretrained_keras

    return FeatureReader(load_pretrained_keras())


def _ignore(progress: float) -> None:
    pass


def test_attribution_in_the_worker_is_that_of_this_process(
    worker: ComputeWorker, network: NetworkReference, dense: FeatureReader, convolutional: FeatureReader
) -> None:
    from model_lib.interpretability.attribution import grad_cam, occlusion, saliency

    def close(worker_s: np.ndarray, ours: np.ndarray) -> None:
        assert ours.any()
        np.testing.assert_allclose(worker_s, ours, atol=1e-5 * np.abs(ours).max())

    close(worker.compute(Saliency(PRETRAINED, _BYTES, 7), _ignore), saliency(convolutional, _SEVEN, 7))
    close(worker.compute(Saliency(network, _BYTES, 7), _ignore), saliency(dense, _SEVEN, 7))
    close(worker.compute(Occlusion(PRETRAINED, _BYTES, 7, 5), _ignore), occlusion(convolutional, _SEVEN, 7, 5))
    close(
        worker.compute(GradCam(PRETRAINED, _BYTES, 7, "conv2d_1"), _ignore),
        grad_cam(convolutional, _SEVEN, 7, "conv2d_1"),
    )


def test_a_saliency_map_does_not_wait_for_the_occlusion_maps_of_others(worker: ComputeWorker) -> None:
    images = [image.astype(np.float32) / 255 for image in _TEST.images[1:9]]
    with ThreadPoolExecutor(len(images)) as visitors:
        others = [visitors.submit(worker.compute, Occlusion(PRETRAINED, i.tobytes(), 7, 5), _ignore) for i in images]
        assert worker.compute(Saliency(PRETRAINED, _BYTES, 3), _ignore).any()
        assert not all(other.done() for other in others)


def test_feature_visualization_in_the_worker_is_that_of_this_process(
    worker: ComputeWorker, network: NetworkReference, dense: FeatureReader
) -> None:
    from model_lib.interpretability.feature_visualization import maximize_activation, top_activating_images

    *_, (_, image) = maximize_activation(dense, "dense_1", 3, 20)
    made = worker.compute(ActivationMaximization(network, "dense_1", 3, 20), _ignore)
    np.testing.assert_allclose(made, image, atol=1e-4)
    top, patches = worker.compute(TopImages(network, "dense_1"), _ignore)
    expected = top_activating_images(dense, "dense_1", _TEST.images)
    np.testing.assert_array_equal(top.images, expected.images)
    assert patches.shape == (128, 28, 28)


def test_ablation_of_all_units_in_the_worker_leaves_the_largest_bias_as_the_only_answer(
    worker: ComputeWorker, network: NetworkReference, trained_run: Run
) -> None:
    *_, biases = load_checkpoint(trained_run.folder, 1) or []
    reported: list[float] = []
    accuracy = worker.compute(Ablation(network, "dense_1", tuple(range(128))), reported.append)
    assert set(accuracy.predictions) == {biases.argmax()}
    assert reported == sorted(reported)


def test_a_projection_in_the_worker_is_scikit_learns_and_t_sne_begins_from_kept_features(
    worker: ComputeWorker, network: NetworkReference, dense: FeatureReader
) -> None:
    from sklearn.decomposition import PCA

    projection = worker.compute(Embedding(network, "pca", 500, 1000), _ignore)
    assert projection is not None and projection.variance_ratios is not None
    pca = PCA(2).fit(dense.outputs("dense_1", _TEST.images[:500]))
    np.testing.assert_allclose(projection.variance_ratios, pca.explained_variance_ratio_, atol=1e-4)
    assert projection.points.shape == (500, 2)
    assert len(projection.predictions) == 1000
    assert (projection.predictions == _TEST.labels[:1000]).mean() > 0.8
    other = worker.compute(Embedding(network, "tsne", 200, 1000), _ignore)
    assert other is not None and other.points.shape == (200, 2) and other.variance_ratios is None


def test_nearest_images_in_the_worker_are_those_that_scikit_learn_finds(
    worker: ComputeWorker, network: NetworkReference, dense: FeatureReader
) -> None:
    from sklearn.neighbors import NearestNeighbors

    found = worker.compute(NearestImages(network, 5), _ignore)
    learnt = load_dataset("mnist").train.images[:6000]
    search = NearestNeighbors(n_neighbors=10).fit(dense.outputs("dense_1", learnt))
    distances, indices = search.kneighbors(dense.outputs("dense_1", _TEST.images[5:6]))
    np.testing.assert_allclose(found.distances, distances[0], rtol=1e-3)
    assert set(found.indices) == set(indices[0])


def test_an_evaluation_in_the_worker_is_the_one_beside_the_network(
    worker: ComputeWorker, network: NetworkReference, trained_run: Run
) -> None:
    for reference, folder in ((network, trained_run.folder), (PRETRAINED, PRETRAINED_FOLDER)):
        evaluation = worker.compute(NetworkEvaluation(reference), _ignore)
        expected = load_evaluation(folder)
        np.testing.assert_allclose(evaluation.probabilities, expected.probabilities, atol=1e-4)


def test_a_run_that_is_gone_is_explained_as_in_this_process(worker: ComputeWorker, trained_run: Run) -> None:
    with pytest.raises(RunError):
        worker.compute(Saliency(NetworkReference(str(trained_run.folder.parent / "gone")), _BYTES, 7), _ignore)


def test_the_worker_has_a_lower_priority_than_the_web_server(worker: ComputeWorker) -> None:
    assert worker.pid is not None
    process = psutil.Process(worker.pid)
    assert process.nice() > psutil.Process().nice()
    if sys.platform == "linux":  # where each thread has its own
        threads = [thread.id for thread in process.threads()]
        assert len(threads) > 3
        assert {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads} == {process.nice()}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_libraries_that_look_at_standard_input_do_not_find_the_pipe(worker: ComputeWorker) -> None:
    assert str(Path(f"/proc/{worker.pid}/fd/0").readlink()) == os.devnull


_ASK = """
import sys
from model_lib.compute.computations import *
from model_lib.compute.networks import PRETRAINED
from model_lib.compute.worker import ComputeWorker

if __name__ == "__main__":
    worker = ComputeWorker()
    for computation in (
        Saliency(PRETRAINED, bytes(28 * 28 * 4), 1), Ablation(PRETRAINED, "conv2d_1", (1,)),
        TopImages(PRETRAINED, "conv2d_4"), Embedding(PRETRAINED, "pca", 200, 500), NetworkEvaluation(PRETRAINED),
    ):
        worker.compute(computation, lambda progress: None)
    worker.close()
    sys.exit(repr([name for name in ("tensorflow", "keras", "sklearn", "scipy") if name in sys.modules] or ""))
"""


def test_whoever_asks_the_worker_loads_neither_tensorflow_nor_scikit_learn(tmp_path: Path) -> None:
    (tmp_path / "ask.py").write_text(_ASK)
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    ended = subprocess.run([sys.executable, tmp_path / "ask.py"], env=environment, capture_output=True, text=True)
    assert ended.stderr.strip() == "''", ended.stderr
