"""Grad-CAM against a case worked out by hand; saliency and occlusion against networks whose answer is plain."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import NORMALISED, bare_convolution
from model_lib.datasets.loading import load_dataset
from model_lib.interpretability.attribution import (
    grad_cam,
    occlude_each_pixel,
    occlusion,
    saliency,
    weight_feature_maps,
)
from model_lib.interpretability.layer_outputs import FeatureReader
from model_lib.networks import build_network
from tests.support.sample_networks import ALL_KINDS, DENSE, network_with_random_weights

_TEST = load_dataset("mnist").test
_SEVEN = _TEST.images[0].astype(np.float32) / 255


def _averaging_network(weights: np.ndarray) -> FeatureReader:
    """Two filters of one pixel, the image doubled and the image turned negative, averaged, weighed for each digit."""
    layers = (LayerSpec("Conv2D", filters=2, kernel_size=1), LayerSpec("GlobalAveragePooling2D"))
    network = build_network(NetworkSpec("hand", layers))
    kernel = np.array([2.0, -1.0]).reshape(1, 1, 1, 2)
    network.set_weights([kernel, np.array([0.0, 1.0]), weights, np.zeros(10)])
    return FeatureReader(network)


def test_grad_cam_of_two_averaged_maps_is_their_weighted_sum() -> None:
    weights = np.zeros((2, 10))
    weights[:, 3] = (0.5, -3.0)
    weights[:, 4] = (-1.0, -1.0)
    reader = _averaging_network(weights)
    # The score of digit 3 is 0.5 * mean(A) - 3 * mean(B), so that each pixel of A has the slope 0.5 / 784 and each of
    # B the slope -3 / 784. With A = 2 p and B = 1 - p for a pixel p: (p - 3 (1 - p)) / 784 = (4 p - 3) / 784.
    expected = np.maximum(4.0 * _SEVEN - 3.0, 0.0) / 784
    np.testing.assert_allclose(grad_cam(reader, _SEVEN, 3, "conv2d_1"), expected, atol=1e-7)
    assert expected.max() > 0.0
    # For digit 4 both maps speak against it everywhere.
    assert not grad_cam(reader, _SEVEN, 4, "conv2d_1").any()


def test_grad_cam_of_a_convolution_without_activation_reads_its_maps_where_they_are_pooled_and_rectified() -> None:
    network = network_with_random_weights(
        NetworkSpec("bare", (bare_convolution(8, 3), LayerSpec("MaxPooling2D"), *NORMALISED, LayerSpec("Flatten")))
    )
    maps = keras.Model(network.inputs, network.get_layer("activation_1").output)(_SEVEN[np.newaxis, ..., np.newaxis])
    # Behind them stands the last dense layer alone: the slopes of a logit are its weights.
    slopes = network.get_layer("output").get_weights()[0][:, 7].reshape(13, 13, 8)
    expected = np.maximum(np.asarray(maps[0]) @ slopes.mean(axis=(0, 1)), 0.0)
    assert expected.any()
    np.testing.assert_allclose(grad_cam(FeatureReader(network), _SEVEN, 7, "conv2d_1"), expected, atol=1e-5)


def test_maps_are_weighed_by_their_mean_slope() -> None:
    maps = np.array([[[1.0, 2.0], [3.0, 4.0]]], np.float32)  # 1 x 2 pixels, two maps
    slopes = np.array([[[1.0, 0.0], [3.0, -1.0]]], np.float32)  # means 2 and -0.5
    np.testing.assert_allclose(weight_feature_maps(maps, slopes), [[1.0, 4.0]])


def test_grad_cam_has_the_size_of_its_layer_and_is_never_negative() -> None:
    reader = FeatureReader(network_with_random_weights(ALL_KINDS))
    for name, size in (("conv2d_1", (14, 14)), ("conv2d_3", (5, 5))):
        heat = grad_cam(reader, _SEVEN, 7, name)
        assert heat.shape == size
        assert heat.min() >= 0.0


def test_saliency_of_a_network_without_hidden_layers_is_its_weights() -> None:
    network = build_network(NetworkSpec("linear", (LayerSpec("Flatten"),)), seed=0)
    kernel = network.get_layer("output").get_weights()[0]
    expected = np.abs(kernel[:, 6]).reshape(28, 28)
    np.testing.assert_allclose(saliency(FeatureReader(network), _SEVEN, 6), expected, atol=1e-6)


def test_saliency_is_the_slope_that_small_steps_measure() -> None:
    network = network_with_random_weights(
        NetworkSpec("smooth", (LayerSpec("Flatten"), LayerSpec("Dense", activation="tanh")))
    )
    (first, bias, second, offset), step = network.get_weights(), 1e-4

    def score(image: np.ndarray) -> float:
        return float((np.tanh(image.reshape(-1).astype(np.float64) @ first + bias) @ second + offset)[2])

    slopes = saliency(FeatureReader(network), _SEVEN, 2)
    for row, column in ((10, 14), (20, 12), (0, 0)):
        up, down = _SEVEN.astype(np.float64), _SEVEN.astype(np.float64)
        up[row, column] += step
        down[row, column] -= step
        assert slopes[row, column] == pytest.approx(abs(score(up) - score(down)) / (2 * step), rel=1e-3, abs=1e-6)


def test_each_hidden_part_is_a_black_square_around_its_pixel() -> None:
    hidden = occlude_each_pixel(np.ones((28, 28), np.float32), 5)
    assert hidden.shape == (784, 28, 28)
    expected = np.ones((28, 28))
    expected[8:13, 18:23] = 0.0
    np.testing.assert_array_equal(hidden[10 * 28 + 20], expected)
    corner = np.ones((28, 28))
    corner[:3, :3] = 0.0
    np.testing.assert_array_equal(hidden[0], corner)


def test_occlusion_is_the_probability_that_is_lost() -> None:
    network = network_with_random_weights(DENSE)
    lost = occlusion(FeatureReader(network), _SEVEN, 7, 3)
    images = [_SEVEN]
    for row, column in np.ndindex(28, 28):
        image = _SEVEN.copy()
        image[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2] = 0.0
        images.append(image)
    whole, *hidden = np.asarray(network(np.stack(images)[..., np.newaxis]))[:, 7]
    assert lost.any()
    np.testing.assert_allclose(lost.ravel(), whole - np.array(hidden), atol=1e-5)


def test_a_square_without_a_middle_is_refused() -> None:
    with pytest.raises(ValueError, match="odd"):
        occlude_each_pixel(_SEVEN, 4)
