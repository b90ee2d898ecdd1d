"""Networks: from a spec to a Keras network, and from a spec to the Keras script that makes the same one."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

from model_lib.config.layer_kinds import LAYER_KINDS, layer_name
from model_lib.config.network import IMAGE_SHAPE, LayerSpec, NetworkError, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.summary import summarise
from model_lib.datasets.loading import CLASSES

if TYPE_CHECKING:
    import keras

_LARGEST_SEED: Final = 1_000_000_000

__all__ = ["PRESETS", "LayerSpec", "NetworkError", "NetworkSpec", "as_keras_script", "build_network"]


def build_network(spec: NetworkSpec, seed: int | None = None) -> keras.Model:
    """Builds the network of a spec, untrained. It is functional, so that inner layers can be read.

    Args:
        spec: the network.
        seed: of the initial weights; None draws others each time.

    Returns:
        A Keras network that takes images (n, 28, 28) or (n, 28, 28, 1), float32 from 0 (black) to 1 (white), and
        gives probabilities (n, 10). Its layers are named as in `summarise(spec)`.

    Raises:
        NetworkError: if the stack cannot be built; it names the layer.
    """
    summarise(spec)
    import keras  # here, not above: loading TensorFlow takes seconds, and PRESETS are read by pages before that

    if seed is not None:
        keras.utils.set_random_seed(seed)
    # The layers' seeds come from an RNG of this call's own, not from Python's global one as in Keras: other threads of
    # a worker draw from that at any moment, and the same seed would give other weights.
    rng = random.Random(seed)
    image = keras.Input(IMAGE_SHAPE, name="image")
    outputs = image
    if spec.pixel_scale != 1.0:
        outputs = keras.layers.Rescaling(spec.pixel_scale, name="rescaling")(outputs)
    counts: dict[str, int] = {}
    for layer in spec.layers:
        counts[layer.kind] = counts.get(layer.kind, 0) + 1
        name = layer_name(layer.kind, counts[layer.kind])
        make_layer = getattr(keras.layers, layer.kind)
        outputs = make_layer(**_arguments(layer), **_random_arguments(layer.kind, rng), name=name)(outputs)
    # Probabilities are float32 also where the layers before them compute in 16 bits.
    random_arguments = _random_arguments("Dense", rng)
    last = keras.layers.Dense(CLASSES, activation="softmax", name="output", dtype="float32", **random_arguments)
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


def _random_arguments(kind: str, rng: random.Random) -> dict[str, Any]:
    """Returns the seeded argument of a layer that draws its initial weights, or its dropout mask, at random."""
    argument = LAYER_KINDS[kind].random_argument
    if not argument:
        return {}
    import keras

    seed = rng.randint(1, _LARGEST_SEED)
    return {argument: seed if argument == "seed" else keras.initializers.GlorotUniform(seed)}


def _identifier(name: str) -> str:
    """Returns the name with what Keras does not take in a name replaced."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name) or "network"
