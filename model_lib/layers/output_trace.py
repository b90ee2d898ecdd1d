"""Trace of one output number of a layer: its inputs, the weights, the pre-activation and the activation.

Plain NumPy in float64, from the layer's inputs and weights; each trace also holds the value that ONNX Runtime computed
with the network as a whole, so that a page can show both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, softmax

from model_lib.inference.onnx_graph import BATCH_NORM_EPSILON
from model_lib.layers.layer_info import IMAGE, LayerOutput, LayerView, place_of
from model_lib.layers.layer_reader import LayerReader
from model_lib.layers.receptive_field import flat_position, window_start

Floats = NDArray[np.float64]
Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class OutputTrace:
    """One output number of a layer.

    Args:
        result: as computed here, in float64.
        runtime_value: as ONNX Runtime computed it, in float32.
    """

    result: float
    runtime_value: float


@dataclass(frozen=True, kw_only=True)
class ConvTrace(OutputTrace):
    """An output pixel of a convolution: sum of products, bias, activation.

    Args:
        patch: (k, k, channels), the pixel's window in the input; zeros in the padding.
        kernel: (k, k, channels), the filter.
        bias: added to the sum; 0 if the layer has none.
        pre_activation: the sum with the bias.
        activation: Keras's name of the activation.
        top: the patch's first row in the input; negative in the padding.
        left: its first column.
        is_padded: whether it reaches beyond the border of the input.
    """

    patch: Floats
    kernel: Floats
    bias: float
    pre_activation: float
    activation: str
    top: int
    left: int
    is_padded: bool

    @property
    def products(self) -> Floats:
        """Patch times kernel, element by element, (k, k, channels)."""
        return self.patch * self.kernel

    @property
    def channel_sums(self) -> Floats:
        """The sum of the products of each input channel, (channels,)."""
        return np.asarray(self.products.sum(axis=(0, 1)))


@dataclass(frozen=True, kw_only=True)
class MaxPoolTrace(OutputTrace):
    """An output pixel of a max pooling.

    Args:
        block: (p, p), the pixel's window in its input channel; NaN in the padding.
        winner: row and column of the maximum in the block; the first one if several are equal.
        top: the block's first row in the input.
        left: its first column.
    """

    block: Floats
    winner: tuple[int, int]
    top: int
    left: int


@dataclass(frozen=True, kw_only=True)
class MeanTrace(OutputTrace):
    """The mean of part of a feature map, or of all of it.

    Args:
        values: (height, width), the numbers averaged; NaN in the padding, which does not count.
    """

    values: Floats


@dataclass(frozen=True, kw_only=True)
class DenseTrace(OutputTrace):
    """An output of a dense layer.

    Args:
        inputs: (n,), the layer's inputs.
        weights: (n,), the unit's column of the kernel.
        bias: added to the sum; 0 if the layer has none.
        pre_activation: the sum with the bias; the unit's logit in the last layer.
        activation: Keras's name of the activation.
        logits: (units,), the pre-activations of all units of the layer, which softmax normalises over.
    """

    inputs: Floats
    weights: Floats
    bias: float
    pre_activation: float
    activation: str
    logits: Floats

    @property
    def products(self) -> Floats:
        """Inputs times weights, (n,)."""
        return self.inputs * self.weights

    def largest(self, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Returns the indices of the largest positive and negative contributions, each in descending magnitude."""
        order = np.argsort(self.products, kind="stable")
        positive = [index for index in order[::-1][:count] if self.products[index] > 0.0]
        negative = [index for index in order[:count] if self.products[index] < 0.0]
        return np.array(positive, np.intp), np.array(negative, np.intp)


@dataclass(frozen=True, kw_only=True)
class BatchNormTrace(OutputTrace):
    """An output of batch normalization in inference: gamma * (value - mean) / sqrt(variance + epsilon) + beta."""

    value: float
    mean: float
    variance: float
    epsilon: float
    gamma: float
    beta: float


@dataclass(frozen=True, kw_only=True)
class ActivationTrace(OutputTrace):
    """An output of an activation layer: the activation applied to `value`."""

    value: float
    activation: str


