"""Kernels as images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.layers.layer_info import LayerView, place_of

Floats = NDArray[np.float32]


def image_kernel_layers(views: Sequence[LayerView]) -> list[LayerView]:
    """Returns the layers whose kernels are images: convolutions, and a dense layer on the pixels."""
    return [view for view in views if view.kind == "Conv2D" or _is_first_dense(views, view)]


def kernel_images(weights: Mapping[str, Floats]) -> Floats:
    """Returns a layer's kernel as images, (height, width, input channels, filters).

    Args:
        weights: of one of `image_kernel_layers`, by name.
    """
    kernel = weights["kernel"]
    if kernel.ndim == 4:
        return kernel
    return kernel.reshape(IMAGE_SIDE, IMAGE_SIDE, 1, -1)


def one_channel(kernels: Floats, channel: int | None) -> Floats:
    """Returns one input channel of each kernel, or the norm over all channels.

    Args:
        kernels: (height, width, input channels, filters).
        channel: the input channel; None for the L2 norm over all.

    Returns:
        (filters, height, width).
    """
    chosen = np.sqrt((kernels**2).sum(axis=2)) if channel is None else kernels[:, :, channel]
    return np.moveaxis(chosen, 2, 0)


def kernel_norms(kernels: Floats) -> Floats:
    """Returns the L2 norm of each filter, (filters,)."""
    return np.asarray(np.sqrt((kernels**2).sum(axis=(0, 1, 2))))


def _is_first_dense(views: Sequence[LayerView], view: LayerView) -> bool:
    """Whether a dense layer's inputs are the pixels, up to elementwise scaling or normalisation."""
    if view.kind != "Dense":
        return False
    before = views[: place_of(views, view.name)]
    keeps_pixel_order = all(other.kind in ("Flatten", "Rescaling", "BatchNormalization", "Dropout") for other in before)
    return keeps_pixel_order and view.input_shape == (IMAGE_SIDE**2,)
