"""From the description in a `.keras` file to a spec of this app: a chain of known layers, everything else refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from model_lib.config.layer_kinds import LAYER_KINDS
from model_lib.config.network import ACTIVATIONS, LayerSpec
from model_lib.own_networks.archive import OwnNetworkError, printable
from model_lib.own_networks.layer_entry import LayerEntry, check_chain
from model_lib.own_networks.plain_json import read_json_object

_CONTAINERS: Final = ("Sequential", "Functional", "Model")
# How much the probabilities of a network in mixed precision change when the same weights compute in 32 bits, at most:
# measured on 10,000 images by benchmarks/own_networks/mixed_precision.py.
_DIFFERENCES: Final[Mapping[str, float]] = {"mixed_float16": 0.003, "mixed_bfloat16": 0.03}
_POLICIES: Final = ("float32", *_DIFFERENCES)
_SHAPES: Final = ((28, 28), (28, 28, 1), (784,))
# Those that hold weights, as Keras calls their groups in model.weights.h5.
_GROUPS: Final[Mapping[str, str]] = {
    "Conv2D": "conv2d",
    "Dense": "dense",
    "BatchNormalization": "batch_normalization",
}
_MOST_LAYERS: Final = 60


@dataclass(frozen=True)
class WeightSource:
    """Where the weights of one layer stand in the file.

    Args:
        kind: name of its layer's class in model.weights.h5.
        number: how many layers of this class come before it.
        present: whether each of the layer's arrays, in our order, stands there; the others have a fixed value.
        title: of the layer, for messages.
    """

    kind: str
    number: int
    present: tuple[bool, ...]
    title: str


@dataclass
class Description:
    """A described network.

    Args:
        layers: those between the image and the last Dense(10).
        scale: what its own Rescaling layers multiply the pixels by.
        sources: of the layers with weights, the last Dense(10) included.
        notes: what was left out or added, in sentences.
    """

    layers: list[LayerSpec] = field(default_factory=list)
    scale: float = 1.0
    sources: list[WeightSource] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_configuration(content: bytes) -> Description:
    """Reads `config.json`.

    Raises:
        OwnNetworkError: for what is no chain of known layers from an image of 28 x 28 to ten answers; it names the
            layer.
    """
    root = read_json_object(content, "config.json")
    if root.get("class_name") not in _CONTAINERS:
        raise OwnNetworkError(
            f"The network is a “{printable(root.get('class_name'))}”. Only Sequential and Functional ones are read."
        )
    config = root.get("config")
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(config, dict) or not isinstance(layers, list) or not layers:
        raise OwnNetworkError("config.json describes no layers.")
    if len(layers) > _MOST_LAYERS:
        raise OwnNetworkError(f"The network has {len(layers)} layers; at most {_MOST_LAYERS} are read.")
    entries = [_entry(each) for each in layers]
    if root["class_name"] != "Sequential":
        check_chain(config, layers, entries)
    shape = _input_shape(root, config, entries)
    return _Builder(shape).build([each for each in entries if each.kind != "InputLayer"])


def _entry(layer: object) -> LayerEntry:
    if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
        raise OwnNetworkError("config.json has a layer without class or options.")
    kind, config = layer.get("class_name"), layer["config"]
    entry = LayerEntry(printable(kind), printable(config.get("name", layer.get("name", "without a name"))), config)
    if ".." in entry.name.replace("\\", "/").split("/"):
        raise entry.refuse("has a name that leads out of the file. Give it another one.")
    if kind in _CONTAINERS:
        raise entry.refuse("is a network inside the network. Only a plain chain of layers is read.")
    module = layer.get("module", "keras.layers")
    is_own = isinstance(module, str) and module.startswith(("keras.layers", "keras.src.layers", "tf_keras.src.layers"))
    if kind not in _READERS or not is_own:
        raise entry.refuse(f"is none of the layers that are read here: {', '.join(_READERS)}.")
    policy = config.get("dtype", "float32")
    if isinstance(policy, dict):
        inner = policy.get("config")
        policy = (
            inner.get("name")
            if policy.get("class_name") in ("DTypePolicy", "Policy") and isinstance(inner, dict)
            else "?"
        )
    if policy not in _POLICIES and kind != "InputLayer":
        raise entry.refuse(f"computes in {printable(policy)}; read are {', '.join(_POLICIES)}.")
    if config.get("quantization_config") is not None:
        raise entry.refuse("is quantized. Save the network before it is quantized.")
    return entry


def _input_shape(root: Mapping[str, Any], config: Mapping[str, Any], entries: list[LayerEntry]) -> tuple[int, ...]:
    first = entries[0].config
    build = root.get("build_config")
    candidates = (
        first.get("batch_shape"),
        first.get("batch_input_shape"),
        config.get("build_input_shape"),
        build.get("input_shape") if isinstance(build, dict) else None,
    )
    found = next((each for each in candidates if isinstance(each, list)), None)
    if found is None:
        raise OwnNetworkError(
            "The network has no input shape. Begin it with keras.Input((28, 28, 1)), or train it once."
        )
    shape = tuple(found[1:])
    if shape not in _SHAPES or any(type(each) is not int for each in shape):
        raise OwnNetworkError(
            f"The network takes inputs of {printable(list(shape))}. Images are 28 x 28, 28 x 28 x 1 or 784 numbers."
        )
    return shape


class _Builder:
    """Turns entries into specs, one after the other.

    Args:
        shape: of the input, as the file has it.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape  # as the file's layers see it
        self.is_flat = False  # whether our own layers have flattened the image
        self.found = Description()
        self.counts: dict[str, int] = {}

    def build(self, entries: list[LayerEntry]) -> Description:
        """Reads all layers; the last one with weights must be Dense(10)."""
        entries = list(entries)
        dense = [place for place, entry in enumerate(entries) if entry.kind == "Dense"]
        if not dense or entries[dense[-1]].config.get("units") != 10:
            raise OwnNetworkError("The last layer with weights must be Dense with 10 units, one for each digit.")
        for entry in entries[: dense[-1]]:
            self.add(entry)
        self.add_output(entries[dense[-1]], entries[dense[-1] + 1 :])
        policies = [str(policy) for policy in map(_policy, entries) if policy in _DIFFERENCES]
        if policies:
            most = max(_DIFFERENCES[policy] for policy in policies)
            self.found.notes.append(
                f"It computes in 16 bits where it was made (mixed precision, {policies[0]}). Here the same weights "
                f"compute in 32 bits: in networks that were measured, no probability differed by more than {most:g} "
                "from the one there, and next to no answer was another one."
            )
        return self.found

    def add(self, entry: LayerEntry) -> None:
        """Reads one layer before the last Dense(10)."""
        layer = _READERS[entry.kind](self, entry)
        if layer is None:
            return
        kind = LAYER_KINDS[layer.kind]
        if self.shape == (784,) and not self.is_flat:
            self.flatten()
        if kind.needs_image and len(self.shape) != 3:
            raise entry.refuse(f"needs images (28, 28, 1), but receives {printable(list(self.shape))}.")
        if len(self.shape) == 2 and layer.kind not in ("Dropout", "Activation"):
            raise entry.refuse(
                "works on the rows of an image of 28 x 28. Put Flatten or Reshape((28, 28, 1)) before it."
            )
        shape = kind.output_shape(layer, self.shape)
        if any(side < 1 for side in shape):
            raise entry.refuse("has a window larger than the image that it receives.")
        self.found.layers.append(layer)
        self.shape, self.is_flat = shape, self.is_flat or len(shape) == 1

    def add_output(self, entry: LayerEntry, after: list[LayerEntry]) -> None:
        """Reads the last Dense(10), and the softmax after it."""
        layer = _dense(self, entry, ("linear", "softmax"))
        if self.shape == (784,) and not self.is_flat:
            self.flatten()
        if len(self.shape) != 1:
            raise entry.refuse(f"must receive a row of numbers. Received: {printable(list(self.shape))}.")
        has_softmax = layer.activation == "softmax"  # type: ignore[comparison-overlap]
        for each in after:
            if (each.kind == "Activation" and each.config.get("activation") == "linear") or each.kind == "Dropout":
                continue
            is_softmax = each.kind == "Softmax" or (each.kind == "Activation" and _activation_name(each) == "softmax")
            if not is_softmax or has_softmax:
                raise each.refuse("stands after the last Dense(10), where only a softmax may.")
            if each.kind == "Softmax":
                each.expect("axis", (-1, 1, [-1], [1]))
            has_softmax = True
        if not has_softmax:
            self.found.notes.append(
                "It ends with logits (no softmax): softmax was added, so that it gives probabilities."
            )

    def flatten(self) -> None:
        """Lays our image out as a row, which the file's network receives from the start."""
        self.found.layers.append(LayerSpec("Flatten"))
        self.is_flat = True

    def source(self, entry: LayerEntry, present: tuple[bool, ...]) -> None:
        """Notes where a layer's weights stand. Keras numbers the groups by class, whatever the layers are called."""
        group = _GROUPS[entry.kind]
        number = self.counts.get(group, 0)
        self.counts[group] = number + 1
        self.found.sources.append(WeightSource(group, number, present, entry.title))


