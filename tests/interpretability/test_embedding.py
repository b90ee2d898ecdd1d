"""Maps of images: the plane of PCA against NumPy's singular values, t-SNE by what it promises."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestNeighbors

from model_lib.datasets.loading import load_dataset
from model_lib.interpretability.embedding import project_pca, project_tsne
from model_lib.interpretability.layer_outputs import FeatureReader
from model_lib.interpretability.penultimate import penultimate_features
from tests.support.sample_networks import ALL_KINDS, inner_outputs, network_with_random_weights

_IMAGES = load_dataset("mnist").test.images[:300]


def test_hidden_values_are_what_the_last_layer_reads() -> None:
    network = network_with_random_weights(ALL_KINDS)
    hidden = penultimate_features(FeatureReader(network), _IMAGES)
    outputs = [inner_outputs(network, image / np.float32(255)) for image in _IMAGES[:5]]
    expected = np.stack([output["batch_normalization_2"] for output in outputs])
    np.testing.assert_allclose(hidden.values[:5], expected, rtol=1e-3, atol=1e-4)
    assert hidden.layer == "batch_normalization_2"
    assert hidden.predictions[:5].tolist() == [int(output["output"].argmax()) for output in outputs]


def test_the_plane_holds_the_two_largest_singular_values() -> None:
    values = np.random.default_rng(0).normal(size=(200, 7)).astype(np.float32) * np.arange(1, 8)
    places, shares = project_pca(values)
    singular = np.linalg.svd(values - values.mean(axis=0), compute_uv=False)
    np.testing.assert_allclose((places**2).sum(axis=0), singular[:2] ** 2, rtol=1e-4)
    np.testing.assert_allclose(shares, (singular**2 / (singular**2).sum())[:2], rtol=1e-4)


def test_groups_that_lie_apart_stay_apart() -> None:
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(3), 60)
    values = (random.normal(size=(180, 10)) + 12.0 * np.eye(10)[groups]).astype(np.float32)
    shares: list[float] = []
    places = project_tsne(values, shares.append)
    _, nearest = NearestNeighbors(n_neighbors=2).fit(places).kneighbors(places)
    assert (groups[nearest[:, 1]] == groups).all()
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_points_that_are_all_the_same_lie_in_one_place() -> None:
    # The constant of a layer whose units are all dead; scikit-learn ends the process at a start that is no number.
    assert not project_tsne(np.full((120, 8), 0.5, np.float32)).any()


def test_points_that_are_all_the_same_hold_no_share_of_nothing() -> None:
    _, shares = project_pca(np.ones((20, 8), np.float32))
    assert shares.tolist() == [0.0, 0.0]