@dataclass(frozen=True, kw_only=True)
class CopyTrace(OutputTrace):
    """An output that is an input moved or scaled: Flatten, Rescaling, and Dropout in inference.

    Args:
        source: the input's position.
        value: the input.
        factor: what it is multiplied by.
    """

    source: tuple[int, ...]
    value: float
    factor: float


def explain_output(
    reader: LayerReader, maps: Mapping[str, LayerOutput], name: str, position: tuple[int, ...]
) -> OutputTrace:
    """Traces one output number of a layer.

    Args:
        reader: the network's reader.
        maps: what `reader.read` returned for the image.
        name: the layer.
        position: (row, column, channel), or (unit,).

    Returns:
        One of the traces above, by the layer's kind.

    Raises:
        IndexError: if the layer's output has no such position.
        NotImplementedError: for a kind of layer without a trace.
    """
    index = place_of(reader.views, name)
    view = reader.views[index]
    is_inside = all(0 <= at < side for at, side in zip(position, view.shape, strict=False))
    if len(position) != len(view.shape) or not is_inside:
        raise IndexError(f"`position` must lie within {view.size}. Received: {position}.")
    if view.kind not in _TRACES:
        raise NotImplementedError(
            f"The layer must be of a kind in `_TRACES` of {__name__}, {', '.join(_TRACES)}. "
            f"Received: {view.kind}. docs/how-to/add-a-layer-kind.md says how to add one."
        )
    inputs = maps[reader.views[index - 1].name if index else IMAGE].activation.astype(np.float64)
    runtime_value = float(maps[name].activation[position])
    return _TRACES[view.kind](_Output(reader, view, inputs, position, runtime_value))


def apply_activation(name: str, values: Floats) -> Floats:
    """Computes an activation as Keras defines it. "softmax" is taken over the last axis.

    Raises:
        KeyError: for a name that no layer of this app has.
    """
    with np.errstate(over="ignore"):
        functions: dict[str, Callable[[], Floats]] = {
            "linear": lambda: values,
            "relu": lambda: np.maximum(values, 0.0),
            "leaky_relu": lambda: np.where(values > 0.0, values, 0.2 * values),
            "elu": lambda: np.where(values > 0.0, values, np.expm1(values)),
            "gelu": lambda: values * 0.5 * (1.0 + erf(values / np.sqrt(2.0))),
            "silu": lambda: values * expit(values),
            "sigmoid": lambda: expit(values),
            "tanh": lambda: np.tanh(values),
            "softmax": lambda: softmax(values, axis=-1),
        }
        return np.asarray(functions[name](), np.float64)


@dataclass(frozen=True)
class _Output:
    """The output number to trace: its layer, the layer's whole input, its position, and ONNX Runtime's value."""

    reader: LayerReader
    view: LayerView
    inputs: Floats
    position: tuple[int, ...]
    runtime_value: float

    @property
    def weights(self) -> Weights:
        return self.reader.weights(self.view.name)


def _convolution(output: _Output) -> ConvTrace:
    view, inputs, weights = output.view, output.inputs, output.weights
    channel = output.position[2]
    kernel = weights["kernel"][..., channel].astype(np.float64)
    bias = float(weights["bias"][channel]) if "bias" in weights else 0.0
    patch, top, left = _patch(output, inputs, outside=0.0)
    pre_activation = float((patch * kernel).sum()) + bias
    return ConvTrace(
        result=float(apply_activation(view.activation, np.array(pre_activation))),
        runtime_value=output.runtime_value,
        patch=patch,
        kernel=kernel,
        bias=bias,
        pre_activation=pre_activation,
        activation=view.activation,
        top=top,
        left=left,
        is_padded=min(top, left) < 0 or top + view.window > inputs.shape[0] or left + view.window > inputs.shape[1],
    )


def _max_pooling(output: _Output) -> MaxPoolTrace:
    block, top, left = _block(output)
    winner = divmod(int(np.nanargmax(block)), block.shape[1])
    return MaxPoolTrace(
        result=float(block[winner]), runtime_value=output.runtime_value, block=block, winner=winner, top=top, left=left
    )


