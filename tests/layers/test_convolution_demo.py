"""Filters without a network, against plain loops and hand counts."""

from __future__ import annotations

import numpy as np
import pytest

from model_lib.datasets.loading import load_dataset
from model_lib.layers.convolution_demo import CLASSIC_FILTERS, convolve_same, max_pool, random_filters

_SEVEN = load_dataset("mnist").test.images[0].astype(np.float32) / 255


@pytest.mark.parametrize("side", [3, 5])
def test_a_moved_filter_is_four_loops(side: int) -> None:
    kernel = random_filters(1, side, 0)[0]
    padded = np.pad(_SEVEN.astype(np.float64), side // 2)
    expected = np.zeros((28, 28))
    for row in range(28):
        for column in range(28):
            for down in range(side):
                for right in range(side):
                    expected[row, column] += padded[row + down, column + right] * kernel[down, right]
    np.testing.assert_allclose(convolve_same(_SEVEN, kernel), expected, atol=1e-9)


def test_the_filter_that_does_nothing_gives_the_image_back() -> None:
    np.testing.assert_allclose(convolve_same(_SEVEN, np.array(CLASSIC_FILTERS["Identity"])), _SEVEN)


def test_blurring_keeps_the_amount_of_ink_and_edges_have_no_answer_on_plain_ground() -> None:
    # No ink at the border, so that nothing of it is lost outside.
    inner = np.pad(_SEVEN[2:-2, 2:-2], 2)
    for name in ("Blur", "Blur, 5 x 5"):
        assert convolve_same(inner, np.array(CLASSIC_FILTERS[name])).sum() == pytest.approx(inner.sum(), rel=1e-5)
    for name in ("Edges from left to right", "Edges from top to bottom", "All edges"):
        plain = convolve_same(np.ones((28, 28), np.float32), np.array(CLASSIC_FILTERS[name]))
        assert not plain[1:-1, 1:-1].any()


def test_a_step_from_black_to_white_is_an_edge_from_left_to_right() -> None:
    image = np.zeros((28, 28), np.float32)
    image[:, 14:] = 1.0
    answer = convolve_same(image, np.array(CLASSIC_FILTERS["Edges from left to right"]))
    assert answer[14, 13] == answer[14, 14] == 4.0
    assert answer[14, 5] == answer[14, 20] == 0.0


def test_pooling_keeps_the_largest_of_four() -> None:
    table = np.array([[[1, 2, 5, 6], [3, 4, 7, 8], [9, 1, 0, 0], [2, 3, 0, -1]]], np.float64)
    assert max_pool(table).tolist() == [[[4, 8], [9, 0]]]
    assert max_pool(np.zeros((16, 28, 28))).shape == (16, 14, 14)


def test_a_seed_draws_the_same_filters_again() -> None:
    np.testing.assert_array_equal(random_filters(16, 5, 3), random_filters(16, 5, 3))
    assert (random_filters(16, 5, 3) != random_filters(16, 5, 4)).any()