def _policy(entry: LayerEntry) -> object:
    policy = entry.config.get("dtype", "float32")
    return policy["config"]["name"] if isinstance(policy, dict) else policy


def _activation_name(entry: LayerEntry) -> object:
    value = entry.config.get("activation", "linear")
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value.get("config")
    return {"swish": "silu", None: "linear"}.get(value, value) if not isinstance(value, dict | list) else value


def _activation(entry: LayerEntry, more: tuple[str, ...] = ()) -> Any:
    name = _activation_name(entry)
    if name not in (more or ACTIVATIONS):
        allowed = ", ".join(more or ACTIVATIONS)
        raise entry.refuse(f"has the activation {printable(name)}; read are {allowed}.")
    return name


def _use_bias(entry: LayerEntry) -> bool:
    entry.expect("use_bias", (True, False))
    return bool(entry.config.get("use_bias", True))


def _conv2d(builder: _Builder, entry: LayerEntry) -> LayerSpec:
    entry.expect("data_format", ("channels_last", None))
    entry.expect("dilation_rate", (1, [1, 1]))
    entry.expect("groups", (1,))
    entry.expect("padding", ("valid", "same"))
    bias = _use_bias(entry)
    layer = LayerSpec(
        "Conv2D",
        filters=entry.whole("filters", 512),
        kernel_size=entry.whole("kernel_size", 28),
        strides=entry.whole("strides", 28) if "strides" in entry.config else None,
        padding=entry.config.get("padding", "valid"),
        activation=_activation(entry),
        use_bias=bias,
    )
    builder.source(entry, (True, True) if bias else (True,))
    return layer


