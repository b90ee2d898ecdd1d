"""Networks: from a spec to a Keras network, and from a spec to the Keras script that makes the same one."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

from model_lib.config.network import IMAGE_SHAPE, LayerSpec, NetworkError, NetworkSpec, layer_name, summarise
from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import CLASSES

if TYPE_CHECKING:
    import keras

_LARGEST_SEED: Final = 1_000_000_000

__all__ = ["PRESETS", "LayerSpec", "NetworkError", "NetworkSpec", "as_keras_script", "build_network"]


def build_network(spec: NetworkSpec, seed: int | None = None) -> keras.Model:
    """Builds the network of a spec, untrained. It is functional, so that inner layers can be read.

    Args:
        spec: the network.
        seed: sets the first weights; None draws others each time.

    Returns:
        A Keras network that takes images (n, 28, 28) or (n, 28, 28, 1), float32 from 0 (black) to 1 (white), and
        gives probabilities (n, 10). Its layers bear the names of `summarise(spec)`.

    Raises:
        NetworkError: if the stack cannot be built; it names the layer.
    """
    summarise(spec)
    import keras  # here, not above: loading TensorFlow takes seconds, and PRESETS are read by pages before that

    if seed is not None:
        keras.utils.set_random_seed(seed)
    # The layers draw their seeds here, in Keras's own way, and not from Python's common generator: other threads of a
    # worker draw from that one at any moment, and the same seed would give other weights.
    chance = random.Random(seed)
    image = keras.Input(IMAGE_SHAPE, name="image")
    outputs = image
    if spec.pixel_scale != 1.0:
        outputs = keras.layers.Rescaling(spec.pixel_scale, name="rescaling")(outputs)
    counts: dict[str, int] = {}
    for layer in spec.layers:
        counts[layer.kind] = counts.get(layer.kind, 0) + 1
        name = layer_name(layer.kind, counts[layer.kind])
        outputs = getattr(keras.layers, layer.kind)(**_arguments(layer), **_chance(layer.kind, chance), name=name)(
            outputs
        )
    # Probabilities are float32 also where the layers before them compute in 16 bits.
    last = keras.layers.Dense(CLASSES, activation="softmax", name="output", dtype="float32", **_chance("Dense", chance))
    outputs = last(outputs)
    return keras.Model(image, outputs, name=_identifier(spec.name))


def as_keras_script(spec: NetworkSpec) -> str:
    """Returns the lines of Python that build the same network with Keras alone, to take along."""
    lines = ["import keras", "", "network = keras.Sequential(", "    ["]
    lines.append(f"        keras.Input({IMAGE_SHAPE}),")
    if spec.pixel_scale != 1.0:
        lines.append(f"        keras.layers.Rescaling({spec.pixel_scale:g}),")
    for layer in spec.layers:
        arguments = ", ".join(f"{name}={value!r}" for name, value in _arguments(layer).items())
        lines.append(f"        keras.layers.{layer.kind}({arguments}),")
    lines += [f'        keras.layers.Dense({CLASSES}, activation="softmax"),', "    ]", ")", "network.summary()", ""]
    return "\n".join(lines)


def _arguments(layer: LayerSpec) -> dict[str, Any]:
    """Returns the options as Keras's layer takes them."""
    arguments = {name: value for name, value in layer.options().items() if value is not None}
    if arguments.get("use_bias") is True:
        del arguments["use_bias"]
    return arguments


def _chance(kind: str, chance: random.Random) -> dict[str, Any]:
    """Returns the options that settle what a layer leaves to chance: its first weights, or what it drops."""
    if kind not in ("Conv2D", "Dense", "Dropout"):
        return {}
    import keras

    seed = chance.randint(1, _LARGEST_SEED)
    return {"seed": seed} if kind == "Dropout" else {"kernel_initializer": keras.initializers.GlorotUniform(seed)}


def _identifier(name: str) -> str:
    """Returns the name with what Keras does not take in a name replaced."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name) or "network"
