"""What images have in common, against the published counts, NumPy's own functions and sums by hand."""

from __future__ import annotations

import numpy as np
import pytest

from model_lib.datasets.browsing import (
    class_counts,
    filter_split,
    mean_images,
    nearest_images,
    one_hot,
    part_from,
    pixel_counts,
    pixel_mean_and_deviation,
    pixel_places,
    shape_line,
    sheet_count,
    window_around,
)
from model_lib.datasets.loading import Split, load_dataset

_MNIST = load_dataset("mnist")
_PEN = load_dataset("pen_digits")


def test_mnist_has_as_many_images_of_each_digit_as_is_published() -> None:
    assert class_counts(_MNIST.train.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert class_counts(_MNIST.test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_a_class_without_images_is_counted_as_none_and_has_no_mean() -> None:
    split = Split(np.full((2, 28, 28), 7, np.uint8), np.array([3, 3], np.uint8))
    assert class_counts(split.labels).tolist() == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    means = mean_images(split)
    assert (means[3] == 7).all()
    assert np.isnan(np.delete(means, 3, axis=0)).all()


def test_the_filters_leave_the_images_of_a_label_and_of_a_writer() -> None:
    assert len(filter_split(_MNIST.train)) == 60_000
    assert filter_split(_MNIST.train, label=5)[:3].tolist() == [0, 11, 35]
    assert filter_split(_MNIST.train, writer=4).size == 60_000, "MNIST does not say who wrote its images"
    train = _PEN.train
    assert train.writers is not None
    both = filter_split(train, 7, 4)
    by_hand = [place for place in range(len(train.labels)) if train.labels[place] == 7 and train.writers[place] == 4]
    assert both.tolist() == by_hand != []


def test_the_filters_leave_the_images_from_one_on_and_those_of_a_list() -> None:
    late = filter_split(_MNIST.train, label=5, first=48_000)
    assert late.tolist() == [place for place in range(48_000, 60_000) if _MNIST.train.labels[place] == 5]
    assert filter_split(_MNIST.train, among=np.array([35, 7, 11])).tolist() == [7, 11, 35]
    assert filter_split(_MNIST.train, label=5, among=np.array([35, 7, 11])).tolist() == [11, 35]
    assert filter_split(_MNIST.train, among=np.empty(0, np.int64)).size == 0


def test_the_images_from_one_on_keep_their_labels_and_their_writers() -> None:
    part = part_from(_PEN.train, 3997)
    assert part.writers is not None
    assert _PEN.train.writers is not None
    np.testing.assert_array_equal(part.images[2], _PEN.train.images[3999])
    assert (part.labels[2], part.writers[2]) == (_PEN.train.labels[3999], _PEN.train.writers[3999])
    assert part_from(_MNIST.test, 9_990).labels.tolist() == _MNIST.test.labels[-10:].tolist()


@pytest.mark.parametrize(("images", "sheets"), [(0, 1), (1, 1), (100, 1), (101, 2), (60_000, 600)])
def test_a_hundred_images_fill_a_sheet(images: int, sheets: int) -> None:
    assert sheet_count(images) == sheets


def test_a_mean_image_is_numpys_mean_over_the_images_of_its_label() -> None:
    means = mean_images(_MNIST.test)
    for label in range(10):
        images = _MNIST.test.images[_MNIST.test.labels == label]
        np.testing.assert_allclose(means[label], np.mean(images, axis=0, dtype=np.float64), rtol=1e-12)


def test_every_pixel_is_counted_once_under_its_value() -> None:
    counts = pixel_counts(_MNIST.test.images)
    values, expected = np.unique(_MNIST.test.images, return_counts=True)
    assert counts[values].tolist() == expected.tolist()
    assert counts.sum() == 10_000 * 784


def test_four_fifths_of_mnists_training_pixels_are_black() -> None:
    counts = pixel_counts(_MNIST.train.images)
    assert counts[0] == _MNIST.train.images.size - np.count_nonzero(_MNIST.train.images)
    # The mean and the standard deviation that programs for MNIST normalise with: 0.1307 and 0.3081.
    assert pixel_mean_and_deviation(counts) == pytest.approx((0.1307, 0.3081), abs=5e-5)


def test_a_one_hot_vector_is_a_row_of_the_identity_matrix() -> None:
    np.testing.assert_array_equal([one_hot(label) for label in range(10)], np.eye(10))


def test_shapes_are_written_as_numpy_prints_them() -> None:
    train = _MNIST.train
    assert shape_line("x_train", train.images) == "x_train.shape (60000, 28, 28)  uint8"
    assert shape_line("y_train", train.labels) == "y_train.shape (60000,)  uint8"


@pytest.mark.parametrize("pixel", [(0, 0), (0, 27), (14, 10), (27, 27)])
def test_a_pixel_lies_where_numpy_keeps_it_in_both_orders(pixel: tuple[int, int]) -> None:
    image = np.arange(784).reshape(28, 28)  # each number is its own offset
    arrays = {"channels last": image[..., np.newaxis], "channels first": image[np.newaxis]}
    for place in pixel_places(*pixel):
        array = arrays[place.order]
        assert array.shape == place.shape
        assert array[place.index] == place.offset == np.ravel_multi_index(place.index, place.shape)
        sum_written, result = place.arithmetic.replace("x", "*").split(" = ")
        assert eval(sum_written) == int(result) == place.offset


@pytest.mark.parametrize("pixel", [(-1, 0), (0, 28)])
def test_a_pixel_outside_the_image_has_no_place(pixel: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="from 0 to 27"):
        pixel_places(*pixel)


@pytest.mark.parametrize(
    ("pixel", "first"), [((14, 10), (10, 6)), ((0, 27), (0, 19)), ((3, 24), (0, 19)), ((27, 4), (19, 0))]
)
def test_a_window_lies_around_its_pixel_and_within_the_image(pixel: tuple[int, int], first: tuple[int, int]) -> None:
    assert window_around(*pixel) == first


def test_the_nearest_images_are_those_of_the_smallest_distance_without_the_one_itself() -> None:
    images = _MNIST.test.images[:2500]  # more than are compared at a time
    flat = images.reshape(len(images), -1).astype(np.float64)
    distances = np.linalg.norm(flat - flat[17], axis=1)
    distances[17] = np.inf
    nearest, found = nearest_images(images, 17)
    assert nearest.tolist() == np.argsort(distances)[:5].tolist()
    np.testing.assert_allclose(found, np.sort(distances)[:5], rtol=1e-12)


def test_black_and_white_are_as_far_apart_as_can_be_and_few_images_have_few_neighbours() -> None:
    nearest, distances = nearest_images(np.stack([np.zeros((28, 28)), np.full((28, 28), 255)]).astype(np.uint8), 0)
    assert nearest.tolist() == [1]
    assert distances.tolist() == [28 * 255]
    assert nearest_images(np.zeros((1, 28, 28), np.uint8), 0)[0].size == 0
