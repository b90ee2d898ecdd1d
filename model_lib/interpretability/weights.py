"""The filters themselves: a layer's weights as pictures, and how they changed while the network learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model_lib.interpretability.layer_info import LayerView, place_of

Floats = NDArray[np.float32]


def picture_layers(views: Sequence[LayerView]) -> list[LayerView]:
    """Returns the layers whose weights are pictures: convolutions, and dense layers wired to the image itself."""
    return [view for view in views if view.kind == "Conv2D" or _sees_pixels(views, view)]


def weight_pictures(weights: Mapping[str, Floats]) -> Floats:
    """Returns a layer's weights as pictures, (height, width, input channels, filters).

    Args:
        weights: those of one of `picture_layers`, by name.
    """
    kernel = weights["kernel"]
    if kernel.ndim == 4:
        return kernel
    return kernel.reshape(28, 28, 1, -1)


def one_channel(pictures: Floats, channel: int | None) -> Floats:
    """Returns what each filter does to one input channel, or how strong it is over all of them.

    Args:
        pictures: (height, width, input channels, filters).
        channel: the input channel; None for the norm, the root of the sum of squares over all of them.

    Returns:
        (filters, height, width).
    """
    chosen = np.sqrt((pictures**2).sum(axis=2)) if channel is None else pictures[:, :, channel]
    return np.moveaxis(chosen, 2, 0)


def strengths(pictures: Floats) -> Floats:
    """Returns each filter's strength, the root of the sum of squares of all its numbers, (filters,)."""
    return np.asarray(np.sqrt((pictures**2).sum(axis=(0, 1, 2))))


def _sees_pixels(views: Sequence[LayerView], view: LayerView) -> bool:
    """Whether a dense layer's inputs are the pixels of the image, perhaps scaled or normalised one by one."""
    if view.kind != "Dense":
        return False
    before = views[: place_of(views, view.name)]
    moves_nothing = all(other.kind in ("Flatten", "Rescaling", "BatchNormalization", "Dropout") for other in before)
    return moves_nothing and view.input_shape == (784,)