def _average_pooling(output: _Output) -> MeanTrace:
    block, _, _ = _block(output)
    return MeanTrace(result=float(np.nanmean(block)), runtime_value=output.runtime_value, values=block)


def _global_average(output: _Output) -> MeanTrace:
    values = output.inputs[:, :, output.position[0]]
    return MeanTrace(result=float(values.mean()), runtime_value=output.runtime_value, values=values)


def _dense(output: _Output) -> DenseTrace:
    view, weights, unit = output.view, output.weights, output.position[-1]
    kernel = weights["kernel"].astype(np.float64)
    biases = weights["bias"].astype(np.float64) if "bias" in weights else np.zeros(kernel.shape[1])
    # On feature maps a dense layer reads the channels of its own pixel.
    inputs = output.inputs[output.position[:-1]]
    logits = inputs @ kernel + biases
    return DenseTrace(
        result=float(apply_activation(view.activation, logits)[unit]),
        runtime_value=output.runtime_value,
        inputs=inputs,
        weights=kernel[:, unit],
        bias=float(biases[unit]),
        pre_activation=float(logits[unit]),
        activation=view.activation,
        logits=logits,
    )


def _batch_normalization(output: _Output) -> BatchNormTrace:
    weights = {name: float(numbers[output.position[-1]]) for name, numbers in output.weights.items()}
    mean, variance = weights["moving_mean"], weights["moving_variance"]
    gamma, beta = weights["gamma"], weights["beta"]
    value = float(output.inputs[output.position])
    return BatchNormTrace(
        result=gamma * (value - mean) / float(np.sqrt(variance + BATCH_NORM_EPSILON)) + beta,
        runtime_value=output.runtime_value,
        value=value,
        mean=mean,
        variance=variance,
        epsilon=BATCH_NORM_EPSILON,
        gamma=gamma,
        beta=beta,
    )


def _activation(output: _Output) -> ActivationTrace:
    name, value = output.view.activation, output.inputs[output.position]
    result = float(apply_activation(name, np.array(value)))
    return ActivationTrace(result=result, runtime_value=output.runtime_value, value=float(value), activation=name)


def _dropout(output: _Output) -> CopyTrace:
    return _copy(output, output.position, 1.0)


def _flatten(output: _Output) -> CopyTrace:
    shape, (unit,) = output.view.input_shape, output.position
    return _copy(output, flat_position(shape, unit) if len(shape) == 3 else (unit,), 1.0)


def _rescaling(output: _Output) -> CopyTrace:
    return _copy(output, output.position, output.reader.spec.pixel_scale)


def _copy(output: _Output, source: tuple[int, ...], factor: float) -> CopyTrace:
    value = float(output.inputs[source])
    return CopyTrace(
        result=value * factor, runtime_value=output.runtime_value, source=source, value=value, factor=factor
    )


def _block(output: _Output) -> tuple[Floats, int, int]:
    """Returns the window of an output pixel in its own channel, (window, window), NaN in the padding, and its start."""
    channel = output.position[2]
    patch, top, left = _patch(output, output.inputs[..., channel : channel + 1], outside=np.nan)
    return patch[..., 0], top, left


def _patch(output: _Output, inputs: Floats, outside: float) -> tuple[Floats, int, int]:
    """Returns the window of an output pixel, (window, window, channels), and its first row and column."""
    view, (height, width) = output.view, inputs.shape[:2]
    top, left = window_start(height, view, output.position[0]), window_start(width, view, output.position[1])
    patch = np.full((view.window, view.window, inputs.shape[2]), outside)
    rows = slice(max(0, top), min(height, top + view.window))
    columns = slice(max(0, left), min(width, left + view.window))
    patch[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = inputs[rows, columns]
    return patch, top, left


# One function for each kind of layer.
_TRACES: Final[Mapping[str, Callable[[_Output], OutputTrace]]] = {
    "Conv2D": _convolution,
    "MaxPooling2D": _max_pooling,
    "AveragePooling2D": _average_pooling,
    "GlobalAveragePooling2D": _global_average,
    "Dense": _dense,
    "BatchNormalization": _batch_normalization,
    "Activation": _activation,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "Rescaling": _rescaling,
}
