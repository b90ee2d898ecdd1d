"""Networks as data: a layer with its options, and a chain of layers. Nothing here loads Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, get_args

from model_lib.config.layer_kinds import KINDS, LAYER_KINDS
from model_lib.config.setting import setting, settings_of
from model_lib.datasets.loading import IMAGE_SIDE

Activation = Literal["linear", "relu", "leaky_relu", "elu", "gelu", "silu", "sigmoid", "tanh"]
Padding = Literal["valid", "same"]

ACTIVATIONS: Final[tuple[Activation, ...]] = get_args(Activation)
PADDINGS: Final[tuple[Padding, ...]] = get_args(Padding)
IMAGE_SHAPE: Final = (IMAGE_SIDE, IMAGE_SIDE, 1)
_FORMER_FIELDS: Final = ("description", "source")


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
    """One layer, described. Options that its kind does not read have no effect and are left out of its JSON.

    Args:
        kind: the Keras layer, a name in `LAYER_KINDS`.
        filters: number of filters of a convolution.
        kernel_size: height and width of each filter, in pixels.
        pool_size: height and width of the block that pooling reduces to one number, in pixels.
        strides: step from one output pixel to the next, in input pixels; None means 1 for a convolution and
            `pool_size` for pooling, as in Keras.
        padding: "valid" drops the border, "same" pads with zeros so that the size stays.
        units: number of outputs of a dense layer.
        rate: share of values that dropout sets to zero while training, 0 to 0.95.
        activation: the function at the end of the layer.
        use_bias: whether a number is added to each output before the activation.
    """

    kind: str
    filters: int = setting(32, range=(1, 512), help="How many filters: each gives one feature map.")
    kernel_size: int = setting(3, range=(1, 28), help="Height and width of each filter, in pixels.")
    pool_size: int = setting(2, range=(1, 28), help="Height and width of the block that becomes one number.")
    strides: int | None = setting(
        None,
        range=(1, 28),
        placeholder="usual",
        help="Pixels from one output to the next; usual: 1, or the block of a pooling.",
    )
    padding: Padding = setting("valid", help="At the border: valid makes the image smaller, same adds zeros around it.")
    units: int = setting(128, range=(1, 4096), help="How many outputs the layer has.")
    rate: float = setting(
        0.25, range=(0.0, 0.95), step=0.05, help="Share of the values that are set to zero in training."
    )
    activation: Activation = setting("relu", help="The function applied at the end; relu makes negative values zero.")
    use_bias: bool = setting(True, help="Whether a learnt number is added before the activation.")

    def options(self) -> dict[str, Any]:
        """Returns the options that this kind of layer reads, by name."""
        return {name: getattr(self, name) for name in LAYER_KINDS[self.kind].options}

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


# Every option of a layer, by name.
OPTIONS: Final = settings_of(LayerSpec)


@dataclass(frozen=True)
class NetworkSpec:
    """A network, described: the layers between the image and the last Dense(10, softmax), which every network has.

    Two specs are equal, and have the same hash, if they describe the same network under the same name: a run's spec
    stays equal to its preset when the preset's title is edited.

    Args:
        name: the preset's id, or whatever the visitor called it.
        layers: from the image towards the answer, without the last Dense(10).
        pixel_scale: what the pixels, 0 to 1, are multiplied by before the first layer; 255 gives the raw pixels back.
        title: what a visitor calls it; not compared.
    """

    name: str
    layers: tuple[LayerSpec, ...]
    pixel_scale: float = 1.0
    title: str = field(default="", compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Returns the spec as JSON takes it."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {
            "layers": [layer.as_dict() for layer in self.layers]
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> NetworkSpec:
        """Reads a spec from JSON; the prose that older versions wrote into it is passed over.

        Raises:
            NetworkError: for anything that is not a spec.
        """
        try:
            layers = tuple(LayerSpec.from_dict(layer) for layer in entry["layers"])
            kept = {name: value for name, value in entry.items() if name not in _FORMER_FIELDS}
            return cls(**{**kept, "layers": layers})
        except (KeyError, TypeError) as error:
            raise NetworkError(f"A network must have `name` and `layers`. Received: {entry!r:.200}.") from error
