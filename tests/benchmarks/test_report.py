"""What the benchmarks count and print."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate

from benchmarks.kernels.winograd import winograd_convolution
from benchmarks.report import percent, print_table
from benchmarks.training.throughput import operations
from model_lib.config.presets import PRESETS


def test_operations_are_those_counted_by_hand() -> None:
    # Two a weight and pass; the first layer has no pass for its input's gradient.
    assert operations(PRESETS["mlp"]) == 2 * (2 * 784 * 128 + 3 * 128 * 10)
    convolutions = 2 * 26 * 26 * 9 * 32 + 3 * 24 * 24 * 9 * 32 * 64
    assert operations(PRESETS["mnist_cnn"]) == 2 * (convolutions + 3 * (9216 * 128 + 128 * 10))


def test_a_table_is_markdown_with_numbers_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("who", "seconds"), [("a", "1.5"), ("long name", "12")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "| who       | seconds |",
        "|-----------|--------:|",
        "| a         |     1.5 |",
        "| long name |      12 |",
    ]


def test_a_share_is_written_in_per_cent() -> None:
    assert percent(0.99254) == "99.25 %"
    assert percent([0.99, 0.992], 3) == "99.100 %"


def test_winograds_convolution_is_scipys() -> None:
    random = np.random.default_rng(1)
    images = random.standard_normal((2, 8, 6, 3)).astype(np.float32)
    kernel = random.standard_normal((3, 3, 3, 4)).astype(np.float32)
    answer = winograd_convolution(images, kernel).numpy()
    assert answer.shape == (2, 6, 4, 4)
    for image, planes in zip(images, answer, strict=True):
        for number in range(4):
            wanted = correlate(image, kernel[..., number], mode="valid")[..., 0]
            np.testing.assert_allclose(planes[..., number], wanted, atol=1e-5)
