"""A digit is held out or not for good, whatever is added, deleted or brought back under another id."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import numpy as np
import pytest

from model_lib.datasets.loading import load_dataset
from model_lib.datasets.own_split import FEWEST_DIGITS, split_own_digits, too_few_digits
from model_lib.datasets.user_digits import UserDigit, UserDigitSet


def _digits(count: int) -> list[UserDigit]:
    test = load_dataset("mnist").test
    return [UserDigit(f"{index:04x}", test.images[index], int(test.labels[index])) for index in range(count)]


def _is_held_out(image: np.ndarray) -> bool:
    """Returns it by the hash of the pixels, as it was decided in version 0.9.0: it must never change."""
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()[0] < 64


def test_about_a_quarter_is_held_out_by_its_pixels_alone() -> None:
    digits = _digits(2000)
    split = split_own_digits(digits)
    wanted = [digit for digit in digits if _is_held_out(digit.image)]
    np.testing.assert_array_equal(split.held_out.images, [digit.image for digit in wanted])
    np.testing.assert_array_equal(split.held_out.labels, [digit.label for digit in wanted])
    assert len(split.training.labels) + len(wanted) == 2000
    assert 2000 / 4 - 4 * 19.4 < len(wanted) < 2000 / 4 + 4 * 19.4  # standard deviation: root of 2000 * 1/4 * 3/4


def test_what_is_added_deleted_or_imported_moves_no_digit_to_the_other_side(tmp_path: Path) -> None:
    digits = _digits(60)
    before = {digit.image.tobytes() for digit in digits if _is_held_out(digit.image)}
    random.Random(1).shuffle(digits)
    original, imported = UserDigitSet(tmp_path / "original"), UserDigitSet(tmp_path / "imported")
    for digit in digits[:40]:
        original.add(digit.image, digit.label)
    imported.import_(original.export())
    for collection in (original, imported):
        held_out = split_own_digits(collection.digits()).held_out
        assert {image.tobytes() for image in held_out.images} <= before


def test_no_digits_make_two_empty_parts() -> None:
    split = split_own_digits([])
    assert split.training.images.shape == split.held_out.images.shape == (0, 28, 28)


@pytest.mark.parametrize(("count", "is_enough"), [(0, False), (FEWEST_DIGITS - 1, False), (FEWEST_DIGITS, True)])
def test_too_few_are_counted(count: int, is_enough: bool) -> None:
    problem = too_few_digits(count)
    assert (problem is None) == is_enough
    assert is_enough or f"There are {count}." in str(problem)