def _dense(builder: _Builder, entry: LayerEntry, activations: tuple[str, ...] = ()) -> LayerSpec:
    bias = _use_bias(entry)
    layer = LayerSpec(
        "Dense", units=entry.whole("units", 4096), activation=_activation(entry, activations), use_bias=bias
    )
    # Our last layer always has a bias: zeros where the file's has none.
    builder.source(entry, (True, bias) if activations or bias else (True,))
    return layer


def _pooling(builder: _Builder, entry: LayerEntry) -> LayerSpec:
    entry.expect("data_format", ("channels_last", None))
    entry.expect("padding", ("valid", "same"))
    strides = entry.config.get("strides")
    return LayerSpec(
        entry.kind,
        pool_size=entry.whole("pool_size", 28),
        strides=None if strides is None else entry.whole("strides", 28),
        padding=entry.config.get("padding", "valid"),
    )


def _global_average(builder: _Builder, entry: LayerEntry) -> LayerSpec:
    entry.expect("data_format", ("channels_last", None))
    entry.expect("keepdims", (False,))
    return LayerSpec(entry.kind)


def _dropout(builder: _Builder, entry: LayerEntry) -> LayerSpec:
    rate = entry.config.get("rate")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 0.95:
        raise entry.refuse(f"has rate = {printable(rate)}; allowed is 0 to 0.95.")
    return LayerSpec("Dropout", rate=float(rate))


