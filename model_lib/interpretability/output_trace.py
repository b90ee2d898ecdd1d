"""The arithmetic of one output number: what went in, what it was multiplied with, what was added, what came out.

Plain NumPy in double precision, from a layer's inputs and weights; each result also bears what Keras computed, so that
a page can show both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.interpretability.layer_info import IMAGE, LayerMaps, LayerView, apply_activation, place_of
from model_lib.interpretability.receptive_field import flat_position, window_start

if TYPE_CHECKING:
    from model_lib.interpretability.layer_outputs import FeatureReader

Floats = NDArray[np.float64]
Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Arithmetic:
    """One output number.

    Args:
        result: as worked out here.
        computed: as Keras computed it.
    """

    result: float
    computed: float


@dataclass(frozen=True)
class WeightedSum(Arithmetic):
    """A convolution's output pixel: products, their sum, the bias, the activation.

    Args:
        patch: (k, k, channels), the part of the input that was seen; zeros where it was padded.
        kernel: (k, k, channels), the filter.
        bias: added to the sum; 0 if the layer has none.
        before: the sum with the bias.
        activation: the function that makes the result of it.
        top: the patch's first row in the input; negative in the padding.
        left: its first column.
        is_padded: whether it reaches beyond the border of the input.
    """

    patch: Floats
    kernel: Floats
    bias: float
    before: float
    activation: str
    top: int
    left: int
    is_padded: bool

    @property
    def products(self) -> Floats:
        """Patch times kernel, number by number, (k, k, channels)."""
        return self.patch * self.kernel

    @property
    def channel_sums(self) -> Floats:
        """The sum of the products of each input channel, (channels,)."""
        return np.asarray(self.products.sum(axis=(0, 1)))


@dataclass(frozen=True)
class LargestOfBlock(Arithmetic):
    """A pooling layer's output pixel: the largest number of a block.

    Args:
        block: (p, p), NaN outside the input.
        winner: row and column of the largest number in the block; the first one if several are equal.
        top: the block's first row in the input.
        left: its first column.
    """

    block: Floats
    winner: tuple[int, int]
    top: int
    left: int


@dataclass(frozen=True)
class UnitSum(Arithmetic):
    """A dense unit's output.

    Args:
        inputs: (n,), what the layer before put out.
        weights: (n,), the unit's own.
        bias: added to the sum; 0 if the layer has none.
        before: the sum with the bias.
        activation: the function that makes the result of it.
        rivals: (units,), `before` of all units of the layer: softmax shares out between them.
    """

    inputs: Floats
    weights: Floats
    bias: float
    before: float
    activation: str
    rivals: Floats

    @property
    def products(self) -> Floats:
        """Inputs times weights, (n,)."""
        return self.inputs * self.weights

    def largest(self, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Returns the places of the largest positive and negative contributions, each the strongest first."""
        order = np.argsort(self.products, kind="stable")
        positive = [place for place in order[::-1][:count] if self.products[place] > 0.0]
        negative = [place for place in order[:count] if self.products[place] < 0.0]
        return np.array(positive, np.intp), np.array(negative, np.intp)


@dataclass(frozen=True)
class Normalised(Arithmetic):
    """A number behind batch normalisation: gamma * (value - mean) / sqrt(variance + epsilon) + beta."""

    value: float
    mean: float
    variance: float
    epsilon: float
    gamma: float
    beta: float


@dataclass(frozen=True)
class Bent(Arithmetic):
    """A number behind an activation layer."""

    value: float
    activation: str


@dataclass(frozen=True)
class MeanOfMap(Arithmetic):
    """The mean of a whole feature map, (height, width)."""

    values: Floats


@dataclass(frozen=True)
class PassedOn(Arithmetic):
    """A number that is only moved or scaled: Flatten, Rescaling, and Dropout when it does not learn.

    Args:
        source: its place in the input.
        value: what stood there.
        factor: what it is multiplied by.
    """

    source: tuple[int, ...]
    value: float
    factor: float


def explain_output(
    reader: FeatureReader, maps: Mapping[str, LayerMaps], name: str, position: tuple[int, ...]
) -> Arithmetic:
    """Works out one output number of a layer by hand.

    Args:
        reader: the network's reader.
        maps: what `reader.read` gave for the image.
        name: the layer.
        position: (row, column, channel), or (unit,).

    Returns:
        One of the classes above, as the layer's kind demands.

    Raises:
        IndexError: if the layer's output has no such position.
        NotImplementedError: for a kind of layer without a trace.
    """
    place = place_of(reader.views, name)
    view = reader.views[place]
    is_inside = all(0 <= at < side for at, side in zip(position, view.shape, strict=False))
    if len(position) != len(view.shape) or not is_inside:
        raise IndexError(f"`position` must lie within {view.size}. Received: {position}.")
    if view.kind not in _ARITHMETIC:
        raise NotImplementedError(
            f"The layer must be of a kind in `_ARITHMETIC` of {__name__}, {', '.join(_ARITHMETIC)}. "
            f"Received: {view.kind}. docs/how-to/add-a-layer-kind.md says how to add one."
        )
    inputs = maps[reader.views[place - 1].name if place else IMAGE].after.astype(np.float64)
    return _ARITHMETIC[view.kind](_Output(reader, view, inputs, position, float(maps[name].after[position])))


