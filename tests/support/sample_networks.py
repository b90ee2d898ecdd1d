"""Networks for the tests that look inside: all kinds of layers, shaken weights, no training."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model_lib.config.layer_kinds import KINDS
from model_lib.config.network import ACTIVATIONS, PADDINGS, LayerSpec, NetworkSpec
from model_lib.config.training import TrainingConfig
from model_lib.networks import build_network
from model_lib.runs import create_run
from model_lib.storage.checkpoints import save_checkpoint
from model_lib.storage.run import Run

if TYPE_CHECKING:
    import keras

ALL_KINDS = NetworkSpec(
    "all_kinds",
    (
        LayerSpec("Conv2D", filters=5, kernel_size=5, strides=2, padding="same", activation="linear", use_bias=False),
        LayerSpec("BatchNormalization"),
        LayerSpec("Activation", activation="relu"),
        LayerSpec("MaxPooling2D", pool_size=3, strides=2, padding="same"),
        LayerSpec("Conv2D", filters=6, kernel_size=3, activation="tanh"),
        LayerSpec("Dropout", rate=0.5),
        LayerSpec("Conv2D", filters=4, kernel_size=2, padding="same"),
        LayerSpec("Flatten"),
        LayerSpec("Dense", units=12, activation="gelu"),
        LayerSpec("BatchNormalization"),
    ),
    pixel_scale=2.0,
    title="All kinds",
)
AVERAGED = NetworkSpec(
    "averaged",
    (
        LayerSpec("Conv2D", filters=3, kernel_size=3, padding="same", activation="silu"),
        LayerSpec("MaxPooling2D", pool_size=2),
        LayerSpec("GlobalAveragePooling2D"),
    ),
    title="Averaged",
)
DENSE = NetworkSpec("dense", (LayerSpec("Flatten"), LayerSpec("Dense", units=20)), title="Dense")
MANY_FILTERS = NetworkSpec(
    "many",
    (LayerSpec("Conv2D", filters=512, kernel_size=3, strides=4), LayerSpec("GlobalAveragePooling2D")),
    title="Many filters",
)


def random_network(rng: random.Random) -> NetworkSpec:
    """Returns a network of random layers, of all kinds and with all options; some cannot be built."""
    layers = [
        LayerSpec(
            rng.choice(KINDS),
            filters=rng.choice([1, 3, 8]),
            kernel_size=rng.randint(1, 6),
            pool_size=rng.randint(1, 4),
            strides=rng.choice([None, None, 1, 2, 3]),
            padding=rng.choice(PADDINGS),
            units=rng.choice([1, 7, 30]),
            rate=rng.choice([0.0, 0.5]),
            activation=rng.choice(ACTIVATIONS),
            use_bias=rng.random() < 0.8,
        )
        for _ in range(rng.randint(1, 7))
    ]
    return NetworkSpec("random", (*layers, LayerSpec("Flatten")))


def network_around(layer: LayerSpec) -> NetworkSpec:
    """Returns a small network with one layer between a convolution and Flatten."""
    first = LayerSpec("Conv2D", filters=3, padding="same", strides=2)
    return NetworkSpec("around", (first, layer, LayerSpec("Flatten")))


def network_with_random_weights(spec: NetworkSpec, seed: int = 0) -> keras.Model:
    """Builds a network whose biases, means and variances are not the zeros and ones of a fresh one."""
    network = build_network(spec, seed)
    random = np.random.default_rng(seed)
    for variable in network.weights:
        if variable.name == "moving_variance":
            variable.assign(random.uniform(0.5, 2.0, variable.shape))
        elif variable.name != "kernel":
            variable.assign(np.asarray(variable) + random.normal(0.0, 0.3, variable.shape))
    return network


def finished_run(spec: NetworkSpec, root: Path, dataset: str = "mnist") -> Run:
    """Writes a run with two checkpoints as a training would leave it."""
    run = create_run(spec, TrainingConfig(dataset=dataset), root)
    for epoch in (0, 1):
        save_checkpoint(run.folder, epoch, network_with_random_weights(spec, epoch).get_weights())
    run.set_state("finished")
    return run


def inner_outputs(network: keras.Model, image: np.ndarray) -> dict[str, np.ndarray]:
    """Computes all layers' outputs with a Keras model of its own: the oracle."""
    import keras  # here, so that collecting tests does not load TensorFlow

    layers = network.layers[1:]
    inner = keras.Model({"image": network.inputs[0]}, [layer.output for layer in layers])
    outputs = inner({"image": image[np.newaxis, ..., np.newaxis]}, training=False)
    return {layer.name: np.asarray(output)[0] for layer, output in zip(layers, outputs, strict=True)}
