"""Outputs and weights of a network's layers, without Keras."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from itertools import count
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.layer_kinds import layer_kind, window_side, window_stride
from model_lib.config.network import NetworkSpec
from model_lib.inference.session import InferenceNetwork
from model_lib.inference.weight_shapes import BoundLayer, bound_layers
from model_lib.layers.layer_info import IMAGE, LayerOutput, LayerView, block_of, place_of

# So few that the outputs of all layers take some megabytes.
_BATCH: Final = 20
_cache_keys = count()


class LayerReader:
    """The layers of a network: what they are, hold, and put out. Any number of threads may use it.

    ONNX Runtime computes the outputs, in a session of the reader's own, which is built at its first use and dropped
    with the reader.

    Args:
        spec: the network.
        weights: as `network.get_weights()` gives them, float32.

    Raises:
        NetworkError: if the stack cannot be built.
        WeightsError: if the weights are not those of such a network.
    """

    def __init__(self, spec: NetworkSpec, weights: Sequence[NDArray[np.float32]]) -> None:
        self._network = InferenceNetwork(spec, weights)
        layers = bound_layers(spec)
        self.spec = spec
        self.views: tuple[LayerView, ...] = tuple(_view(layer) for layer in layers)
        # Unique id of this instance, for caches of derived results.
        self.cache_key = next(_cache_keys)
        remaining = iter(weights)
        self._weights = {layer.name: {name: next(remaining) for name in layer.weight_shapes} for layer in layers}

    def read(self, image: NDArray[np.float32]) -> dict[str, LayerOutput]:
        """Computes the outputs of all layers for one image.

        Args:
            image: (28, 28), 0 (black) to 1 (white).

        Returns:
            Layer name -> output, in the network's order; the first entry, "image", is the image itself.
        """
        from model_lib.inference.onnx_graph import pre_activation_of  # here, not above: pages import this module early

        pixels = np.asarray(image, np.float32)
        outputs = self._all_outputs(pixels[np.newaxis])
        maps = {IMAGE: LayerOutput(None, pixels[..., np.newaxis])}
        for view in self.views:
            before = outputs.get(pre_activation_of(view.name))
            maps[view.name] = LayerOutput(None if before is None else before[0], outputs[view.name][0])
        return maps

    def weights(self, name: str) -> dict[str, NDArray[np.float32]]:
        """Returns a layer's weights by Keras's names: kernel, bias, gamma, beta, moving_mean, moving_variance."""
        return self._weights[self.view(name).name]

    def view(self, name: str) -> LayerView:
        """Returns a layer's description.

        Raises:
            KeyError: if there is no such layer.
        """
        return self.views[place_of(self.views, name)]

    def dead_filters(self, images: NDArray[np.uint8]) -> dict[str, tuple[int, ...]]:
        """Finds the dead filters: those with constant output on all images, at all positions.

        Args:
            images: (n, 28, 28) uint8, at least one; a thousand are enough, and take up to a second.

        Returns:
            The indices of the dead filters, in ascending order, by the name of each layer whose output is feature
            maps. The output after the layer's fused normalisation and activation counts.
        """
        ends = {view.name: self.views[block_of(self.views, view.name).stop - 1].name for view in self.views}
        names = [view.name for view in self.views if view.is_image]
        lowest: dict[str, Any] = dict.fromkeys(names, np.inf)
        highest: dict[str, Any] = dict.fromkeys(names, -np.inf)
        for start in range(0, len(images), _BATCH):
            outputs = self._all_outputs(images[start : start + _BATCH].astype(np.float32) / np.float32(255))
            for name in names:
                values = outputs[ends[name]]
                lowest[name] = np.minimum(lowest[name], values.min(axis=(0, 1, 2)))
                highest[name] = np.maximum(highest[name], values.max(axis=(0, 1, 2)))
        return {name: tuple(np.flatnonzero(lowest[name] == highest[name]).tolist()) for name in names}

    def _all_outputs(self, images: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        from model_lib.inference.onnx_graph import output_shapes

        return self._network.layer_outputs(images, tuple(output_shapes(self.spec)))


def _view(layer: BoundLayer) -> LayerView:
    parameters = sum(math.prod(shape) for shape in layer.weight_shapes.values())
    view = LayerView(layer.name, layer.kind, layer.input_shape, layer.output_shape, parameters, layer.activation)
    if layer.spec is None or not layer_kind(layer.kind).window_option:
        return view
    return dataclasses.replace(
        view, window=window_side(layer.spec), stride=window_stride(layer.spec), padding=layer.spec.padding
    )
