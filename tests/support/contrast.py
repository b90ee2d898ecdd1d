"""Contrast of colours, as WCAG 2.2 defines it."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import ArrayLike, NDArray


def rgb(colour: str) -> NDArray[np.float64]:
    """Returns red, green and blue, 0 to 1, of `#rrggbb` or of `rgb(red, green, blue)`, as a browser computes it."""
    if colour.startswith("#"):
        return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    channels = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour)
    assert channels, colour
    return np.array([int(channel) for channel in channels.groups()]) / 255


def contrast(one: ArrayLike, other: ArrayLike) -> float:
    """Returns the contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted(_relative_luminance(np.asarray(colour, np.float64)) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def _relative_luminance(colour: NDArray[np.float64]) -> float:
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
