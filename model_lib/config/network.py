"""Networks as data: what layers there are, what shape each one puts out, how many parameters it learns.

Nothing here loads Keras, so a page can show a network's table while one types. That the numbers equal Keras's
own is held by tests that build random stacks with both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, get_args

from model_lib.datasets.loading import CLASSES, IMAGE_SIDE

Kind = Literal[
    "Conv2D",
    "MaxPooling2D",
    "Dropout",
    "BatchNormalization",
    "Activation",
    "Flatten",
    "GlobalAveragePooling2D",
    "Dense",
]
Activation = Literal["linear", "relu", "leaky_relu", "elu", "gelu", "silu", "sigmoid", "tanh"]
Padding = Literal["valid", "same"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
ACTIVATIONS: Final[tuple[Activation, ...]] = get_args(Activation)
PADDINGS: Final[tuple[Padding, ...]] = get_args(Padding)

IMAGE_SHAPE: Final = (IMAGE_SIDE, IMAGE_SIDE, 1)
MAX_PARAMETERS: Final = 5_000_000

# Which options each kind of layer reads; the rest of a LayerSpec is ignored and left out of its JSON.
OPTIONS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "Conv2D": ("filters", "kernel_size", "strides", "padding", "activation", "use_bias"),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "Dropout": ("rate",),
    "BatchNormalization": (),
    "Activation": ("activation",),
    "Flatten": (),
    "GlobalAveragePooling2D": (),
    "Dense": ("units", "activation", "use_bias"),
}
# Lowest and highest value of each number, both allowed.
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "filters": (1, 512),
    "kernel_size": (1, 28),
    "pool_size": (1, 28),
    "strides": (1, 28),
    "units": (1, 4096),
    "rate": (0.0, 0.95),
}
WHOLE_NUMBERS: Final = frozenset(RANGES) - {"rate"}


class NetworkError(ValueError):
    """A network that cannot be built. The message names options as programs do; a page words it from the parts.

    Args:
        message: what was expected, what was received.
        layer: the position of the layer at fault, from 0, or None for the whole.
        option: the layer's option at fault; empty if it is not a single one.
        received: the option's value.
        allowed: its lowest and highest value, both allowed, where it is a number.
    """

    def __init__(
        self,
        message: str,
        layer: int | None = None,
        option: str = "",
        received: object = None,
        allowed: tuple[float, float] | None = None,
    ) -> None:
        super().__init__(message)
        self.layer = layer
        self.option = option
        self.received = received
        self.allowed = allowed


@dataclass(frozen=True)
class LayerSpec:
    """One layer, described. Options that its kind does not read (see `OPTIONS`) have no effect.

    Args:
        kind: the Keras layer.
        filters: number of filters of a convolution.
        kernel_size: height and width of each filter, in pixels.
        pool_size: height and width of the block that pooling reduces to one number, in pixels.
        strides: step from one output pixel to the next, in input pixels; None means 1 for a convolution and
            `pool_size` for pooling, as in Keras.
        padding: "valid" drops the border, "same" pads with zeros so that the size stays.
        units: number of outputs of a dense layer.
        rate: share of values that dropout sets to zero while training, 0 to 0.95.
        activation: the function behind the layer.
        use_bias: whether a number is added to each output before the activation.
    """

    kind: Kind
    filters: int = 32
    kernel_size: int = 3
    pool_size: int = 2
    strides: int | None = None
    padding: Padding = "valid"
    units: int = 128
    rate: float = 0.25
    activation: Activation = "relu"
    use_bias: bool = True

    def options(self) -> dict[str, Any]:
        """Returns the options that this kind of layer reads, by name."""
        return {name: getattr(self, name) for name in OPTIONS[self.kind]}

    def as_dict(self) -> dict[str, Any]:
        """Returns the layer as JSON takes it: its kind and the options that differ from the usual ones."""
        usual = LayerSpec(self.kind)
        return {"kind": self.kind} | {
            name: value for name, value in self.options().items() if value != getattr(usual, name)
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> LayerSpec:
        """Reads a layer from JSON.

        Raises:
            NetworkError: for a kind or an option that does not exist.
        """
        unknown = set(entry) - {each.name for each in fields(cls)}
        if unknown or entry.get("kind") not in KINDS:
            raise NetworkError(
                f"A layer must have a `kind` of {', '.join(KINDS)} and known options. Received: {entry}."
            )
        return cls(**entry)


@dataclass(frozen=True)
class NetworkSpec:
    """A network, described: the layers between the image and the last Dense(10, softmax), which every network has.

    Two specs are equal, and have the same hash, if they describe the same network under the same name: a run's spec
    stays equal to its preset when the preset's prose is edited.

    Args:
        name: the preset's id, or whatever the visitor called it.
        layers: from the image towards the answer, without the last Dense(10).
        pixel_scale: what the pixels, 0 to 1, are multiplied by before the first layer; 255 gives the raw pixels back.
        title: what a person calls it; like the next two, no part of what is compared.
        description: one or two sentences for the page.
        source: where the network and its published numbers come from.
    """

    name: str
    layers: tuple[LayerSpec, ...]
    pixel_scale: float = 1.0
    title: str = field(default="", compare=False)
    description: str = field(default="", compare=False)
    source: str = field(default="", compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Returns the spec as JSON takes it."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {
            "layers": [layer.as_dict() for layer in self.layers]
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> NetworkSpec:
        """Reads a spec from JSON.

        Raises:
            NetworkError: for anything that is not a spec.
        """
        try:
            layers = tuple(LayerSpec.from_dict(layer) for layer in entry["layers"])
            return cls(**{**entry, "layers": layers})
        except (KeyError, TypeError) as error:
            raise NetworkError(f"A network must have `name` and `layers`. Received: {entry!r:.200}.") from error


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
    output_shape: tuple[int, ...]
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
    shape: tuple[int, ...] = IMAGE_SHAPE
    if spec.pixel_scale != 1.0:
        rows.append(LayerSummary("rescaling", "Rescaling", f"x {spec.pixel_scale:g}", shape, 0, 0))
    counts: dict[str, int] = {}
    for position, layer in enumerate(spec.layers):
        _check_options(layer, position)
        shape, parameters, trainable = _apply(layer, position, shape)
        counts[layer.kind] = counts.get(layer.kind, 0) + 1
        rows.append(
            LayerSummary(
                layer_name(layer.kind, counts[layer.kind]), layer.kind, _detail(layer), shape, parameters, trainable
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


def layer_name(kind: str, number: int) -> str:
    """Returns the Keras name of the `number`-th layer of its kind, from 1: "conv2d_1"."""
    snake = {
        "Conv2D": "conv2d",
        "MaxPooling2D": "max_pooling2d",
        "BatchNormalization": "batch_normalization",
        "GlobalAveragePooling2D": "global_average_pooling2d",
    }
    return f"{snake.get(kind, kind.lower())}_{number}"


def _check_options(layer: LayerSpec, position: int) -> None:
    for name, value in layer.options().items():
        if name in RANGES and not (name == "strides" and value is None):
            low, high = RANGES[name]
            whole = name in WHOLE_NUMBERS
            valid = isinstance(value, int | float) and math.isfinite(value) and low <= value <= high
            if not valid or (whole and value != int(value)):
                kind_of_number = "a whole number" if whole else "a number"
                raise NetworkError(
                    f"Layer {position + 1} ({layer.kind}): `{name}` must be {kind_of_number} from {low:g} to {high:g}. "
                    f"Received: {value}.",
                    position,
                    name,
                    value,
                    (low, high),
                )
        choices = {"padding": PADDINGS, "activation": ACTIVATIONS}.get(name)
        if choices is not None and value not in choices:
            raise NetworkError(
                f"Layer {position + 1} ({layer.kind}): `{name}` must be one of {', '.join(choices)}. "
                f"Received: {value}.",
                position,
                name,
                value,
            )


def _apply(layer: LayerSpec, position: int, shape: tuple[int, ...]) -> tuple[tuple[int, ...], int, int]:
    """Returns the output shape, the parameters, and how many of these are trained."""
    where = f"Layer {position + 1} ({layer.kind})"
    is_image = len(shape) == 3
    if layer.kind in ("Conv2D", "MaxPooling2D", "GlobalAveragePooling2D") and not is_image:
        raise NetworkError(
            f"{where} needs an image, but the layers before it leave a row of {shape[0]} numbers. "
            "Move it before Flatten.",
            position,
        )
    if layer.kind == "Conv2D":
        size = _window(layer, where, position, shape, layer.kernel_size, layer.strides or 1)
        weights = layer.kernel_size**2 * shape[2] * layer.filters + (layer.filters if layer.use_bias else 0)
        return (*size, layer.filters), weights, weights
    if layer.kind == "MaxPooling2D":
        size = _window(layer, where, position, shape, layer.pool_size, layer.strides or layer.pool_size)
        return (*size, shape[2]), 0, 0
    if layer.kind == "GlobalAveragePooling2D":
        return (shape[2],), 0, 0
    if layer.kind == "Flatten":
        return (math.prod(shape),), 0, 0
    if layer.kind == "BatchNormalization":
        return shape, 4 * shape[-1], 2 * shape[-1]
    if layer.kind == "Dense":
        weights = shape[-1] * layer.units + (layer.units if layer.use_bias else 0)
        return (*shape[:-1], layer.units), weights, weights
    return shape, 0, 0


def _window(
    layer: LayerSpec, where: str, position: int, shape: tuple[int, ...], window: int, stride: int
) -> tuple[int, int]:
    """Returns height and width after a window has been moved over the image."""
    if layer.padding == "same":
        height, width = (math.ceil(side / stride) for side in shape[:2])
        return height, width
    height, width = ((side - window) // stride + 1 for side in shape[:2])
    if min(height, width) < 1:
        raise NetworkError(
            f"{where}: a window of {window} x {window} pixels does not fit into an image of "
            f"{shape[0]} x {shape[1]}, so less than one pixel would be left. Make the window smaller, remove an "
            'earlier pooling, or choose the padding "same".',
            position,
        )
    return height, width


def _detail(layer: LayerSpec) -> str:
    stride = "" if layer.strides is None else f", step {layer.strides}"
    activation = "" if layer.activation == "linear" else f", {layer.activation}"
    bias = "" if layer.use_bias else ", no bias"
    if layer.kind == "Conv2D":
        size = f"{layer.kernel_size} x {layer.kernel_size}"
        return f"{layer.filters} filters, {size}, {layer.padding}{stride}{activation}{bias}"
    if layer.kind == "MaxPooling2D":
        return f"{layer.pool_size} x {layer.pool_size}, {layer.padding}{stride}"
    if layer.kind == "Dense":
        return f"{layer.units} units{activation}{bias}"
    return {"Dropout": f"{layer.rate:g}", "Activation": layer.activation}.get(layer.kind, "")


def _dimensions(shape: tuple[int, ...]) -> str:
    return " x ".join(str(side) for side in shape)
