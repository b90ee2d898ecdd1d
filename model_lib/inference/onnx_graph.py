"""Builds an ONNX model from a spec and its weights: what the app computes with, and what people may take home.

Inside the graph images are channels first, as ONNX wants them; whatever leaves it has Keras's layout.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model_lib.config.layer_kinds import window_side, window_stride
from model_lib.config.network import IMAGE_SHAPE, LayerSpec, NetworkSpec
from model_lib.inference.weight_shapes import BoundLayer, bound_layers, check_weights

OPSET: Final = 17
IR_VERSION: Final = 9
INPUT: Final = "image"
OUTPUT: Final = "output"
# Keras's default; no layer of this app sets another.
BATCH_NORM_EPSILON: Final = 1e-3

_PRE_ACTIVATION: Final = "/pre_activation"
_BATCH_AXIS: Final = "n"


def pre_activation_of(layer: str) -> str:
    """Returns the name of the output that holds what a layer's activation is given."""
    return layer + _PRE_ACTIVATION


def output_shapes(spec: NetworkSpec) -> dict[str, tuple[int, ...]]:
    """Returns everything that a graph of this network can put out, with its shape, without building the graph.

    Returns:
        (height, width, channels) or (units,) by name, from the image towards the answer: every layer's output by the
        layer's name and, before it, where it has an activation, what that is given (see `pre_activation_of`).
    """
    shapes = {}
    for layer in bound_layers(spec):
        if layer.activation != "linear" or layer.kind == "Activation":
            shapes[pre_activation_of(layer.name)] = layer.output_shape
        shapes[layer.name] = layer.output_shape
    return shapes


def build_onnx_model(
    spec: NetworkSpec, weights: Sequence[NDArray[np.float32]], outputs: Sequence[str] = (OUTPUT,)
) -> onnx.ModelProto:
    """Builds the graph of a network: a node, or a few, for each layer, under the layer's name.

    Args:
        spec: the network.
        weights: as `network.get_weights()` gives them.
        outputs: what the graph puts out, by names of `output_shapes`. Each one more keeps ONNX Runtime from fusing
            the nodes around it.

    Returns:
        A model of opset 17 whose input "image" is (n, 28, 28) float32, 0 (black) to 1 (white), and whose outputs are
        (n, height, width, channels) or (n, units) float32.

    Raises:
        NetworkError: if the stack cannot be built.
        WeightsError: if the weights are not those of such a network.
        KeyError: for an output that the network does not have.
    """
    layers = bound_layers(spec)
    check_weights(layers, weights)
    shapes = output_shapes(spec)
    graph = _Graph()
    remaining = iter(weights)
    values = graph.add("Unsqueeze", INPUT, [INPUT, graph.constant("image/channel_axis", np.array([1]))], "image/nchw")
    for layer in layers:
        values = _add_layer(graph, spec, layer, values, {name: next(remaining) for name in layer.weight_shapes})
    for name in outputs:
        if len(shapes[name]) == 3:
            graph.add("Transpose", f"{name}/to_nhwc", [_nchw(name)], name, perm=[0, 2, 3, 1])
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            spec.name or "network",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [_BATCH_AXIS, *IMAGE_SHAPE[:2]])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, [_BATCH_AXIS, *shapes[name]]) for name in outputs],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )


class _Graph:
    """Nodes and constants while they are being collected."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, name: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Appends a node and returns its output."""
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=name, **attributes))
        return output

    def constant(self, name: str, array: NDArray[Any]) -> str:
        """Appends a constant and returns its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def _add_layer(
    graph: _Graph, spec: NetworkSpec, layer: BoundLayer, values: str, weights: Mapping[str, NDArray[np.float32]]
) -> str:
    """Appends the nodes of a layer and returns the tensor that holds its output."""
    is_image = len(layer.output_shape) == 3
    result = _nchw(layer.name) if is_image else layer.name
    if layer.kind == "Rescaling":
        scale = graph.constant(f"{layer.name}/scale", np.array(spec.pixel_scale, np.float32))
        return graph.add("Mul", layer.name, [values, scale], result)
    assert layer.spec is not None
    build = _BUILDERS[layer.kind]
    has_activation = layer.activation != "linear" or layer.kind == "Activation"
    before = pre_activation_of(layer.name)
    target = (_nchw(before) if is_image else before) if has_activation else result
    parameters = {name: _as_onnx(array, is_image) for name, array in weights.items()}
    constants = [graph.constant(f"{layer.name}/{name}", array) for name, array in parameters.items()]
    build(graph, layer, layer.spec, [values, *constants], target)
    if has_activation:
        _ACTIVATIONS[layer.activation](graph, f"{layer.name}/{layer.activation}", target, result)
    return result


def _nchw(name: str) -> str:
    return f"{name}/nchw"


def _as_onnx(array: NDArray[np.float32], is_image: bool) -> NDArray[np.float32]:
    """Returns a weight in ONNX's layout: a convolution's kernel (height, width, in, out) becomes (out, in, h, w)."""
    if array.ndim == 4:
        return array.transpose(3, 2, 0, 1)
    # Dense on an image works on each pixel's channels: a convolution of one pixel.
    return array.T[:, :, np.newaxis, np.newaxis] if array.ndim == 2 and is_image else array


def _same_pads(sides: Sequence[int], window: int, stride: int) -> list[int]:
    """Returns the rows above, columns left, rows below and columns right that padding "same" adds.

    An odd one more goes below and to the right. Source: TensorFlow, `tf.nn.convolution`'s notes on padding.
    """
    totals = [max((math.ceil(side / stride) - 1) * stride + window - side, 0) for side in sides]
    return [total // 2 for total in totals] + [total - total // 2 for total in totals]


def _window(layer: BoundLayer, options: LayerSpec) -> dict[str, list[int]]:
    size, stride = window_side(options), window_stride(options)
    pads = _same_pads(layer.input_shape[:2], size, stride) if options.padding == "same" else [0] * 4
    return {"kernel_shape": [size, size], "strides": [stride, stride], "pads": pads}


def _conv2d(graph: _Graph, layer: BoundLayer, options: LayerSpec, inputs: Sequence[str], target: str) -> None:
    graph.add("Conv", layer.name, inputs, target, **_window(layer, options))


def _pooling(operator: str) -> Callable[[_Graph, BoundLayer, LayerSpec, Sequence[str], str], None]:
    def build(graph: _Graph, layer: BoundLayer, options: LayerSpec, inputs: Sequence[str], target: str) -> None:
        graph.add(operator, layer.name, inputs, target, **_window(layer, options))

    return build


def _batch_normalization(
    graph: _Graph, layer: BoundLayer, options: LayerSpec, inputs: Sequence[str], target: str
) -> None:
    graph.add("BatchNormalization", layer.name, inputs, target, epsilon=BATCH_NORM_EPSILON)


def _dense(graph: _Graph, layer: BoundLayer, options: LayerSpec, inputs: Sequence[str], target: str) -> None:
    graph.add("Conv" if len(layer.output_shape) == 3 else "Gemm", layer.name, inputs, target)


def _flatten(graph: _Graph, layer: BoundLayer, options: LayerSpec, inputs: Sequence[str], target: str) -> None:
    if len(layer.input_shape) == 3:  # Keras counts the channels of a pixel first, then the next pixel
        inputs = [graph.add("Transpose", f"{layer.name}/to_nhwc", inputs, f"{target}/nhwc", perm=[0, 2, 3, 1])]
    graph.add("Flatten", layer.name, inputs, target)


def _global_average_pooling2d(
    graph: _Graph, layer: BoundLayer, options: LayerSpec, inputs: Sequence[str], target: str
) -> None:
    mean = graph.add("GlobalAveragePool", layer.name, inputs, f"{target}/nchw")
    graph.add("Flatten", f"{layer.name}/flatten", [mean], target)


def _identity(graph: _Graph, layer: BoundLayer, options: LayerSpec, inputs: Sequence[str], target: str) -> None:
    graph.add("Identity", layer.name, inputs, target)


_BUILDERS: Final[Mapping[str, Callable[[_Graph, BoundLayer, LayerSpec, Sequence[str], str], None]]] = {
    "Conv2D": _conv2d,
    "MaxPooling2D": _pooling("MaxPool"),
    "AveragePooling2D": _pooling("AveragePool"),  # in ONNX too the padding does not count
    "Dropout": _identity,
    "BatchNormalization": _batch_normalization,
    "Activation": _identity,
    "Flatten": _flatten,
    "GlobalAveragePooling2D": _global_average_pooling2d,
    "Dense": _dense,
}


def _operator(operator: str, **attributes: float) -> Callable[[_Graph, str, str, str], None]:
    def add(graph: _Graph, name: str, source: str, target: str) -> None:
        graph.add(operator, name, [source], target, **attributes)

    return add


def _gelu(graph: _Graph, name: str, source: str, target: str) -> None:
    """Appends x / 2 * (1 + erf(x / sqrt(2))), Keras's gelu without approximation; opset 20 has a node for it."""
    root, one, half = (
        graph.constant(f"{name}/{what}", np.array(value, np.float32))
        for what, value in (("root", math.sqrt(2)), ("one", 1), ("half", 0.5))
    )
    scaled = graph.add("Div", f"{name}/div", [source, root], f"{name}/scaled")
    erf = graph.add("Erf", f"{name}/erf", [scaled], f"{name}/erf")
    plus_one = graph.add("Add", f"{name}/add", [erf, one], f"{name}/erf_plus_one")
    product = graph.add("Mul", f"{name}/mul", [source, plus_one], f"{name}/product")
    graph.add("Mul", name, [product, half], target)


def _silu(graph: _Graph, name: str, source: str, target: str) -> None:
    sigmoid = graph.add("Sigmoid", f"{name}/sigmoid", [source], f"{name}/sigmoid")
    graph.add("Mul", name, [source, sigmoid], target)


_ACTIVATIONS: Final[Mapping[str, Callable[[_Graph, str, str, str], None]]] = {
    "linear": _operator("Identity"),
    "relu": _operator("Relu"),
    "leaky_relu": _operator("LeakyRelu", alpha=0.2),  # Keras's slope; ONNX's own is 0.01
    "elu": _operator("Elu"),
    "gelu": _gelu,
    "silu": _silu,
    "sigmoid": _operator("Sigmoid"),
    "tanh": _operator("Tanh"),
    "softmax": _operator("Softmax", axis=-1),
}