@dataclass(frozen=True)
class _Output:
    """The output number to work out: where it is, what its layer received, and what Keras computed."""

    reader: FeatureReader
    view: LayerView
    inputs: Floats
    position: tuple[int, ...]
    computed: float

    @property
    def weights(self) -> Weights:
        return self.reader.weights(self.view.name)


def _convolution(output: _Output) -> WeightedSum:
    view, inputs, weights = output.view, output.inputs, output.weights
    row, column, channel = output.position
    kernel = weights["kernel"][..., channel].astype(np.float64)
    bias = float(weights["bias"][channel]) if "bias" in weights else 0.0
    patch, top, left = _patch(view, inputs, row, column, outside=0.0)
    before = float((patch * kernel).sum()) + bias
    result = float(apply_activation(view.activation, np.array(before)))
    is_padded = min(top, left) < 0 or top + view.window > inputs.shape[0] or left + view.window > inputs.shape[1]
    return WeightedSum(result, output.computed, patch, kernel, bias, before, view.activation, top, left, is_padded)


def _max_pooling(output: _Output) -> LargestOfBlock:
    row, column, channel = output.position
    block, top, left = _patch(output.view, output.inputs[..., channel : channel + 1], row, column, outside=np.nan)
    block = block[..., 0]
    winner = divmod(int(np.nanargmax(block)), block.shape[1])
    return LargestOfBlock(float(block[winner]), output.computed, block, winner, top, left)


def _dense(output: _Output) -> UnitSum:
    view, weights, position = output.view, output.weights, output.position
    kernel = weights["kernel"].astype(np.float64)
    biases = weights["bias"].astype(np.float64) if "bias" in weights else np.zeros(kernel.shape[1])
    # On feature maps a dense layer reads the channels of its own pixel.
    inputs = output.inputs[position[:-1]]
    rivals = inputs @ kernel + biases
    unit = position[-1]
    result = float(apply_activation(view.activation, rivals)[unit])
    before, bias = float(rivals[unit]), float(biases[unit])
    return UnitSum(result, output.computed, inputs, kernel[:, unit], bias, before, view.activation, rivals)


def _batch_normalization(output: _Output) -> Normalised:
    weights = {name: float(numbers[output.position[-1]]) for name, numbers in output.weights.items()}
    mean, variance = weights["moving_mean"], weights["moving_variance"]
    gamma, beta = weights.get("gamma", 1.0), weights.get("beta", 0.0)
    epsilon = output.reader.constant(output.view.name, "epsilon")
    value = float(output.inputs[output.position])
    result = gamma * (value - mean) / float(np.sqrt(variance + epsilon)) + beta
    return Normalised(result, output.computed, value, mean, variance, epsilon, gamma, beta)


def _activation(output: _Output) -> Bent:
    name, value = output.view.activation, output.inputs[output.position]
    return Bent(float(apply_activation(name, np.array(value))), output.computed, float(value), name)


def _global_average(output: _Output) -> MeanOfMap:
    values = output.inputs[:, :, output.position[0]]
    return MeanOfMap(float(values.mean()), output.computed, values)


def _copy(output: _Output) -> PassedOn:
    return _scaled(output, output.position, 1.0)


def _flatten(output: _Output) -> PassedOn:
    shape, (unit,) = output.view.input_shape, output.position
    return _scaled(output, flat_position(shape, unit) if len(shape) == 3 else (unit,), 1.0)


def _rescaling(output: _Output) -> PassedOn:
    return _scaled(output, output.position, output.reader.constant(output.view.name, "scale"))


def _scaled(output: _Output, source: tuple[int, ...], factor: float) -> PassedOn:
    value = float(output.inputs[source])
    return PassedOn(value * factor, output.computed, source, value, factor)


def _patch(view: LayerView, inputs: Floats, row: int, column: int, outside: float) -> tuple[Floats, int, int]:
    """Returns the square that an output pixel looks at, (window, window, channels), and where it begins."""
    height, width = inputs.shape[:2]
    top, left = window_start(height, view, row), window_start(width, view, column)
    patch = np.full((view.window, view.window, inputs.shape[2]), outside)
    rows = slice(max(0, top), min(height, top + view.window))
    columns = slice(max(0, left), min(width, left + view.window))
    patch[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = inputs[rows, columns]
    return patch, top, left


_ARITHMETIC: Final[Mapping[str, Callable[[_Output], Arithmetic]]] = {
    "Conv2D": _convolution,
    "MaxPooling2D": _max_pooling,
    "GlobalAveragePooling2D": _global_average,
    "Dense": _dense,
    "BatchNormalization": _batch_normalization,
    "Activation": _activation,
    "Dropout": _copy,  # it is inactive outside training
    "Flatten": _flatten,
    "Rescaling": _rescaling,
}
