"""Multiplications that a network needs for one image: what its answer costs, on whatever machine.

A processor spends most of its time, and of its energy, on them. Those of a window that lies over the zeros of the
padding count as well; those within activation functions do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from model_lib.config.layer_kinds import Shape
from model_lib.config.network import IMAGE_SHAPE, LayerSpec, NetworkSpec
from model_lib.config.summary import summarise
from model_lib.datasets.loading import CLASSES

# By the kind of a layer: from the layer, its input's shape and its output's shape to the multiplications.
_COUNTS: Final[Mapping[str, Callable[[LayerSpec, Shape, Shape], int]]] = {
    "Conv2D": lambda layer, before, after: layer.kernel_size**2 * before[2] * math.prod(after),
    "MaxPooling2D": lambda layer, before, after: 0,
    # A sum, and one factor for each mean.
    "AveragePooling2D": lambda layer, before, after: math.prod(after),
    "GlobalAveragePooling2D": lambda layer, before, after: math.prod(after),
    "Dropout": lambda layer, before, after: 0,
    # After training it is one factor and one number to add.
    "BatchNormalization": lambda layer, before, after: math.prod(after),
    "Activation": lambda layer, before, after: 0,
    "Flatten": lambda layer, before, after: 0,
    "Dense": lambda layer, before, after: before[-1] * math.prod(after),
}


def multiplications(spec: NetworkSpec) -> int:
    """Returns how many multiplications the network needs for one image, the last Dense(10) included.

    Raises:
        NetworkError: if the stack cannot be built, see `summarise`.
    """
    outputs = [row.output_shape for row in summarise(spec)[-len(spec.layers) - 1 : -1]]
    inputs = [IMAGE_SHAPE, *outputs]
    layers = zip(spec.layers, inputs, outputs, strict=False)
    rescaling = math.prod(IMAGE_SHAPE) if spec.pixel_scale != 1.0 else 0
    return rescaling + sum(_COUNTS[layer.kind](layer, *shapes) for layer, *shapes in layers) + outputs[-1][0] * CLASSES