def _batch_normalization(builder: _Builder, entry: LayerEntry) -> LayerSpec:
    last = len(builder.shape)
    entry.expect("axis", (-1, [-1], last, [last]))
    entry.expect("epsilon", (0.001,))
    entry.expect("renorm", (False,))
    entry.expect("scale", (True, False))
    entry.expect("center", (True, False))
    builder.source(entry, (entry.config.get("scale", True), entry.config.get("center", True), True, True))
    return LayerSpec("BatchNormalization")


def _activation_layer(builder: _Builder, entry: LayerEntry) -> LayerSpec:
    return LayerSpec("Activation", activation=_activation(entry))


def _relu(builder: _Builder, entry: LayerEntry) -> LayerSpec:
    entry.expect("max_value", (None,))
    entry.expect("negative_slope", (0.0, 0))
    entry.expect("threshold", (0.0, 0))
    return LayerSpec("Activation", activation="relu")


def _flatten(builder: _Builder, entry: LayerEntry) -> LayerSpec | None:
    entry.expect("data_format", ("channels_last", None))
    if len(builder.shape) == 1:
        return None
    if len(builder.shape) == 2:
        builder.flatten()
        builder.shape = (784,)
        return None
    return LayerSpec("Flatten")


def _reshape(builder: _Builder, entry: LayerEntry) -> LayerSpec | None:
    target, size = entry.config.get("target_shape"), math.prod(builder.shape)
    if not isinstance(target, list) or any(type(each) is not int for each in target) or len(target) > 4:
        raise entry.refuse("has no target shape that can be read.")
    known = math.prod(each for each in target if each != -1)
    shape = tuple(size // known if each == -1 and known else each for each in target)
    if shape == builder.shape:
        return None
    if shape == (size,):
        return _flatten(builder, entry)
    if not builder.is_flat and builder.shape in _SHAPES and shape in _SHAPES:
        builder.found.notes.append(f"{entry.title} was left out: images have the shape 28 x 28 x 1 here already.")
        builder.shape = shape
        return None
    raise entry.refuse(f"makes {printable(list(shape))} of {printable(list(builder.shape))}. This app's layers cannot.")


def _rescaling(builder: _Builder, entry: LayerEntry) -> None:
    scale, offset = entry.config.get("scale"), entry.config.get("offset", 0.0)
    if builder.found.layers:
        raise entry.refuse("stands behind other layers. Only pixels are rescaled in this app.")
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 1e-6 <= scale <= 1e6:
        raise entry.refuse(f"has scale = {printable(scale)}; allowed is one number from 0.000001 to 1,000,000.")
    if isinstance(offset, bool) or not isinstance(offset, int | float) or offset != 0:
        raise entry.refuse(f"adds {printable(offset)} to the pixels. In this app pixels are only multiplied.")
    builder.found.scale *= scale


def _softmax(builder: _Builder, entry: LayerEntry) -> None:
    raise entry.refuse("stands before the last Dense(10). Only the last one may be followed by a softmax.")


def _input(builder: _Builder, entry: LayerEntry) -> None:
    raise entry.refuse("stands inside the network.")


_READERS: Final[Mapping[str, Callable[[_Builder, LayerEntry], LayerSpec | None]]] = {
    "InputLayer": _input,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "Conv2D": _conv2d,
    "MaxPooling2D": _pooling,
    "AveragePooling2D": _pooling,
    "GlobalAveragePooling2D": _global_average,
    "Flatten": _flatten,
    "Dense": _dense,
    "BatchNormalization": _batch_normalization,
    "Dropout": _dropout,
    "Activation": _activation_layer,
    "ReLU": _relu,
    "Softmax": _softmax,
}
