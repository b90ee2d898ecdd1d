"""What the ready-made network puts out for the image of the screens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ui.shared.loaders import layer_reader_of


def logits_of(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Returns the ten sums before softmax (10,) for an image (28, 28), 0 to 255."""
    outputs = layer_reader_of(None).read((pixels / 255).astype(np.float32))
    last = list(outputs.values())[-1]
    assert last.pre_activation is not None
    return last.pre_activation.astype(np.float64)


def first_feature_maps(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Returns its first feature maps after ReLU (24, 24, filters) for an image (28, 28), 0 to 255."""
    outputs = layer_reader_of(None).read((pixels / 255).astype(np.float32))
    convolution = list(outputs.values())[1].activation.astype(np.float64)
    return np.maximum(convolution, 0.0)
