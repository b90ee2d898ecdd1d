"""The visitor's digits as training images and held-out ones, the same part of every digit for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE, Split
from model_lib.datasets.user_digit_files import UserDigit, fingerprint

# Fewer make no training set: a quarter is held out, and each of the ten classes should be there.
FEWEST_DIGITS: Final = 20
# Of 256 values of the first byte of a digit's fingerprint.
_HELD_OUT_VALUES: Final = 64


@dataclass(frozen=True)
class OwnSplit:
    """A set of digits, split.

    Args:
        training: those to train on.
        held_out: those that no gradient sees, about a quarter; may be empty.
    """

    training: Split
    held_out: Split


def split_own_digits(digits: Sequence[UserDigit]) -> OwnSplit:
    """Splits a visitor's digits by a hash of their pixels.

    What is held out of one training is so held out of every later one too, whatever was added, deleted or imported
    meanwhile: a network that is trained on twice has not seen the digits that it is tested on.

    Args:
        digits: the set, in any order.
    """
    held_out = [fingerprint(digit.image)[0] < _HELD_OUT_VALUES for digit in digits]
    return OwnSplit(
        training=_as_split([digit for digit, is_out in zip(digits, held_out, strict=True) if not is_out]),
        held_out=_as_split([digit for digit, is_out in zip(digits, held_out, strict=True) if is_out]),
    )


def too_few_digits(count: int) -> str | None:
    """Returns, for the visitor, why a set is too small to be trained on without a whole data set; None if it is not.

    Args:
        count: of all its digits.
    """
    if count >= FEWEST_DIGITS:
        return None
    return (
        f"Training on your own digits needs at least {FEWEST_DIGITS} of them, better some of each of 0 to 9. "
        f"There are {count:,}."
    )


def _as_split(digits: Sequence[UserDigit]) -> Split:
    images: NDArray[np.uint8] = np.array([digit.image for digit in digits], np.uint8)
    return Split(images.reshape(-1, IMAGE_SIDE, IMAGE_SIDE), np.array([digit.label for digit in digits], np.uint8))
