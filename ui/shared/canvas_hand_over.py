"""The way of an image from any page to the Draw page, whose networks read it until something is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ui.shared.visit import state_of


@dataclass
class HandOver:
    """What has been handed over in this visit.

    Args:
        image: (28, 28) float32, 0 (black) to 1 (white); None if there is none.
        is_new: whether the Draw page has not seen it yet.
    """

    image: NDArray[np.float32] | None = None
    is_new: bool = False


def hand_over_to_canvas(image: NDArray[np.float32]) -> None:
    """Lets the Draw page read an image, (28, 28) float32 from 0 (black) to 1 (white), in place of a drawing."""
    handed = state_of(HandOver)
    handed.image, handed.is_new = image, True


def handed_over_image() -> NDArray[np.float32] | None:
    """Returns the image that was handed over and not drawn over since."""
    return state_of(HandOver).image


def is_newly_handed_over() -> bool:
    """Returns whether an image has been handed over since this was asked last."""
    handed = state_of(HandOver)
    is_new, handed.is_new = handed.is_new, False
    return is_new


def drop_handed_over() -> None:
    """Forgets the image that was handed over."""
    state_of(HandOver).image = None
