"""The favourites of filters, found by looking at all images one by one; and images made for them."""

from __future__ import annotations

import numpy as np

from model_lib.datasets.loading import load_dataset
from model_lib.interpretability.feature_visualization import maximize_activation, top_activating_images
from model_lib.interpretability.layer_outputs import FeatureReader
from model_lib.interpretability.results import top_patches
from tests.support.sample_networks import ALL_KINDS, DENSE, inner_outputs, network_with_random_weights

_IMAGES = load_dataset("mnist").test.images[:300]


def test_the_nine_favourites_are_the_images_with_the_strongest_answers() -> None:
    network = network_with_random_weights(ALL_KINDS)
    reader = FeatureReader(network)
    shares: list[float] = []
    favourites = top_activating_images(reader, "conv2d_1", _IMAGES, shares.append)
    # Behind the normalisation and the activation, as the next convolution sees them.
    maps = np.stack([inner_outputs(network, image / np.float32(255))["activation_1"] for image in _IMAGES[:60]])
    assert favourites.images.shape == favourites.values.shape == (5, 9)
    for unit in range(5):
        few = top_activating_images(reader, "conv2d_1", _IMAGES[:60])
        expected = np.sort(maps[..., unit].max(axis=(1, 2)))[::-1][:9]
        np.testing.assert_allclose(few.values[unit], expected, atol=1e-4)
        strongest = np.unravel_index(maps[few.images[unit, 0], ..., unit].argmax(), (14, 14))
        # Window 5, step 2, one pixel of padding before the image, cut at the border.
        top, left = (int(2 * at - 1) for at in strongest)
        box = few.boxes[unit][0]
        assert (box.top, box.left) == (max(0, top), max(0, left))
        assert (box.bottom, box.right) == (min(28, top + 5), min(28, left + 5))
    assert shares == sorted(shares)


def test_no_image_is_a_favourite_twice() -> None:
    favourites = top_activating_images(FeatureReader(network_with_random_weights(DENSE)), "dense_1", _IMAGES)
    assert all(len(set(row)) == 9 for row in favourites.images.tolist())
    assert (np.diff(favourites.values, axis=1) <= 0.0).all()


def test_patches_show_what_the_filter_saw() -> None:
    favourites = top_activating_images(FeatureReader(network_with_random_weights(ALL_KINDS)), "conv2d_1", _IMAGES)
    patches = top_patches(favourites, _IMAGES)
    assert patches.shape == (5, 5, 5)
    for unit, patch in enumerate(patches):
        box = favourites.boxes[unit][0]
        seen = _IMAGES[favourites.images[unit, 0]][box.top : box.bottom, box.left : box.right]
        assert patch.astype(int).sum() == seen.astype(int).sum()


def test_an_image_made_for_a_unit_excites_it_more_than_any_real_one() -> None:
    network = network_with_random_weights(DENSE)
    reader = FeatureReader(network)
    kernel, bias = network.get_layer("dense_1").get_weights()
    real = (_IMAGES.reshape(-1, 784) / 255 @ kernel + bias).max(axis=0)
    for unit in (0, 7):
        *_, (share, image) = maximize_activation(reader, "dense_1", unit, 60)
        assert share == 1.0
        assert image.min() >= 0.0 and image.max() <= 1.0
        assert float(image.reshape(-1) @ kernel[:, unit] + bias[unit]) > real[unit]


def test_the_same_seed_makes_the_same_image() -> None:
    reader = FeatureReader(network_with_random_weights(ALL_KINDS))
    first, again, other = (
        [image for _, image in maximize_activation(reader, "conv2d_2", 3, 5, seed)][-1] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
