"""Networks in mixed precision: how far their answers in 16 bits, by Keras, are from those of this app in 32 bits.

python -m benchmarks.own_networks.mixed_precision
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import percent, print_heading, print_table
from model_lib.datasets.loading import load_dataset
from model_lib.inference.session import InferenceNetwork
from model_lib.own_networks.reading import read_network

_POLICIES = ("mixed_float16", "mixed_bfloat16")
_TRAINED_ON = 20_000


def main() -> None:
    """Runs the program."""
    import keras

    print_heading("Networks in mixed precision, on all test images")
    data = load_dataset("mnist")
    train, test = (split.images.astype(np.float32) / 255 for split in (data.train, data.test))
    rows = []
    for policy in _POLICIES:
        for name in ("dense", "convolution"):
            keras.utils.set_random_seed(1)
            network = _network(name, policy)
            network.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
            network.fit(train[:_TRAINED_ON], data.train.labels[:_TRAINED_ON], batch_size=64, epochs=2, verbose=0)
            there = np.asarray(network.predict(test, batch_size=500, verbose=0), np.float32)
            with tempfile.TemporaryDirectory() as folder:
                network.save(Path(folder) / "network.keras")
                read = read_network((Path(folder) / "network.keras").read_bytes())
            here = InferenceNetwork(read.spec(1.0), read.weights).predict(test)
            accuracies = [float((answers.argmax(axis=1) == data.test.labels).mean()) for answers in (there, here)]
            others = int((there.argmax(axis=1) != here.argmax(axis=1)).sum())
            difference = float(np.abs(there - here).max())
            rows.append((f"{name}, {policy}", f"{difference:.4f}", str(others), *map(percent, accuracies)))
    print_table(("network", "largest difference", "other answers", "accuracy by Keras", "here"), rows)


def _network(name: str, policy: str) -> Any:
    import keras

    kinds = keras.layers
    if name == "dense":
        hidden = [kinds.Flatten(), kinds.Dense(128, "relu", dtype=policy)]
    else:
        convolution = kinds.Conv2D(8, 5, strides=2, activation="relu", dtype=policy)
        hidden = [
            kinds.Reshape((28, 28, 1)),
            convolution,
            kinds.BatchNormalization(dtype=policy),
            kinds.Flatten(),
            kinds.Dense(32, "relu", dtype=policy),
        ]
    output = [kinds.Dense(10, dtype=policy), kinds.Activation("softmax", dtype="float32")]
    return keras.Sequential([keras.Input((28, 28)), *hidden, *output])


if __name__ == "__main__":
    main()
