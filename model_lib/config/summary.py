"""The table of a network: each layer with its output shape and its parameters, worked out without building it.

A page shows it while one types. That the numbers equal Keras's own is held by tests that build random stacks with both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from model_lib.config.layer_kinds import KINDS, LAYER_KINDS, Shape, after_window, layer_name, window_side
from model_lib.config.network import IMAGE_SHAPE, OPTIONS, LayerSpec, NetworkError, NetworkSpec
from model_lib.datasets.loading import CLASSES

MAX_PARAMETERS: Final = 5_000_000


@dataclass(frozen=True)
class LayerSummary:
    """One row of a network's table.

    Args:
        name: the Keras layer's name.
        kind: the Keras layer's class.
        detail: the options in words, e.g. "32 filters, 3 x 3, relu".
        output_shape: (height, width, channels) or (units,), without the batch axis.
        parameters: numbers that the layer holds.
        trainable: how many of them training changes.
    """

    name: str
    kind: str
    detail: str
    output_shape: Shape
    parameters: int
    trainable: int


def summarise(spec: NetworkSpec) -> list[LayerSummary]:
    """Works out the table of a network, the last Dense(10, softmax) included, without building it.

    Returns:
        One row a layer, from the image towards the answer.

    Raises:
        NetworkError: if the stack cannot be built: no layers, an option out of its range, pooling below one
            pixel, a convolution after the image was flattened, over 5 million parameters. It names the layer.
    """
    if not spec.layers:
        raise NetworkError("The network has no layers. Add at least one, for example Flatten.")
    rows: list[LayerSummary] = []
    shape: Shape = IMAGE_SHAPE
    if spec.pixel_scale != 1.0:
        rows.append(LayerSummary("rescaling", "Rescaling", f"x {spec.pixel_scale:g}", shape, 0, 0))
    counts: dict[str, int] = {}
    for position, layer in enumerate(spec.layers):
        kind = LAYER_KINDS.get(layer.kind)
        if kind is None:
            raise NetworkError(
                f"Layer {position + 1} must be one of {', '.join(KINDS)}. Received: {layer.kind}.", position
            )
        _check_options(layer, position)
        _check_input(layer, position, shape)
        parameters, trainable = kind.parameters(layer, shape)
        shape = kind.output_shape(layer, shape)
        counts[layer.kind] = counts.get(layer.kind, 0) + 1
        rows.append(
            LayerSummary(
                layer_name(layer.kind, counts[layer.kind]), layer.kind, kind.detail(layer), shape, parameters, trainable
            )
        )
    if len(shape) != 1:
        raise NetworkError(
            f"The last Dense(10) needs a row of numbers, but receives {_dimensions(shape)}. "
            "End the layers with Flatten or GlobalAveragePooling2D.",
            len(spec.layers) - 1,
        )
    parameters = (shape[0] + 1) * CLASSES
    rows.append(LayerSummary("output", "Dense", "10 units, softmax", (CLASSES,), parameters, parameters))
    total = sum(row.parameters for row in rows)
    if total > MAX_PARAMETERS:
        largest = max(range(len(spec.layers)), key=lambda position: rows[position - len(spec.layers) - 1].parameters)
        raise NetworkError(
            f"The network has {total:,} parameters; at most {MAX_PARAMETERS:,} are allowed, so that it trains on a "
            f"laptop. Most of them are in layer {largest + 1} ({spec.layers[largest].kind}): make it smaller, or pool "
            "before it.",
            largest,
        )
    return rows


def count_parameters(spec: NetworkSpec) -> int:
    """Returns how many numbers the network holds, trained or not."""
    return sum(row.parameters for row in summarise(spec))


def _check_options(layer: LayerSpec, position: int) -> None:
    for name, value in layer.options().items():
        option = OPTIONS[name]
        if not option.allows(value):
            raise NetworkError(
                f"{_where(layer, position)}: `{name}` must be {option.expectation}. Received: {value}.",
                position,
                name,
                value,
                option.range,
            )


def _check_input(layer: LayerSpec, position: int, shape: Shape) -> None:
    """Makes sure that a layer can take an input of this shape."""
    kind = LAYER_KINDS[layer.kind]
    if kind.needs_image and len(shape) != 3:
        raise NetworkError(
            f"{_where(layer, position)} needs an image, but the layers before it leave a row of {shape[0]} numbers. "
            "Move it before Flatten.",
            position,
        )
    if kind.window_option and min(after_window(layer, shape)) < 1:
        window = window_side(layer)
        raise NetworkError(
            f"{_where(layer, position)}: a window of {window} x {window} pixels does not fit into an image of "
            f"{shape[0]} x {shape[1]}, so less than one pixel would be left. Make the window smaller, remove an "
            'earlier pooling, or choose the padding "same".',
            position,
        )


def _where(layer: LayerSpec, position: int) -> str:
    return f"Layer {position + 1} ({layer.kind})"


def _dimensions(shape: Shape) -> str:
    return " x ".join(str(side) for side in shape)
